//! What the forms of all providers have in common: order, slugs, choices, the rule.

use serde_json::Value;

use super::loose;
use crate::form::{Requirements, Rule, SchemaError};
use crate::model::{Choice, Field, ServiceForm, ServiceSummary};

/// Reads a catalogue, whose members are called so; entries without an id or a name are left out.
pub(super) fn summaries(data: &Value, id: &str, name: &str, category: &str) -> Option<Vec<ServiceSummary>> {
    let summary = |item: &Value| {
        Some(ServiceSummary {
            id: loose::text(item.get(id)).filter(|id| !id.is_empty())?,
            name: loose::text(item.get(name)).filter(|name| !name.is_empty())?,
            category: loose::text(item.get(category)).unwrap_or_default(),
        })
    };
    Some(data.as_array()?.iter().filter_map(summary).collect())
}

/// Puts a form together from its fields, each with its place in the display order, and its rule. Without a rule all that is left is
/// what each field says of itself: `demanded`.
pub(super) fn assemble(
    mut fields: Vec<(u64, Field)>,
    rule: Option<String>,
    demanded: fn(&Field) -> bool,
) -> Result<ServiceForm, SchemaError> {
    let index = |key: &str| -> u64 {
        key.trim_start_matches(|c: char| !c.is_ascii_digit())
            .parse()
            .unwrap_or(u64::MAX)
    };
    fields.sort_by(|(a, first), (b, second)| {
        (a, index(&first.key), &first.key).cmp(&(b, index(&second.key), &second.key))
    });
    let mut fields: Vec<Field> = fields.into_iter().map(|(_, field)| field).collect();
    name_uniquely(&mut fields);
    let keys: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
    let rule = match rule.filter(|rule| !rule.is_empty()) {
        Some(text) => Rule::parse(&text, &keys)?,
        None => {
            let required: Vec<&str> = (fields.iter())
                .filter(|field| demanded(field))
                .map(|field| field.key.as_str())
                .collect();
            Rule::all_of(&keys, &required)?
        }
    };
    let requirements = Requirements::of(&rule);
    for (index, field) in fields.iter_mut().enumerate() {
        field.required = requirements.is_required(index);
    }
    Ok(ServiceForm {
        fields,
        rule,
        requirements,
    })
}

/// A closed list of values: texts, or objects with a code and a description; also as JSON inside a string.
pub(super) fn choices(value: Option<&Value>) -> Vec<Choice> {
    let inner = value
        .and_then(Value::as_str)
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    let choice = |item: &Value| match item {
        Value::Object(item) => {
            let code = ["code", "codice", "valore"]
                .iter()
                .find_map(|name| loose::text(item.get(*name)))?;
            let description = ["description", "descrizione", "nome"]
                .iter()
                .find_map(|name| loose::text(item.get(*name)));
            Some(Choice {
                description: description.unwrap_or_else(|| code.clone()),
                code,
            })
        }
        other => loose::text(Some(other)).map(|code| Choice {
            description: code.clone(),
            code,
        }),
    };
    loose::list(inner.as_ref().or(value))
        .into_iter()
        .filter_map(choice)
        .collect()
}

/// A label as a plain key: `CODICE FISCALE` → `codice_fiscale`.
pub(super) fn slug(label: &str) -> String {
    let mut slug = String::new();
    for c in label.chars().flat_map(char::to_lowercase) {
        match plain(c) {
            Some(c) => slug.push(c),
            None if !slug.ends_with('_') && !slug.is_empty() => slug.push('_'),
            None => {}
        }
    }
    let slug = slug.trim_end_matches('_');
    if slug.is_empty() {
        "field".to_owned()
    } else {
        slug.chars()
            .take(48)
            .collect::<String>()
            .trim_end_matches('_')
            .to_owned()
    }
}

/// The base letter of an Italian accented one; `None` for what separates words.
fn plain(c: char) -> Option<char> {
    match c {
        'à' | 'á' => Some('a'),
        'è' | 'é' => Some('e'),
        'ì' | 'í' => Some('i'),
        'ò' | 'ó' => Some('o'),
        'ù' | 'ú' => Some('u'),
        c if c.is_ascii_alphanumeric() => Some(c),
        _ => None,
    }
}

/// A second field of the same slug gets its key's number.
fn name_uniquely(fields: &mut [Field]) {
    for index in 0..fields.len() {
        let (before, rest) = fields.split_at_mut(index);
        if let Some(field) = rest
            .first_mut()
            .filter(|field| before.iter().any(|known| known.slug == field.slug))
        {
            let number: String = field.key.chars().filter(char::is_ascii_alphanumeric).collect();
            field.slug = format!("{}_{number}", field.slug);
        }
    }
}
