//! What the forms of all providers have in common: order, slugs, choices, the rule; and one reader for those whose descriptions differ by their names only.

use serde_json::Value;

use super::described::Described;
use super::loose;
use crate::check::recognise;
use crate::form::{Requirements, Rule, SchemaError};
use crate::model::{Choice, Field, FieldKind, PaidOption, Service, ServiceForm, ServiceSummary, lower};

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

/// What a provider calls the parts of a service's description.
pub(super) struct Names {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) category: &'static str,
    pub(super) price: &'static str,
    pub(super) search_price: &'static str,
    pub(super) has_search: &'static str,
    pub(super) is_synchronous: &'static str,
    pub(super) options: &'static str,
    pub(super) option_wire_name: &'static str,
    /// `None` where the wire's name is the option's own.
    pub(super) option_name: Option<&'static str>,
    pub(super) option_price: &'static str,
    /// Where the form is described.
    pub(super) structure: &'static str,
    pub(super) instructions: &'static str,
    pub(super) search_instructions: &'static str,
    /// How instructions are written.
    pub(super) decode: fn(String) -> String,
    pub(super) fields: &'static str,
    pub(super) rule: &'static str,
    /// `None` where the fields have no order of their own: they come by number.
    pub(super) order: Option<&'static str>,
    /// What the slug is made of; the label of the fields that have no better.
    pub(super) field_name: &'static str,
    /// The label, where it is another than the name.
    pub(super) label: Option<&'static str>,
    pub(super) wire_kind: &'static str,
    /// The kind of a wire name, for a field with a closed list of values or without.
    pub(super) kind_of: fn(&str, bool) -> FieldKind,
    pub(super) help: &'static str,
    pub(super) choices: &'static str,
    /// The yes or no that lets a field be empty, and whether it says the contrary.
    pub(super) nullable: (&'static str, bool),
}

/// Reads a service's description.
pub(super) fn service(data: &Described, names: &Names) -> Result<Service, SchemaError> {
    let structure = data
        .part(names.structure)
        .ok_or_else(SchemaError::not_a_service)?;
    let text = |data: &Described, name: &str| data.text(name).unwrap_or_default();
    let mut options = Vec::new();
    for value in data.list(names.options) {
        options.extend(option(value, names));
    }
    let members = structure.get(names.fields).and_then(Described::members);
    let members = members.filter(|members| !members.is_empty());
    let members = members.ok_or_else(SchemaError::no_fields)?;
    let mut fields = Vec::with_capacity(members.len());
    for (key, value) in members {
        if value.members().is_none() {
            return Err(SchemaError::no_fields().at(key.clone()));
        }
        // A field without an order comes first.
        let order = names.order.and_then(|order| value.number(order));
        fields.push((
            order.map_or(0, |order| order.saturating_add(1)),
            field(key, value, names),
        ));
    }
    let demanded = |field: &Field| field.declared_nullable == Some(false);
    Ok(Service {
        id: text(data, names.id),
        name: text(data, names.name),
        category: text(data, names.category),
        form: assemble(fields, structure.text(names.rule), demanded)?,
        price: data.price(names.price),
        search_price: data.price(names.search_price),
        has_search: data.flag(names.has_search).unwrap_or(false),
        is_synchronous: data.flag(names.is_synchronous).unwrap_or(false),
        options,
        instructions_html: (names.decode)(text(structure, names.instructions)),
        search_instructions_html: (names.decode)(text(structure, names.search_instructions)),
    })
}

fn field(key: &str, value: &Described, names: &Names) -> Field {
    let text = |name: &str| value.text(name).filter(|text| !text.is_empty());
    let name = text(names.field_name).unwrap_or_else(|| key.to_owned());
    let label = names.label.and_then(text);
    let wire_kind = text(names.wire_kind).unwrap_or_default();
    let choices = choices(value, names.choices);
    let kind = (names.kind_of)(wire_kind.trim(), !choices.is_empty());
    let slug = if names.label.is_some() {
        slug(&words(&name))
    } else {
        slug(&name)
    };
    let label = label.unwrap_or(name);
    let (nullable, contrary) = names.nullable;
    Field {
        recognised: recognise(kind, &label),
        key: key.to_owned(),
        slug,
        label,
        kind,
        wire_kind,
        help: text(names.help).unwrap_or_default(),
        choices,
        declared_nullable: value.flag(nullable).map(|flag| flag != contrary),
        required: false,
    }
}

