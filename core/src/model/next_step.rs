use serde::{Deserialize, Serialize};

use super::{Phase, Progress, RemoteSubmission};
use crate::check::Lang;

/// What a person does next about a submission. The office's own words, where there are any, stand beside it in
/// [`RemoteSubmission::note`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// It is a draft: finish it and hand it in.
    HandIn,
    /// Nothing: the office is at work.
    Wait,
    /// Choose one of the results; that is paid.
    Choose,
    /// Nothing was found: search again with other terms, which is paid, or leave it.
    SearchAgain,
    /// Fetch the documents: the provider deletes them after a while.
    Fetch,
    /// The office has said something: read it and do it, perhaps send further documents.
    ReadNote,
    /// The office has cancelled it. There is no call to cancel or to refund: the reason, and what becomes of the money, is for the
    /// provider's support.
    AskSupport,
    /// The draft no longer exists and nothing was paid: hand in again.
    HandInAgain,
    /// The provider says something that this version does not know: look it up with the provider.
    LookUp,
}

impl NextStep {
    /// Every step.
    pub const ALL: [NextStep; 9] = [
        NextStep::HandIn,
        NextStep::Wait,
        NextStep::Choose,
        NextStep::SearchAgain,
        NextStep::Fetch,
        NextStep::ReadNote,
        NextStep::AskSupport,
        NextStep::HandInAgain,
        NextStep::LookUp,
    ];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            NextStep::HandIn => "hand_in",
            NextStep::Wait => "wait",
            NextStep::Choose => "choose",
            NextStep::SearchAgain => "search_again",
            NextStep::Fetch => "fetch",
            NextStep::ReadNote => "read_note",
            NextStep::AskSupport => "ask_support",
            NextStep::HandInAgain => "hand_in_again",
            NextStep::LookUp => "look_up",
        }
    }

    /// The step in a sentence for the person it is up to.
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (NextStep::HandIn, Lang::It) => "La domanda è una bozza: la completi e la invii.",
            (NextStep::HandIn, Lang::En) => "The request is a draft: complete it and hand it in.",
            (NextStep::HandIn, Lang::Fr) => "La demande est un brouillon : complétez-la et envoyez-la.",
            (NextStep::HandIn, Lang::De) => {
                "Der Antrag ist ein Entwurf: vervollständigen Sie ihn und reichen Sie ihn ein."
            }
            (NextStep::Wait, Lang::It) => "Non deve fare nulla: l'ufficio sta lavorando la domanda.",
            (NextStep::Wait, Lang::En) => "There is nothing to do: the office is working on the request.",
            (NextStep::Wait, Lang::Fr) => "Vous n'avez rien à faire : le bureau traite la demande.",
            (NextStep::Wait, Lang::De) => "Sie müssen nichts tun: Die Stelle bearbeitet den Antrag.",
            (NextStep::Choose, Lang::It) => "Scelga uno dei risultati trovati; la scelta è a pagamento.",
            (NextStep::Choose, Lang::En) => "Choose one of the results found; the choice is paid for.",
            (NextStep::Choose, Lang::Fr) => "Choisissez l'un des résultats trouvés ; ce choix est payant.",
            (NextStep::Choose, Lang::De) => {
                "Wählen Sie eines der gefundenen Ergebnisse; die Auswahl ist kostenpflichtig."
            }
            (NextStep::SearchAgain, Lang::It) => {
                "La ricerca non ha trovato nulla: può cercare di nuovo con altri dati, a pagamento, oppure fermarsi qui."
            }
            (NextStep::SearchAgain, Lang::En) => {
                "The search found nothing: search again with other data, which is paid for, or leave it."
            }
            (NextStep::SearchAgain, Lang::Fr) => {
                "La recherche n'a rien trouvé : recommencez avec d'autres données, ce qui est payant, ou arrêtez-vous là."
            }
            (NextStep::SearchAgain, Lang::De) => {
                "Die Suche hat nichts gefunden: Suchen Sie mit anderen Angaben noch einmal, was kostenpflichtig ist, oder lassen Sie es."
            }
            (NextStep::Fetch, Lang::It) => {
                "I documenti sono pronti: li scarichi, perché dopo un po' vengono cancellati."
            }
            (NextStep::Fetch, Lang::En) => {
                "The documents are ready: fetch them, because they are deleted after a while."
            }
            (NextStep::Fetch, Lang::Fr) => {
                "Les documents sont prêts : téléchargez-les, car ils sont supprimés après un certain temps."
            }
            (NextStep::Fetch, Lang::De) => {
                "Die Dokumente sind fertig: Holen Sie sie ab, denn nach einiger Zeit werden sie gelöscht."
            }
            (NextStep::ReadNote, Lang::It) => {
                "L'ufficio ha lasciato un messaggio: lo legga e faccia quanto chiede, per esempio inviare altri documenti."
            }
            (NextStep::ReadNote, Lang::En) => {
                "The office has left a message: read it and do what it asks, such as sending further documents."
            }
            (NextStep::ReadNote, Lang::Fr) => {
                "Le bureau a laissé un message : lisez-le et faites ce qu'il demande, par exemple envoyer d'autres documents."
            }
            (NextStep::ReadNote, Lang::De) => {
                "Die Stelle hat eine Nachricht hinterlassen: Lesen Sie sie und tun Sie, was sie verlangt, etwa weitere Unterlagen senden."
            }
            (NextStep::AskSupport, Lang::It) => {
                "L'ufficio ha annullato la domanda. Da qui non si può chiedere un rimborso: per il motivo e per il denaro scriva all'assistenza del fornitore con il numero della richiesta."
            }
            (NextStep::AskSupport, Lang::En) => {
                "The office has cancelled the request. A refund can't be asked for from here: for the reason and the money, write to the provider's support with the request's id."
            }
            (NextStep::AskSupport, Lang::Fr) => {
                "Le bureau a annulé la demande. Un remboursement ne peut pas être demandé d'ici : pour le motif et l'argent, écrivez à l'assistance du fournisseur avec le numéro de la demande."
            }
            (NextStep::AskSupport, Lang::De) => {
                "Die Stelle hat den Antrag storniert. Eine Erstattung lässt sich von hier aus nicht verlangen: Wegen des Grundes und des Geldes wenden Sie sich mit der Nummer des Antrags an den Support des Anbieters."
            }
            (NextStep::HandInAgain, Lang::It) => {
                "La bozza non esiste più e nulla è stato pagato: invii di nuovo la domanda."
            }
            (NextStep::HandInAgain, Lang::En) => {
                "The draft no longer exists and nothing was paid: hand the request in again."
            }
            (NextStep::HandInAgain, Lang::Fr) => {
                "Le brouillon n'existe plus et rien n'a été payé : envoyez de nouveau la demande."
            }
            (NextStep::HandInAgain, Lang::De) => {
                "Der Entwurf besteht nicht mehr, und es wurde nichts bezahlt: Reichen Sie den Antrag noch einmal ein."
            }
            (NextStep::LookUp, Lang::It) => {
                "Il fornitore indica uno stato che questa versione non conosce: controlli la richiesta sul suo sito."
            }
            (NextStep::LookUp, Lang::En) => {
                "The provider names a state that this version does not know: look the request up on its site."
            }
            (NextStep::LookUp, Lang::Fr) => {
                "Le fournisseur indique un état que cette version ne connaît pas : consultez la demande sur son site."
            }
            (NextStep::LookUp, Lang::De) => {
                "Der Anbieter nennt einen Stand, den diese Version nicht kennt: Sehen Sie den Antrag auf seiner Website nach."
            }
        }
    }
}

