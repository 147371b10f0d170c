use super::FieldRole;
use crate::check::Lang;
use crate::model::Field;

/// What a person reads beside a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldWords<'a> {
    /// The provider's own label.
    pub provider_label: &'a str,
    /// The language of the provider's label: to be marked as such where a page is in another.
    pub provider_lang: Lang,
    /// The label in the reader's language, where the field is recognised. It does not say whose the answer is, so it stands beside the provider's.
    pub label: Option<&'static str>,
    /// One line that says what to write or to attach.
    pub help: Option<&'static str>,
}

impl Field {
    /// The field's label and help for a reader of this language.
    #[must_use]
    pub fn words(&self, lang: Lang) -> FieldWords<'_> {
        let role = self.recognised.map(|recognised| recognised.role);
        FieldWords {
            provider_label: &self.label,
            provider_lang: Lang::It,
            label: role.map(|role| role.label(lang)),
            help: role.map(|role| role.help(lang)),
        }
    }
}

impl FieldRole {
    /// A label for people who read no Italian, to stand beside the provider's own.
    #[must_use]
    pub const fn label(self, lang: Lang) -> &'static str {
        of(words(self).0, lang)
    }

    /// One line that says what to write or to attach.
    #[must_use]
    pub const fn help(self, lang: Lang) -> &'static str {
        of(words(self).1, lang)
    }
}