fn option(value: &Described, names: &Names) -> Option<PaidOption> {
    let wire_name = value.text(names.option_wire_name)?;
    let name = match names.option_name {
        Some(name) => value.text(name).filter(|name| !name.is_empty()),
        None if wire_name.is_empty() => return None,
        None => None,
    };
    Some(PaidOption {
        name: name.unwrap_or_else(|| wire_name.clone()),
        wire_name,
        price: value.price(names.option_price)?,
    })
}

/// The kind of a name in a table, in capitals or not.
pub(super) fn kind_in(table: &[(&str, FieldKind)], wire: &str) -> Option<FieldKind> {
    let known = table.iter().find(|(name, _)| name.eq_ignore_ascii_case(wire));
    known.map(|(_, kind)| *kind)
}

/// A name in camel case as words: `taxCode` → `tax Code`.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut was_small = false;
    for c in name.chars() {
        if was_small && c.is_ascii_uppercase() {
            words.push(' ');
        }
        was_small = c.is_ascii_lowercase();
        words.push(c);
    }
    words
}

/// Puts a form together from its fields, each with its place in the display order, and its rule. Without a rule all that is left is
/// what each field says of itself: `demanded`.
pub(super) fn assemble(
    described: Vec<(u64, Field)>,
    rule: Option<String>,
    demanded: fn(&Field) -> bool,
) -> Result<ServiceForm, SchemaError> {
    // Few fields, and mostly in their order: each is put where it belongs.
    let mut ranks: Vec<(u64, u64)> = Vec::with_capacity(described.len());
    let mut fields: Vec<Field> = Vec::with_capacity(described.len());
    for (order, field) in described {
        let rank = (order, number(&field.key));
        let mut at = fields.len();
        while let Some((before, known)) = at.checked_sub(1).and_then(|at| ranks.get(at).zip(fields.get(at))) {
            if (*before, &known.key) <= (rank, &field.key) {
                break;
            }
            at -= 1;
        }
        ranks.insert(at, rank);
        fields.insert(at, field);
    }
    name_uniquely(&mut fields);
    let mut keys = Vec::with_capacity(fields.len());
    let mut own_rule = String::new();
    for field in &fields {
        keys.push(field.key.as_str());
        if demanded(field) {
            let and = if own_rule.is_empty() { "" } else { " && " };
            own_rule.push_str(and);
            own_rule.push_str(&field.key);
        }
    }
    let rule = Rule::parse(&rule.filter(|rule| !rule.is_empty()).unwrap_or(own_rule), &keys)?;
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

/// The number in a key, for fields that have no order of their own.
fn number(key: &str) -> u64 {
    let from = key.bytes().position(|byte| byte.is_ascii_digit());
    let digits = from.and_then(|from| key.get(from..));
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX)
}

/// The closed list of values of this name: texts, or objects with a code and a description; also as JSON inside a string.
pub(super) fn choices(field: &Described, name: &str) -> Vec<Choice> {
    let mut choices = Vec::new();
    for item in field.list_or_json(name) {
        let first = |names: [&str; 3]| names.iter().find_map(|name| item.text(name));
        let code = item.as_text().or_else(|| first(["code", "codice", "valore"]));
        if let Some(code) = code {
            let description = first(["description", "descrizione", "nome"]);
            choices.push(Choice {
                description: description.unwrap_or_else(|| code.clone()),
                code,
            });
        }
    }
    choices
}

/// The longest slug.
const MAX_SLUG: usize = 48;

/// A label as a plain key: `CODICE FISCALE` → `codice_fiscale`.
pub(super) fn slug(label: &str) -> String {
    let mut slug = String::new();
    let mut is_apart = false;
    for c in label.chars() {
        match plain(lower(c)) {
            Some(c) if slug.len() < MAX_SLUG => {
                if is_apart && !slug.is_empty() {
                    slug.push('_');
                }
                is_apart = false;
                slug.push(c);
            }
            _ => is_apart = true,
        }
    }
    slug.truncate(MAX_SLUG);
    if slug.ends_with('_') {
        slug.pop();
    }
    if slug.is_empty() { "field".to_owned() } else { slug }
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
            field.slug.push('_');
            for c in field.key.chars().filter(char::is_ascii_alphanumeric) {
                field.slug.push(c);
            }
        }
    }
}
