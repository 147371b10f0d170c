//! The core's own types cross: a field or a variant that is added there fails this build instead of drifting.

use std::fmt;
use std::time::{Duration, SystemTime};

pub use sportello::check::{
    Coherence, FieldRole, Part as CodiceFiscalePart, Severity, Sex, Subject as FieldSubject,
};
pub use sportello::journal::Stage;
pub use sportello::model::{Choice, FieldKind, NextStep, Phase, Progress as SubmissionProgress};
pub use sportello::{Charged, Lang, Money, PaidOption, Quote, ServiceSummary};

use crate::SportelloError;

// An amount that is none is an error of whatever it was given to.
uniffi::custom_type!(
    /// An amount in euro, net of VAT unless it says otherwise: a decimal such as `19.00`, never a binary fraction.
    Money,
    String,
    {
        remote,
        try_lift: |text| text.parse().map_err(|_| not_an_amount().into()),
        lower: |money| money.to_string(),
    }
);

fn not_an_amount() -> SportelloError {
    let error = sportello::SportelloError::new(sportello::ErrorCode::PriceUnconfirmed);
    error.detail("the amount is not one like `19.00`").into()
}

/// Text that may say who somebody is, or hold a password: an e-mail address, a proxy's address.
///
/// A type of its own because a Kotlin record shows its members as text, and so would whatever logs the record.
#[derive(Clone)]
pub struct PrivateText(pub(crate) String);

impl fmt::Debug for PrivateText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("masked")
    }
}

uniffi::custom_type!(
    /// Text that may say who somebody is, or hold a password. It is never shown as text.
    PrivateText,
    String,
    {
        try_lift: |text| Ok(PrivateText(text)),
        lower: |text| text.0,
    }
);

/// A day of the calendar, without a time of day.
#[derive(Clone, Copy)]
pub struct CalendarDay(pub(crate) time::Date);

uniffi::custom_type!(
    /// A day of the calendar, without a time of day: `1990-05-12`.
    CalendarDay,
    String,
    {
        try_lift: |text| day_of(&text).map(CalendarDay).ok_or_else(|| not_a_day().into()),
        lower: |day| {
            let date = day.0;
            format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
        },
    }
);

fn day_of(text: &str) -> Option<time::Date> {
    let mut parts = text.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month: u8 = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    time::Date::from_calendar_date(year, month.try_into().ok()?, day).ok()
}

fn not_a_day() -> SportelloError {
    sportello::SportelloError::foreign("answers.not_a_day", false, "the day is not one like `1990-05-12`")
        .into()
}

