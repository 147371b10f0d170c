use std::fmt;

use serde::{Serialize, Serializer};

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The provider would refuse it, or it is surely wrong.
    Error,
    /// A likely mistake: somebody should look, and may accept it by its code.
    Warning,
}

impl Severity {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

macro_rules! finding_codes {
    ($( $variant:ident = $code:literal, $severity:ident, $what:literal; )*) => {
        /// What a finding says. Stable: programs branch on it, translations hang on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FindingCode { $( #[doc = concat!("`", $code, "`: ", $what, ".")] $variant, )* }

        impl FindingCode {
            /// Every code.
            pub const ALL: &'static [FindingCode] = &[ $( FindingCode::$variant, )* ];

            /// The stable dotted name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( FindingCode::$variant => $code, )* }
            }

            /// How serious it is.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $( FindingCode::$variant => Severity::$severity, )* }
            }
        }
    };
}

finding_codes! {
    RequiredMissing = "required.missing", Error, "a field that can't be done without is empty";
    RequiredAlternatives = "required.alternatives", Error, "one of several fields, or groups of fields, is needed";
    MustBeEmpty = "rule.must_be_empty", Error, "a field is filled that must be empty";
    UnknownField = "answer.unknown_field", Error, "an answer to a field that the form does not have";
    DuplicateAnswer = "answer.duplicate", Error, "two answers to one field";
    TextExpected = "answer.text_expected", Error, "a file where a text is asked for";
    FileExpected = "answer.file_expected", Error, "a text where a file is asked for";
    UnknownKind = "field.unknown_kind", Warning, "a field of a kind this version does not know was taken as text";
    TextControl = "text.control_character", Error, "a character that can't be seen or typed";
    TextTooLong = "text.too_long", Error, "a text longer than 1000 characters";
    ChoiceUnknown = "choice.unknown", Error, "not one of the listed values";
    EmailForm = "email.form", Error, "not the form of an e-mail address";
    EmailCharacter = "email.character", Error, "a character that an e-mail address can't have";
    EmailDots = "email.dots", Error, "a point at the beginning or end of a part, or two together";
    EmailDomain = "email.domain", Error, "what follows the @ is not the name of a mail domain";
    EmailTooLong = "email.too_long", Error, "longer than an e-mail address can be";
    EmailInternational = "email.international", Warning, "letters before the @ that not every mail system accepts";
    PhoneUnlikely = "phone.unlikely", Warning, "not a phone number that could be called";
    DenominazioneLetters = "denominazione.no_letters", Warning, "a name without a letter or digit";
    CodiceFiscaleLength = "codice_fiscale.length", Error, "not as many characters as a codice fiscale has";
    CodiceFiscaleCharacter = "codice_fiscale.character", Error, "a character that can't stand in this place";
    CodiceFiscaleCase = "codice_fiscale.case", Error, "small letters, which the provider does not accept";
    CodiceFiscaleBlanks = "codice_fiscale.blanks", Error, "blanks within or around the code";
    CodiceFiscaleMonth = "codice_fiscale.month", Error, "a letter that stands for no month";
    CodiceFiscaleDate = "codice_fiscale.date", Error, "a day that the calendar does not have";
    CodiceFiscaleCheck = "codice_fiscale.check_letter", Error, "the last letter does not fit the others";
    CodiceFiscalePlaceUnknown = "codice_fiscale.place_unknown", Error, "the code of a place that there is not and never was";
    CodiceFiscalePlaceDates = "codice_fiscale.place_dates", Warning, "the place of birth was not there on the day of birth";
    CoherenceSurname = "coherence.surname", Warning, "the codice fiscale is not one for this surname";
    CoherenceName = "coherence.name", Warning, "the codice fiscale is not one for this given name";
    CoherenceSwapped = "coherence.swapped", Warning, "name and surname seem to be swapped";
    CoherenceSex = "coherence.sex", Warning, "the codice fiscale is not one for this sex";
    CoherenceBirthDate = "coherence.birth_date", Warning, "the codice fiscale is not one for this birth date";
    CoherenceBirthplace = "coherence.birthplace", Warning, "the codice fiscale is not one for this birthplace";
    PartitaIvaLength = "partita_iva.length", Error, "not eleven digits";
    PartitaIvaCharacter = "partita_iva.character", Error, "something else than a digit";
    PartitaIvaPrefix = "partita_iva.prefix", Error, "the letters IT, or blanks, that the provider does not accept";
    PartitaIvaZero = "partita_iva.zero", Error, "nothing but zeros";
    PartitaIvaCheck = "partita_iva.check_digit", Error, "the last digit does not fit the others";
    PartitaIvaOffice = "partita_iva.office", Warning, "the digits 8 to 10 are no office that gives such numbers";
    DateForm = "date.form", Error, "not written dd-mm-yyyy";
    DateCalendar = "date.calendar", Error, "a day that the calendar does not have";
    MunicipalityForm = "municipality.form", Error, "not a letter and three digits";
    MunicipalityUnknown = "municipality.unknown", Error, "the code of a place that there is not and never was";
    ProvinceForm = "province.form", Error, "not two letters";
    ProvinceUnknown = "province.unknown", Error, "two letters of no province";
    ReaForm = "rea.form", Error, "not the digits of a REA number";
    FileEmpty = "file.empty", Error, "a file without content";
    FileTooLarge = "file.too_large", Error, "a file larger than is accepted";
    FileUnknown = "file.unknown_type", Error, "content that is no document or picture we know";
    FileDisagrees = "file.type_disagrees", Error, "content of another type than the name or the declaration says";
    FileLocked = "file.password_protected", Error, "a PDF that asks for a password";
    FileTruncated = "file.truncated", Warning, "a PDF without its end";
    FileName = "file.name", Warning, "a name with characters that have to be replaced";
}

impl Serialize for FindingCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