const fn of(texts: [&'static str; 4], lang: Lang) -> &'static str {
    let [it, en, fr, de] = texts;
    match lang {
        Lang::It => it,
        Lang::En => en,
        Lang::Fr => fr,
        Lang::De => de,
    }
}

/// Label and help, each in Italian, English, French, German.
#[rustfmt::skip]
const fn words(role: FieldRole) -> ([&'static str; 4], [&'static str; 4]) {
    match role {
        FieldRole::GivenName => (
            ["Nome", "Given name", "Prénom", "Vorname"],
            ["Tutti i nomi, come sul documento di identità.",
             "Every given name, as on the identity document.",
             "Tous les prénoms, comme sur la pièce d’identité.",
             "Alle Vornamen, wie im Ausweis."]),
        FieldRole::Surname => (
            ["Cognome", "Surname", "Nom de famille", "Nachname"],
            ["Il cognome, come sul documento di identità.",
             "The surname, as on the identity document.",
             "Le nom de famille, comme sur la pièce d’identité.",
             "Der Nachname, wie im Ausweis."]),
        FieldRole::BirthDate => (
            ["Data di nascita", "Date of birth", "Date de naissance", "Geburtsdatum"],
            ["Giorno-mese-anno, per esempio 05-03-1990.",
             "Day-month-year, such as 05-03-1990.",
             "Jour-mois-année, par exemple 05-03-1990.",
             "Tag-Monat-Jahr, zum Beispiel 05-03-1990."]),
        FieldRole::Birthplace => (
            ["Luogo di nascita", "Place of birth", "Lieu de naissance", "Geburtsort"],
            ["Il comune italiano, oppure lo Stato estero.",
             "The Italian municipality, or the country if it was abroad.",
             "La commune italienne, ou le pays si c’était à l’étranger.",
             "Die italienische Gemeinde, oder das Land, wenn es im Ausland war."]),
        FieldRole::Sex => (
            ["Sesso", "Sex", "Sexe", "Geschlecht"],
            ["M per maschio, F per femmina, come sul documento di identità.",
             "M for male, F for female, as on the identity document.",
             "M pour masculin, F pour féminin, comme sur la pièce d’identité.",
             "M für männlich, F für weiblich, wie im Ausweis."]),
        FieldRole::CodiceFiscale => (
            ["Codice fiscale", "Italian tax code (codice fiscale)", "Code fiscal italien (codice fiscale)", "Italienische Steuernummer (codice fiscale)"],
            ["16 lettere e cifre in maiuscolo, come sulla tessera sanitaria.",
             "16 capital letters and digits, as on the health card (tessera sanitaria).",
             "16 lettres majuscules et chiffres, comme sur la carte sanitaire (tessera sanitaria).",
             "16 Großbuchstaben und Ziffern, wie auf der Gesundheitskarte (tessera sanitaria)."]),
        FieldRole::Email => (
            ["E-mail", "E-mail address", "Adresse e-mail", "E-Mail-Adresse"],
            ["Un indirizzo che legge spesso, per esempio nome@dominio.it.",
             "An address that you read often, such as name@domain.it.",
             "Une adresse que vous lisez souvent, par exemple nom@domaine.it.",
             "Eine Adresse, die Sie oft lesen, zum Beispiel name@domain.it."]),
        FieldRole::Phone => (
            ["Cellulare", "Mobile phone", "Téléphone portable", "Mobiltelefon"],
            ["Il numero a cui risponde, con il prefisso se è estero.",
             "The number that you answer, with the country code if it is abroad.",
             "Le numéro auquel vous répondez, avec l’indicatif s’il est étranger.",
             "Die Nummer, unter der Sie erreichbar sind, bei ausländischen mit Ländervorwahl."]),
        FieldRole::IdentityDocument => (
            ["Documento di identità, fronte e retro", "Identity document, front and back", "Pièce d’identité, recto et verso", "Ausweis, Vorder- und Rückseite"],
            ["Una scansione o foto leggibile dei due lati, in un solo file.",
             "A readable scan or photo of both sides, in one file.",
             "Un scan ou une photo lisible des deux côtés, en un seul fichier.",
             "Ein lesbarer Scan oder ein Foto beider Seiten, in einer Datei."]),
        FieldRole::CodiceFiscaleCard => (
            ["Tessera sanitaria, fronte e retro", "Health card with the tax code, front and back", "Carte sanitaire avec le code fiscal, recto et verso", "Gesundheitskarte mit Steuernummer, Vorder- und Rückseite"],
            ["Una scansione o foto leggibile dei due lati, in un solo file.",
             "A readable scan or photo of both sides, in one file.",
             "Un scan ou une photo lisible des deux côtés, en un seul fichier.",
             "Ein lesbarer Scan oder ein Foto beider Seiten, in einer Datei."]),
        FieldRole::Mandate => (
            ["Mandato di assistenza e rappresentanza", "Mandate of assistance and representation", "Mandat d’assistance et de représentation", "Vollmacht zur Beratung und Vertretung"],
            ["Il modulo del patronato, firmato a mano e scansionato.",
             "The advice office’s form (patronato), signed by hand and scanned.",
             "Le formulaire du bureau d’assistance (patronato), signé à la main et numérisé.",
             "Das Formular der Beratungsstelle (patronato), von Hand unterschrieben und gescannt."]),
        FieldRole::Iban => (
            ["IBAN", "IBAN (bank account)", "IBAN (compte bancaire)", "IBAN (Bankkonto)"],
            ["Il conto su cui ricevere i pagamenti, intestato a chi fa domanda.",
             "The account to be paid to, in the applicant’s own name.",
             "Le compte sur lequel recevoir les paiements, au nom du demandeur.",
             "Das Konto für die Zahlungen, auf den Namen der antragstellenden Person."]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_a_label_and_one_line_of_help_in_four_languages() {
        for role in FieldRole::ALL {
            for lang in Lang::ALL {
                let (label, help) = (role.label(lang), role.help(lang));
                assert!(!label.is_empty() && !label.ends_with('.'), "{label}");
                assert!(
                    help.ends_with('.') && help.len() > 15 && !help.contains('\n'),
                    "{help}"
                );
            }
            let helps: std::collections::BTreeSet<_> =
                Lang::ALL.iter().map(|lang| role.help(*lang)).collect();
            assert_eq!(helps.len(), 4, "{}", role.as_str());
        }
    }
}
