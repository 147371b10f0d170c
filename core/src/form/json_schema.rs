//! A form as JSON Schema 2020-12, for form builders, editors and validators that know nothing of us.
//!
//! It says what such a validator can say: which answers have to be there, and of what shape. Check letters, dates of the calendar, places and coherence are
//! for [`ServiceForm::check`] alone. Answers are keyed by field key.

use serde_json::{Map, Value, json};

use super::instructions::Instructions;
use super::rule::RuleStep;
use crate::check::{Lang, MAX_FILE_BYTES};
use crate::model::{Field, FieldKind, ServiceForm};

/// A character that is no blank, as the rule counts blanks (Unicode's White_Space), written out: `\S` means something else in every language.
const NOT_BLANK: &str =
    "[^\t-\r \u{85}\u{A0}\u{1680}\u{2000}-\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}]";
const BLANK: &str =
    "^[\t-\r \u{85}\u{A0}\u{1680}\u{2000}-\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}]*$";
const PERSON: &str = "[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]";

impl ServiceForm {
    /// The form as a JSON Schema (draft 2020-12), with labels and help in this language where a field is recognised.
    ///
    /// Beside the standard's words: `x-order` (the place in the form, from 0), `x-kind` (our name of the kind), `x-provider-label` with `lang` (the
    /// provider's own label, Italian) and `x-role` where the field is recognised.
    #[must_use]
    pub fn to_json_schema(&self, lang: Lang) -> Value {
        let mut properties = Map::new();
        for (order, field) in self.fields.iter().enumerate() {
            properties.insert(field.key.clone(), property(field, order, lang));
        }
        let required: Vec<&str> = (self.fields.iter())
            .filter(|field| field.required)
            .map(|field| field.key.as_str())
            .collect();
        let mut schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
            "$defs": {
                "blank": { "type": "string", "pattern": BLANK },
                "filled": { "anyOf": [{ "type": "object" }, { "type": "string", "pattern": NOT_BLANK }] },
                "file": file(),
            },
        });
        if let (Some(schema), Value::Object(rule)) = (schema.as_object_mut(), self.rule_as_schema()) {
            // The rule stands by itself, so that its `required` does not take the place of the one for people.
            schema.insert("allOf".to_owned(), json!([rule]));
        }
        schema
    }

    /// The rule over what is filled; `true` where it demands nothing.
    fn rule_as_schema(&self) -> Value {
        let mut stack: Vec<Value> = Vec::new();
        for step in self.rule.steps() {
            let part = match step {
                RuleStep::True => Value::Bool(true),
                RuleStep::Filled(index) => {
                    let key = self.rule.keys().get(*index).map_or("", String::as_str);
                    json!({ "required": [key], "properties": { key: { "$ref": "#/$defs/filled" } } })
                }
                RuleStep::Not => json!({ "not": stack.pop() }),
                RuleStep::And | RuleStep::Or => {
                    let (right, left) = (stack.pop().unwrap_or_default(), stack.pop().unwrap_or_default());
                    if *step == RuleStep::And {
                        both(left, right)
                    } else {
                        list("anyOf", left, right)
                    }
                }
            };
            stack.push(part);
        }
        stack.pop().unwrap_or(Value::Bool(true))
    }
}

/// Two parts that must both hold: one list of fields where both are that, else `allOf`.
fn both(mut left: Value, right: Value) -> Value {
    let is_fields = |part: &Value| part.get("required").is_some();
    if !is_fields(&left) || !is_fields(&right) {
        return list("allOf", left, right);
    }
    if let Some(added) = right.get("required").and_then(Value::as_array)
        && let Some(required) = left.get_mut("required").and_then(Value::as_array_mut)
    {
        let new: Vec<Value> = added
            .iter()
            .filter(|key| !required.contains(key))
            .cloned()
            .collect();
        required.extend(new);
    }
    if let Some(added) = right.get("properties").and_then(Value::as_object)
        && let Some(properties) = left.get_mut("properties").and_then(Value::as_object_mut)
    {
        properties.extend(added.clone());
    }
    left
}

/// Two parts under one word; lists under the same word become one.
fn list(word: &str, left: Value, right: Value) -> Value {
    let parts = |part: Value| match part.get(word).and_then(Value::as_array) {
        Some(parts) => parts.clone(),
        None => vec![part],
    };
    let (mut all, added) = (parts(left), parts(right));
    all.extend(added);
    json!({ word: all })
}

fn property(field: &Field, order: usize, lang: Lang) -> Value {
    let role = field.recognised.map(|recognised| recognised.role);
    let mut property = Map::new();
    let mut say = |word: &str, value: Value| property.insert(word.to_owned(), value);
    // A role's own label says nothing of whose it is: the provider's is kept where that matters.
    let is_applicant = field.recognised.is_some_and(|recognised| {
        recognised.subject == crate::check::Subject::Applicant && recognised.number == 0
    });
    let title = role
        .filter(|_| is_applicant)
        .map_or(field.label.as_str(), |role| role.label(lang));
    say("title", json!(title));
    let help = Instructions::new(&field.help).plain_text();
    let help = role.map_or(help, |role| role.help(lang).to_owned());
    if !help.is_empty() {
        say("description", json!(help));
    }
    say("x-order", json!(order));
    say("x-kind", json!(field.kind));
    say("x-provider-label", json!({ "text": field.label, "lang": "it" }));
    if let Some(role) = role {
        say("x-role", json!(role));
    }
    if field.kind == FieldKind::File {
        say("$ref", json!("#/$defs/file"));
    } else {
        // A blank answer is one that was not given; whether it may be left out is the rule's to say.
        say("anyOf", json!([{ "$ref": "#/$defs/blank" }, shape(field)]));
    }
    Value::Object(property)
}

fn shape(field: &Field) -> Value {
    let pattern = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    if !field.choices.is_empty() {
        let choice =
            |choice: &crate::model::Choice| json!({ "const": choice.code, "title": choice.description });
        return json!({ "type": "string", "anyOf": field.choices.iter().map(choice).collect::<Vec<_>>() });
    }
    match field.kind {
        FieldKind::Email => json!({ "type": "string", "maxLength": 254, "pattern": "^[^@]+@[^@]+\\.[^@]+$" }),
        FieldKind::CodiceFiscalePersona => pattern(&format!("^{PERSON}$")),
        FieldKind::CodiceFiscale | FieldKind::PartitaIva => pattern(&format!("^({PERSON}|[0-9]{{11}})$")),
        FieldKind::Municipality => pattern("^[A-Z][0-9]{3}$"),
        FieldKind::Province | FieldKind::Cciaa => pattern("^[A-Z]{2}$"),
        FieldKind::Rea => pattern("^[0-9]{1,7}$"),
        FieldKind::Date => pattern("^[0-9]{2}-[0-9]{2}-[0-9]{4}$"),
        FieldKind::Text | FieldKind::Denominazione | FieldKind::Unknown | FieldKind::File => {
            json!({ "type": "string", "maxLength": 1000 })
        }
    }
}

/// A file by its descriptor.
fn file() -> Value {
    json!({
        "type": "object",
        "required": ["file"],
        "additionalProperties": false,
        "properties": {
            "file": {
                "type": "object",
                "required": ["name", "mime", "size"],
                "properties": {
                    "name": { "type": "string" },
                    "mime": { "type": "string" },
                    "size": { "type": "integer", "minimum": 1, "maximum": MAX_FILE_BYTES },
                    "head": { "type": "string", "contentEncoding": "base64" },
                    "tail": { "type": "string", "contentEncoding": "base64" },
                },
            },
        },
    })
}
