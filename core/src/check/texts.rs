use super::{Finding, FindingCode, Param};

/// A language of texts for citizens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Italian.
    It,
    /// English.
    En,
    /// French.
    Fr,
    /// German.
    De,
}

impl Lang {
    /// Every language.
    pub const ALL: [Lang; 4] = [Lang::It, Lang::En, Lang::Fr, Lang::De];

    /// The language of a tag such as `it` or `fr-CH`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Lang> {
        match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "it" => Some(Lang::It),
            "en" => Some(Lang::En),
            "fr" => Some(Lang::Fr),
            "de" => Some(Lang::De),
            _ => None,
        }
    }
}

/// The text of a finding, with its parameters and the place put in.
pub(super) fn render(finding: &Finding, lang: Lang) -> String {
    let mut text = template(finding.code, lang).to_owned();
    for (name, value) in finding.params.iter() {
        let mark = format!("{{{name}}}");
        if text.contains(&mark) {
            let value = match value {
                // Labels may hold commas.
                Param::List(items) if name == "alternatives" => items.join(" / "),
                value => value.to_string(),
            };
            text = text.replace(&mark, &value);
        }
    }
    match finding.position {
        // For people, the first character is number one.
        Some(position) => text.replace("{position}", &(u64::from(position) + 1).to_string()),
        None => text,
    }
}

/// Italian, English, French, German. `{position}` is counted from 1.
fn template(code: FindingCode, lang: Lang) -> &'static str {
    let [it, en, fr, de] = all(code);
    match lang {
        Lang::It => it,
        Lang::En => en,
        Lang::Fr => fr,
        Lang::De => de,
    }
}

