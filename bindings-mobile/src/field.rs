//! A field of a form, ready to be shown.

use sportello::check::{Autocomplete, InputHints};
pub use sportello::check::{Capitalize as Capitals, InputMode as Keyboard, InputType as Control};

use crate::{Choice, FieldKind, FieldRole, FieldSubject};

/// A field of a form, ready to be shown.
#[derive(Clone, Debug, uniffi::Record)]
pub struct FormField {
    /// What answers are keyed by: `$4`.
    pub key: String,
    /// The label as a word: `codice_fiscale`.
    pub slug: String,
    /// The provider's own label, in Italian.
    pub label: String,
    /// What kind of answer it takes.
    pub kind: FieldKind,
    /// The provider's help; may be empty.
    pub help: String,
    /// The permitted answers, where there is a list.
    pub choices: Vec<Choice>,
    /// True when the form can't be handed in without it, whatever else is answered.
    pub required: bool,
    /// What it was recognised as asking for.
    pub role: Option<FieldRole>,
    /// Whose data it asks for, where it was recognised.
    pub subject: Option<FieldSubject>,
    /// What an input can be told.
    pub input: FieldInput,
}

/// What an input can be told about a field.
#[derive(Clone, Debug, uniffi::Record)]
pub struct FieldInput {
    /// Android's autofill hint (`androidx.autofill.HintConstants`): `personGivenName`.
    pub android_autofill: Option<String>,
    /// Apple's name of the content (`UITextContentType`): `givenName`.
    pub apple_content_type: Option<String>,
    /// False where the device must neither fill in nor remember: a code, an account, or somebody else's data.
    pub may_autofill: bool,
    /// The keyboard.
    pub keyboard: Keyboard,
    /// The kind of control.
    pub control: Control,
    /// What the keyboard writes in capitals by itself.
    pub capitals: Capitals,
    /// False where a dictionary would only get in the way: names, codes, addresses.
    pub spellcheck: bool,
    /// What a file chooser offers: MIME types and endings such as `.pdf`. Empty for what is no file.
    pub accept: Vec<String>,
}

/// Which keyboard a touch screen shows.
#[uniffi::remote(Enum)]
pub enum Keyboard {
    /// Letters and digits.
    Text,
    /// With `@` and the point at hand.
    Email,
    /// That of a telephone.
    Tel,
    /// Digits.
    Numeric,
    /// None is needed: a file or a list.
    None,
}

/// The kind of control.
#[uniffi::remote(Enum)]
pub enum Control {
    /// A line of text.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Tel,
    /// A file.
    File,
    /// One of the field's choices.
    Select,
}

/// What a keyboard writes in capitals by itself.
#[uniffi::remote(Enum)]
pub enum Capitals {
    /// Nothing.
    None,
    /// The beginning of a sentence.
    Sentences,
    /// The beginning of every word.
    Words,
    /// Everything.
    Characters,
}

/// Words for a field in another language than the provider's.
#[derive(Clone, Debug, uniffi::Record)]
pub struct FieldHelp {
    /// A label to stand beside the provider's own.
    pub label: String,
    /// One line that says what to write or to attach.
    pub help: String,
}

impl FormField {
    pub(crate) fn of(field: &sportello::Field) -> FormField {
        // Named one by one, so that a field which the core adds fails this build instead of being left behind.
        let sportello::Field {
            key,
            slug,
            label,
            kind,
            wire_kind: _,
            help,
            choices,
            declared_nullable: _,
            required,
            recognised,
        } = field;
        FormField {
            key: key.clone(),
            slug: slug.clone(),
            label: label.clone(),
            kind: *kind,
            help: help.clone(),
            choices: choices.clone(),
            required: *required,
            role: recognised.map(|it| it.role),
            subject: recognised.map(|it| it.subject),
            input: FieldInput::of(field.input()),
        }
    }
}

impl FieldInput {
    pub(crate) fn of(hints: InputHints) -> FieldInput {
        let InputHints {
            autocomplete,
            input_mode,
            input_type,
            capitalize,
            spellcheck,
            accept,
        } = hints;
        FieldInput {
            android_autofill: autocomplete.and_then(Autocomplete::android).map(str::to_owned),
            apple_content_type: autocomplete.and_then(Autocomplete::apple).map(str::to_owned),
            may_autofill: autocomplete != Some(Autocomplete::Off),
            keyboard: input_mode,
            control: input_type,
            capitals: capitalize,
            spellcheck,
            accept: accept.iter().map(|one| (*one).to_owned()).collect(),
        }
    }
}