impl RemoteSubmission {
    /// What a person does next.
    #[must_use]
    pub fn next_step(&self) -> NextStep {
        NextStep::of(self.progress, self.phase, self.note.is_some())
    }
}

impl NextStep {
    /// What a person does next about a submission that has come so far; `has_note` where the office has said something.
    #[must_use]
    pub const fn of(progress: Progress, phase: Phase, has_note: bool) -> NextStep {
        match (progress, phase) {
            (Progress::Cancelled, Phase::Dead) => NextStep::HandInAgain,
            (Progress::Cancelled, _) => NextStep::AskSupport,
            (Progress::Draft, _) => NextStep::HandIn,
            (Progress::ChoiceNeeded, _) => NextStep::Choose,
            (Progress::NoResults, _) => NextStep::SearchAgain,
            (Progress::Delivered, _) => NextStep::Fetch,
            // While it is at work, what the office says is what it asks for.
            (Progress::Searching | Progress::Processing | Progress::DataReady, _) if has_note => {
                NextStep::ReadNote
            }
            (Progress::Searching | Progress::Processing | Progress::DataReady, _) => NextStep::Wait,
            (Progress::Unknown, _) if has_note => NextStep::ReadNote,
            (Progress::Unknown, _) => NextStep::LookUp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_a_text_of_its_own_in_every_language() {
        let mut texts = std::collections::BTreeSet::new();
        for step in NextStep::ALL {
            assert_eq!(serde_json::to_value(step).unwrap(), step.as_str());
            for lang in Lang::ALL {
                let text = step.text(lang);
                assert!(text.ends_with('.') && text.len() > 20, "{text}");
                assert!(texts.insert(text), "{text}");
            }
        }
    }
}