#[rustfmt::skip]
const fn all(code: FindingCode) -> [&'static str; 4] {
    use FindingCode as C;
    match code {
        C::RequiredMissing => [
            "Questo dato serve: lo aggiunga.",
            "This is needed: please add it.",
            "Cette information est nécessaire : veuillez l’ajouter.",
            "Diese Angabe wird gebraucht: Bitte ergänzen Sie sie."],
        C::RequiredAlternatives => [
            "Manca ancora uno di questi dati: {alternatives}. Ne basta uno.",
            "One of these is still missing: {alternatives}. One of them is enough.",
            "Il manque encore l’une de ces informations : {alternatives}. Une seule suffit.",
            "Eine dieser Angaben fehlt noch: {alternatives}. Eine davon genügt."],
        C::MustBeEmpty => [
            "Insieme agli altri dati questo campo deve restare vuoto: lo cancelli.",
            "Together with your other answers this has to stay empty: please clear it.",
            "Avec vos autres réponses, ce champ doit rester vide : veuillez l’effacer.",
            "Zusammen mit Ihren anderen Angaben muss dieses Feld leer bleiben: Bitte löschen Sie es."],
        C::UnknownField => [
            "Il modulo non ha questo campo: controlli il nome.",
            "The form has no such field: please check its name.",
            "Le formulaire n’a pas ce champ : veuillez vérifier son nom.",
            "Das Formular hat kein solches Feld: Bitte prüfen Sie den Namen."],
        C::DuplicateAnswer => [
            "Per questo campo ci sono due risposte: ne lasci una sola.",
            "There are two answers to this field: please keep one of them.",
            "Il y a deux réponses pour ce champ : n’en gardez qu’une.",
            "Für dieses Feld gibt es zwei Antworten: Bitte behalten Sie nur eine."],
        C::TextExpected => [
            "Qui va scritto un testo, non allegato un file.",
            "This wants a text, not a file.",
            "Il faut écrire un texte ici, pas joindre un fichier.",
            "Hier wird ein Text gebraucht, keine Datei."],
        C::FileExpected => [
            "Qui va allegato un file: scelga il documento o la foto.",
            "This wants a file: please choose the document or the photo.",
            "Il faut joindre un fichier ici : choisissez le document ou la photo.",
            "Hier wird eine Datei gebraucht: Bitte wählen Sie das Dokument oder das Foto."],
        C::UnknownKind => [
            "Non conosciamo ancora questo tipo di campo ({kind}) e non possiamo controllarlo: lo rilegga con attenzione.",
            "We do not know this kind of field ({kind}) yet and can’t check it: please read it over carefully.",
            "Nous ne connaissons pas encore ce type de champ ({kind}) et ne pouvons pas le vérifier : relisez-le attentivement.",
            "Diese Art von Feld ({kind}) kennen wir noch nicht und können sie nicht prüfen: Bitte lesen Sie es genau durch."],
        C::TextControl => [
            "Il carattere numero {position} è invisibile, forse per un copia e incolla: riscriva il testo a mano.",
            "Character {position} is invisible, perhaps from copying: please type the text again.",
            "Le caractère n° {position} est invisible, peut-être à cause d’un copier-coller : retapez le texte.",
            "Das {position}. Zeichen ist unsichtbar, vielleicht durch Kopieren: Bitte tippen Sie den Text neu."],
        C::TextTooLong => [
            "Il testo è troppo lungo: al massimo 1000 caratteri.",
            "The text is too long: at most 1000 characters.",
            "Le texte est trop long : 1000 caractères au maximum.",
            "Der Text ist zu lang: höchstens 1000 Zeichen."],
        C::ChoiceUnknown => [
            "Scelga uno dei valori previsti: {choices}.",
            "Please choose one of the listed values: {choices}.",
            "Choisissez l’une des valeurs prévues : {choices}.",
            "Bitte wählen Sie einen der vorgesehenen Werte: {choices}."],
        C::EmailForm => [
            "Un indirizzo e-mail è fatto così: nome@dominio.it. Lo ricontrolli.",
            "An e-mail address looks like name@domain.it. Please check it.",
            "Une adresse e-mail s’écrit nom@domaine.it. Veuillez la vérifier.",
            "Eine E-Mail-Adresse sieht so aus: name@domain.it. Bitte prüfen Sie sie."],
        C::EmailCharacter => [
            "Il carattere numero {position} non può stare in un indirizzo e-mail: lo tolga o lo corregga.",
            "Character {position} can’t be part of an e-mail address: please remove or correct it.",
            "Le caractère n° {position} ne peut pas figurer dans une adresse e-mail : supprimez-le ou corrigez-le.",
            "Das {position}. Zeichen kann nicht in einer E-Mail-Adresse stehen: Bitte entfernen oder berichtigen Sie es."],
        C::EmailDots => [
            "C’è un punto di troppo al carattere numero {position}: lo tolga.",
            "There is a point too many at character {position}: please remove it.",
            "Il y a un point de trop au caractère n° {position} : supprimez-le.",
            "Beim {position}. Zeichen steht ein Punkt zu viel: Bitte entfernen Sie ihn."],
        C::EmailDomain => [
            "Dopo la @ deve esserci un dominio, per esempio gmail.com: lo ricontrolli.",
            "After the @ there has to be a domain such as gmail.com: please check it.",
            "Après le @ il faut un domaine, par exemple gmail.com : veuillez vérifier.",
            "Nach dem @ muss eine Domain wie gmail.com stehen: Bitte prüfen Sie sie."],
        C::EmailTooLong => [
            "L’indirizzo e-mail è troppo lungo: lo ricontrolli.",
            "The e-mail address is too long: please check it.",
            "L’adresse e-mail est trop longue : veuillez la vérifier.",
            "Die E-Mail-Adresse ist zu lang: Bitte prüfen Sie sie."],
        C::EmailInternational => [
            "Prima della @ ci sono lettere che non tutti i servizi di posta accettano: controlli che sia giusto così.",
            "Before the @ there are letters that not every mail service accepts: please check that this is right.",
            "Avant le @ il y a des lettres que tous les services de messagerie n’acceptent pas : vérifiez que c’est exact.",
            "Vor dem @ stehen Buchstaben, die nicht jeder Maildienst annimmt: Bitte prüfen Sie, ob das stimmt."],
        C::PhoneUnlikely => [
            "Non sembra un numero di telefono a cui si possa chiamare: lo ricontrolli, con il prefisso se è estero.",
            "This does not look like a phone number that can be called: please check it, with the country code if it is abroad.",
            "Cela ne ressemble pas à un numéro de téléphone joignable : vérifiez-le, avec l’indicatif s’il est étranger.",
            "Das sieht nicht wie eine erreichbare Telefonnummer aus: Bitte prüfen Sie sie, bei ausländischen mit Ländervorwahl."],
        C::DenominazioneLetters => [
            "Qui va il nome di un’azienda o di un ente, con almeno una lettera o una cifra: lo ricontrolli.",
            "This wants the name of a company or body, with at least one letter or digit: please check it.",
            "Il faut ici le nom d’une entreprise ou d’un organisme, avec au moins une lettre ou un chiffre : veuillez le vérifier.",
            "Hier wird der Name einer Firma oder Einrichtung gebraucht, mit mindestens einem Buchstaben oder einer Ziffer: Bitte prüfen Sie ihn."],
        C::CodiceFiscaleLength => [
            "Il codice fiscale ha 16 caratteri; qui sono {length}. Lo ricopi dalla tessera sanitaria.",
            "A codice fiscale has 16 characters; this has {length}. Please copy it from the health card.",
            "Le codice fiscale a 16 caractères ; il y en a {length} ici. Recopiez-le de la carte sanitaire.",
            "Ein codice fiscale hat 16 Zeichen; hier sind es {length}. Bitte schreiben Sie ihn von der Gesundheitskarte ab."],
        C::CodiceFiscaleCharacter => [
            "Il carattere numero {position} non può stare lì in un codice fiscale: lo confronti con la tessera sanitaria.",
            "Character {position} can’t stand there in a codice fiscale: please compare it with the health card.",
            "Le caractère n° {position} ne peut pas se trouver là dans un codice fiscale : comparez avec la carte sanitaire.",
            "Das {position}. Zeichen kann an dieser Stelle eines codice fiscale nicht stehen: Bitte mit der Gesundheitskarte vergleichen."],
        C::CodiceFiscaleCase => [
            "Il codice fiscale va scritto in maiuscolo.",
            "A codice fiscale is written in capitals.",
            "Le codice fiscale s’écrit en majuscules.",
            "Ein codice fiscale wird in Großbuchstaben geschrieben."],
        C::CodiceFiscaleBlanks => [
            "Il codice fiscale va scritto senza spazi.",
            "A codice fiscale is written without blanks.",
            "Le codice fiscale s’écrit sans espaces.",
            "Ein codice fiscale wird ohne Leerzeichen geschrieben."],
        C::CodiceFiscaleMonth => [
            "La lettera numero {position}, che indica il mese di nascita, non è di nessun mese: la confronti con la tessera sanitaria.",
            "Letter {position}, for the month of birth, stands for no month: please compare it with the health card.",
            "La lettre n° {position}, pour le mois de naissance, ne correspond à aucun mois : comparez avec la carte sanitaire.",
            "Der {position}. Buchstabe, für den Geburtsmonat, steht für keinen Monat: Bitte mit der Gesundheitskarte vergleichen."],
        C::CodiceFiscaleDate => [
            "Il giorno di nascita nel codice (dal carattere numero {position}) non esiste nel calendario: lo confronti con la tessera sanitaria.",
            "The day of birth in the code (from character {position}) is not in the calendar: please compare it with the health card.",
            "Le jour de naissance dans le code (à partir du caractère n° {position}) n’existe pas : comparez avec la carte sanitaire.",
            "Den Geburtstag im Code (ab dem {position}. Zeichen) gibt es im Kalender nicht: Bitte mit der Gesundheitskarte vergleichen."],
        C::CodiceFiscaleCheck => [
            "La lettera finale di controllo non torna: da qualche parte c’è un errore di copiatura. Ricopi il codice dalla tessera sanitaria.",
            "The final check letter does not fit: somewhere it was copied wrong. Please copy the code again from the health card.",
            "La lettre finale de contrôle ne correspond pas : il y a une erreur de copie. Recopiez le code de la carte sanitaire.",
            "Der Prüfbuchstabe am Ende passt nicht: Irgendwo ist ein Abschreibfehler. Bitte schreiben Sie den Code neu von der Gesundheitskarte ab."],
        C::CodiceFiscalePlaceUnknown => [
            "Nessun comune e nessuno Stato ha il codice scritto dal carattere numero {position}: lo confronti con la tessera sanitaria.",
            "No municipality and no country has the code that begins at character {position}: please compare it with the health card.",
            "Aucune commune et aucun pays n’a le code qui commence au caractère n° {position} : comparez avec la carte sanitaire.",
            "Keine Gemeinde und kein Staat hat den Code ab dem {position}. Zeichen: Bitte mit der Gesundheitskarte vergleichen."],
        C::CodiceFiscalePlaceDates => [
            "Il comune o lo Stato di nascita scritto nel codice non esisteva alla data di nascita: può essere giusto, ma lo confronti con la tessera sanitaria.",
            "The municipality or country of birth in the code was not there on the day of birth: this may be right, but please compare it with the health card.",
            "La commune ou le pays de naissance inscrit dans le code n’existait pas à la date de naissance : cela peut être exact, mais comparez avec la carte sanitaire.",
            "Den Geburtsort im Code gab es am Geburtstag nicht: Das kann stimmen, aber bitte mit der Gesundheitskarte vergleichen."],
        C::CoherenceSurname => [
            "Il codice fiscale non corrisponde a questo cognome: ricontrolli l’uno e l’altro, anche il cognome alla nascita.",
            "The codice fiscale does not fit this surname: please check both, also for the surname at birth.",
            "Le codice fiscale ne correspond pas à ce nom de famille : vérifiez les deux, pensez aussi au nom de naissance.",
            "Der codice fiscale passt nicht zu diesem Nachnamen: Bitte prüfen Sie beide, auch auf den Geburtsnamen."],
        C::CoherenceName => [
            "Il codice fiscale non corrisponde a questo nome: ricontrolli l’uno e l’altro e scriva tutti i nomi di battesimo.",
            "The codice fiscale does not fit this given name: please check both, and write every given name.",
            "Le codice fiscale ne correspond pas à ce prénom : vérifiez les deux et écrivez tous les prénoms.",
            "Der codice fiscale passt nicht zu diesem Vornamen: Bitte prüfen Sie beide und schreiben Sie alle Vornamen."],
        C::CoherenceSwapped => [
            "Nome e cognome sembrano scambiati: ricontrolli quale va in quale campo.",
            "Name and surname seem to be swapped: please check which belongs in which field.",
            "Le prénom et le nom semblent inversés : vérifiez lequel va dans quel champ.",
            "Vorname und Nachname scheinen vertauscht: Bitte prüfen Sie, was in welches Feld gehört."],
        C::CoherenceSex => [
            "Il sesso indicato non è quello scritto nel codice fiscale: ricontrolli l’uno e l’altro.",
            "The sex given is not the one in the codice fiscale: please check both.",
            "Le sexe indiqué n’est pas celui inscrit dans le codice fiscale : vérifiez les deux.",
            "Das angegebene Geschlecht ist nicht das im codice fiscale: Bitte prüfen Sie beide."],
        C::CoherenceBirthDate => [
            "La data di nascita non è quella scritta nel codice fiscale: ricontrolli l’una e l’altro.",
            "The date of birth is not the one in the codice fiscale: please check both.",
            "La date de naissance n’est pas celle inscrite dans le codice fiscale : vérifiez les deux.",
            "Das Geburtsdatum ist nicht das im codice fiscale: Bitte prüfen Sie beide."],
        C::CoherenceBirthplace => [
            "Il luogo di nascita non è quello scritto nel codice fiscale: ricontrolli l’uno e l’altro.",
            "The place of birth is not the one in the codice fiscale: please check both.",
            "Le lieu de naissance n’est pas celui inscrit dans le codice fiscale : vérifiez les deux.",
            "Der Geburtsort ist nicht der im codice fiscale: Bitte prüfen Sie beide."],
        C::PartitaIvaLength => [
            "La partita IVA ha 11 cifre: la ricontrolli.",
            "A partita IVA has 11 digits: please check it.",
            "La partita IVA a 11 chiffres : veuillez la vérifier.",
            "Eine partita IVA hat 11 Ziffern: Bitte prüfen Sie sie."],
        C::PartitaIvaCharacter => [
            "Il carattere numero {position} non è una cifra: lo corregga.",
            "Character {position} is not a digit: please correct it.",
            "Le caractère n° {position} n’est pas un chiffre : corrigez-le.",
            "Das {position}. Zeichen ist keine Ziffer: Bitte berichtigen Sie es."],
        C::PartitaIvaPrefix => [
            "Scriva solo le 11 cifre, senza IT davanti e senza spazi.",
            "Please write the 11 digits only, without IT before them and without blanks.",
            "N’écrivez que les 11 chiffres, sans IT devant et sans espaces.",
            "Bitte nur die 11 Ziffern schreiben, ohne IT davor und ohne Leerzeichen."],
        C::PartitaIvaZero => [
            "Undici zeri non sono una partita IVA: scriva quella vera.",
            "Eleven zeros are no partita IVA: please write the real one.",
            "Onze zéros ne sont pas une partita IVA : écrivez la vraie.",
            "Elf Nullen sind keine partita IVA: Bitte schreiben Sie die richtige."],
        C::PartitaIvaCheck => [
            "L’ultima cifra non torna con le altre: c’è un errore di copiatura. La ricopi da un documento.",
            "The last digit does not fit the others: it was copied wrong. Please copy it from a document.",
            "Le dernier chiffre ne correspond pas aux autres : il y a une erreur de copie. Recopiez-la d’un document.",
            "Die letzte Ziffer passt nicht zu den anderen: ein Abschreibfehler. Bitte von einem Dokument abschreiben."],
        C::PartitaIvaOffice => [
            "Le cifre dalla 8ª alla 10ª non indicano un ufficio conosciuto: controlli che il numero sia giusto.",
            "Digits 8 to 10 name no known office: please check that the number is right.",
            "Les chiffres 8 à 10 n’indiquent aucun bureau connu : vérifiez que le numéro est exact.",
            "Die Ziffern 8 bis 10 nennen kein bekanntes Amt: Bitte prüfen Sie, ob die Nummer stimmt."],
        C::DateForm => [
            "La data va scritta giorno-mese-anno, per esempio 05-03-2024.",
            "A date is written day-month-year, such as 05-03-2024.",
            "La date s’écrit jour-mois-année, par exemple 05-03-2024.",
            "Ein Datum wird Tag-Monat-Jahr geschrieben, zum Beispiel 05-03-2024."],
        C::DateCalendar => [
            "Questo giorno non esiste nel calendario: ricontrolli la data.",
            "This day is not in the calendar: please check the date.",
            "Ce jour n’existe pas dans le calendrier : vérifiez la date.",
            "Diesen Tag gibt es im Kalender nicht: Bitte prüfen Sie das Datum."],
        C::MunicipalityForm => [
            "Il codice del comune è una lettera maiuscola seguita da tre cifre, per esempio H501.",
            "The code of a municipality is a capital letter and three digits, such as H501.",
            "Le code d’une commune est une lettre majuscule suivie de trois chiffres, par exemple H501.",
            "Der Code einer Gemeinde ist ein Großbuchstabe mit drei Ziffern, zum Beispiel H501."],
        C::MunicipalityUnknown => [
            "Nessun comune e nessuno Stato ha questo codice: lo ricontrolli.",
            "No municipality and no country has this code: please check it.",
            "Aucune commune et aucun pays n’a ce code : veuillez le vérifier.",
            "Keine Gemeinde und kein Staat hat diesen Code: Bitte prüfen Sie ihn."],
        C::ProvinceForm => [
            "La provincia si scrive con due lettere maiuscole, per esempio RM.",
            "A province is written with two capital letters, such as RM.",
            "La province s’écrit avec deux lettres majuscules, par exemple RM.",
            "Eine Provinz wird mit zwei Großbuchstaben geschrieben, zum Beispiel RM."],
        C::ProvinceUnknown => [
            "Nessuna provincia italiana ha questa sigla: la ricontrolli.",
            "No Italian province has these letters: please check them.",
            "Aucune province italienne n’a ce sigle : veuillez le vérifier.",
            "Keine italienische Provinz hat dieses Kürzel: Bitte prüfen Sie es."],
        C::ReaForm => [
            "Il numero REA è fatto di sole cifre, al massimo sette, per esempio 404661: scriva la provincia a parte.",
            "A REA number is made of digits only, at most seven, such as 404661: please write the province apart.",
            "Le numéro REA n’a que des chiffres, sept au maximum, par exemple 404661 : écrivez la province à part.",
            "Eine REA-Nummer besteht nur aus Ziffern, höchstens sieben, zum Beispiel 404661: Bitte schreiben Sie die Provinz getrennt."],
        C::FileEmpty => [
            "Il file è vuoto: ne scelga un altro.",
            "The file is empty: please choose another one.",
            "Le fichier est vide : choisissez-en un autre.",
            "Die Datei ist leer: Bitte wählen Sie eine andere."],
        C::FileTooLarge => [
            "Il file è troppo grande: al massimo {limit} MB. Lo scansioni a risoluzione più bassa.",
            "The file is too large: at most {limit} MB. Please scan it at a lower resolution.",
            "Le fichier est trop grand : {limit} Mo au maximum. Numérisez-le avec une résolution plus basse.",
            "Die Datei ist zu groß: höchstens {limit} MB. Bitte scannen Sie mit geringerer Auflösung."],
        C::FileUnknown => [
            "Questo file non è un documento o una foto che l’ufficio possa aprire: servono PDF, JPEG, PNG, HEIC, TIFF o P7M.",
            "This file is no document or photo that the office can open: it takes PDF, JPEG, PNG, HEIC, TIFF or P7M.",
            "Ce fichier n’est ni un document ni une photo que le bureau puisse ouvrir : il faut PDF, JPEG, PNG, HEIC, TIFF ou P7M.",
            "Diese Datei ist kein Dokument oder Foto, das das Amt öffnen kann: PDF, JPEG, PNG, HEIC, TIFF oder P7M werden gebraucht."],
        C::FileDisagrees => [
            "Il contenuto è {content}, ma il nome o il tipo dichiarato dicono {declared}: scelga il file giusto o gli dia il nome giusto.",
            "The content is {content}, but the name or the declared type says {declared}: please choose the right file or give it the right name.",
            "Le contenu est {content}, mais le nom ou le type déclaré dit {declared} : choisissez le bon fichier ou donnez-lui le bon nom.",
            "Der Inhalt ist {content}, aber Name oder Angabe sagen {declared}: Bitte wählen Sie die richtige Datei oder den richtigen Namen."],
        C::FileLocked => [
            "Il PDF è protetto da password e l’ufficio non può aprirlo: lo salvi senza password.",
            "The PDF is protected by a password and the office can’t open it: please save it without one.",
            "Le PDF est protégé par un mot de passe et le bureau ne peut pas l’ouvrir : enregistrez-le sans mot de passe.",
            "Das PDF ist mit einem Passwort geschützt und das Amt kann es nicht öffnen: Bitte speichern Sie es ohne Passwort."],
        C::FileTruncated => [
            "Il PDF sembra incompleto: lo apra e controlli che ci siano tutte le pagine.",
            "The PDF seems incomplete: please open it and check that every page is there.",
            "Le PDF semble incomplet : ouvrez-le et vérifiez que toutes les pages y sont.",
            "Das PDF scheint unvollständig: Bitte öffnen Sie es und prüfen Sie, ob alle Seiten da sind."],
        C::FileName => [
            "Il nome del file ha caratteri che verranno sostituiti: può andare avanti, o rinominarlo.",
            "The file’s name has characters that will be replaced: you may go on, or rename it.",
            "Le nom du fichier contient des caractères qui seront remplacés : vous pouvez continuer ou le renommer.",
            "Der Dateiname enthält Zeichen, die ersetzt werden: Sie können fortfahren oder ihn ändern."],
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::parameters;
    use super::*;

    #[test]
    fn every_code_has_four_different_texts_and_finds_their_parameters() {
        let known = parameters();
        for code in FindingCode::ALL {
            let texts = all(*code);
            for (index, text) in texts.iter().enumerate() {
                assert!(text.len() > 20 && text.ends_with('.'), "{code}: {text}");
                assert!(
                    !texts[..index].contains(text),
                    "{code} says the same in two languages"
                );
                for mark in text
                    .split('{')
                    .skip(1)
                    .map(|rest| rest.split('}').next().unwrap())
                {
                    let listed = known.get(code).is_some_and(|names| names.contains(&mark));
                    assert!(listed || mark == "position", "{code} has no parameter {mark}");
                }
            }
            let marks = |text: &str| text.matches('{').count();
            assert!(
                texts.iter().all(|text| marks(text) == marks(texts[0])),
                "{code}: a parameter is lost in translation"
            );
        }
    }

    #[test]
    fn tags_of_languages_are_known() {
        assert_eq!(Lang::from_tag("de-AT"), Some(Lang::De));
        assert_eq!(Lang::from_tag("es"), None);
    }
}