/// Unix milliseconds as the platform's own moment. What lies beyond all calendars is the beginning of time.
pub(crate) fn moment(unix_ms: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH
        .checked_add(Duration::from_millis(unix_ms))
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Unix seconds as the platform's own moment.
pub(crate) fn moment_of_seconds(unix_s: u64) -> SystemTime {
    moment(unix_s.saturating_mul(1000))
}

/// Whether a finding keeps the answers from being handed in.
#[uniffi::remote(Enum)]
pub enum Severity {
    /// The provider would refuse it, or it is surely wrong.
    Error,
    /// A likely mistake, to be corrected or accepted by code.
    Warning,
}

/// The language of a text.
#[uniffi::remote(Enum)]
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

/// Whether a paid verb charged the account.
#[uniffi::remote(Enum)]
pub enum Charged {
    /// Surely not.
    No,
    /// Surely, once.
    Yes,
    /// It can't be told (yet).
    Unknown,
}

/// One line of the catalogue.
#[uniffi::remote(Record)]
pub struct ServiceSummary {
    /// The provider's id.
    pub id: String,
    /// The name, in Italian.
    pub name: String,
    /// The category, in Italian.
    pub category: String,
}

/// Something that can be added to a service for money.
#[uniffi::remote(Record)]
pub struct PaidOption {
    /// What it is asked for by: `urgenza`.
    pub name: String,
    /// What the provider calls it.
    pub wire_name: String,
    /// Its net price.
    pub price: Money,
}

/// What a request will cost.
#[uniffi::remote(Record)]
pub struct Quote {
    /// The net price of handing in: what `confirmPrice` must be.
    pub due_now: Money,
    /// The net price of choosing a result, for services that search first; else zero.
    pub due_on_choice: Money,
    /// Both together, net.
    pub total: Money,
    /// The VAT on the total.
    pub vat: Money,
    /// The total with VAT.
    pub gross: Money,
    /// The paid options that are in it.
    pub options: Vec<String>,
    /// What the account holds, where the client can know it; never through a relay.
    pub credit: Option<Money>,
}

/// What kind of answer a field takes.
#[uniffi::remote(Enum)]
pub enum FieldKind {
    /// Text.
    Text,
    /// An e-mail address.
    Email,
    /// The name of a person or a firm.
    Denominazione,
    /// A file.
    File,
    /// The codice fiscale of a person.
    CodiceFiscalePersona,
    /// The codice fiscale of a person or the number of a body.
    CodiceFiscale,
    /// A VAT number.
    PartitaIva,
    /// A municipality.
    Municipality,
    /// A province.
    Province,
    /// A number of the register of firms (REA).
    Rea,
    /// A chamber of commerce.
    Cciaa,
    /// A day.
    Date,
    /// A kind that this version does not know: taken as text, with a warning.
    Unknown,
}

/// What a field was recognised as asking for.
#[uniffi::remote(Enum)]
pub enum FieldRole {
    /// A person's given name, or all of them.
    GivenName,
    /// A person's surname.
    Surname,
    /// The day of birth.
    BirthDate,
    /// The municipality or country of birth.
    Birthplace,
    /// The sex, `M` or `F`.
    Sex,
    /// A person's codice fiscale.
    CodiceFiscale,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A scan of an identity document.
    IdentityDocument,
    /// A scan of the codice fiscale card (tessera sanitaria).
    CodiceFiscaleCard,
    /// A scan of the signed mandate of assistance and representation.
    Mandate,
    /// An IBAN.
    Iban,
}

/// Whose data a field asks for.
#[uniffi::remote(Enum)]
pub enum FieldSubject {
    /// The person who asks, and whoever the label does not name.
    Applicant,
    /// Husband, wife, partner.
    Spouse,
    /// A child.
    Child,
    /// The other parent.
    Parent,
    /// The deceased.
    Deceased,
    /// A guardian, delegate or representative.
    Representative,
}

/// One of a field's permitted answers.
#[uniffi::remote(Record)]
pub struct Choice {
    /// What is sent.
    pub code: String,
    /// What a person reads.
    pub description: String,
}

/// How far a submission has come, as the journal knows it.
#[uniffi::remote(Enum)]
pub enum Stage {
    /// Meant, no draft bound.
    Intent,
    /// A draft is bound and may be incomplete; nothing was paid.
    Draft,
    /// The paid call was or will be sent: its outcome is not known yet.
    Committing,
    /// The last paid call was definitely refused; the draft is still bound.
    Refused,
    /// Handed in and paid.
    Committed,
    /// The documents were seen ready.
    Delivered,
    /// Handed in, then cancelled by the office.
    Cancelled,
    /// What happened can't be settled without a person.
    NeedsPerson,
    /// Given up before anything was paid.
    Abandoned,
}

/// Where a request stands with the provider, as far as money is concerned.
#[uniffi::remote(Enum)]
pub enum Phase {
    /// An open draft: nothing was charged.
    Open,
    /// Handed in: charged.
    Committed,
    /// A draft that died before it was handed in: nothing was charged, nothing can be.
    Dead,
    /// The provider said something that this version does not know.
    Unknown,
}

/// How far the office has come.
#[uniffi::remote(Enum)]
pub enum SubmissionProgress {
    /// Not handed in yet.
    Draft,
    /// A search is under way.
    Searching,
    /// Results are present and nothing was chosen.
    ChoiceNeeded,
    /// The searches found nothing.
    NoResults,
    /// The office is working on it.
    Processing,
    /// The data are there, the documents are being made.
    DataReady,
    /// The documents are ready.
    Delivered,
    /// Cancelled.
    Cancelled,
    /// A state that this version does not know; its text is in `status`.
    Unknown,
}

/// What a person does next.
#[uniffi::remote(Enum)]
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
    /// The office has said something: read it and do it.
    ReadNote,
    /// The office has cancelled it: the reason, and what becomes of the money, is for the provider's support.
    AskSupport,
    /// The draft no longer exists and nothing was paid: hand in again.
    HandInAgain,
    /// The provider says something that this version does not know: look it up with the provider.
    LookUp,
}

/// A person's sex, as the codice fiscale has it.
#[uniffi::remote(Enum)]
pub enum Sex {
    /// A man.
    Male,
    /// A woman.
    Female,
}

/// A part of a person's data that a codice fiscale has something of.
#[uniffi::remote(Enum)]
pub enum CodiceFiscalePart {
    /// The surname.
    Surname,
    /// The given name.
    Name,
    /// The sex.
    Sex,
    /// The day of birth.
    BirthDate,
    /// The municipality or country of birth.
    Birthplace,
}

/// How a codice fiscale and a person's data agree.
#[uniffi::remote(Record)]
pub struct Coherence {
    /// The parts that disagree, in the code's order.
    pub disagreeing: Vec<CodiceFiscalePart>,
    /// The parts of which nothing can be said: a name in letters that the tax office's table does not have.
    pub undecided: Vec<CodiceFiscalePart>,
    /// The surname stands where the name belongs and the other way round; both are among the disagreeing.
    pub is_swapped: bool,
}
