//! Services as the provider describes them.

use serde_json::{Map, Value};

use crate::check::recognise;
use crate::form::SchemaError;
use crate::model::{Field, FieldKind, Money, PaidOption, Service, ServiceForm, ServiceSummary};
use crate::provider::{form, loose};

/// The wire's kinds. The set is open; a field with a closed list of values is a choice whatever its kind.
const KINDS: &[(&str, FieldKind)] = &[
    ("text", FieldKind::Text),
    ("string", FieldKind::Text),
    ("rea", FieldKind::Rea),
    ("cciaa", FieldKind::Cciaa),
    ("province", FieldKind::Province),
    ("municipality", FieldKind::Municipality),
    ("email", FieldKind::Email),
    ("file", FieldKind::File),
    ("denomination", FieldKind::Denominazione),
    ("companyName", FieldKind::Denominazione),
    ("taxCode", FieldKind::CodiceFiscale),
    ("personalTaxCode", FieldKind::CodiceFiscalePersona),
    ("vatCode", FieldKind::PartitaIva),
    ("date", FieldKind::Date),
];

fn kind_of(wire: &str, has_choices: bool) -> FieldKind {
    let known = KINDS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(wire.trim()))
        .map(|(_, kind)| *kind);
    match known {
        Some(kind) => kind,
        // What is chosen from a list needs no other check than being in it.
        None if has_choices => FieldKind::Text,
        None => FieldKind::Unknown,
    }
}

/// Reads one service's description.
pub(in crate::provider) fn service(data: &Value) -> Result<Service, SchemaError> {
    let data = data.as_object().ok_or_else(SchemaError::not_a_service)?;
    let structure = loose::object(data.get("requestStructure")).ok_or_else(SchemaError::not_a_service)?;
    let help = |key: &str| loose::text(structure.get(key)).unwrap_or_default();
    Ok(Service {
        id: loose::text(data.get("id")).unwrap_or_default(),
        name: loose::text(data.get("name")).unwrap_or_default(),
        category: loose::text(data.get("category")).unwrap_or_default(),
        form: form(structure)?,
        price: data.get("documentPrice").and_then(Money::from_json),
        search_price: data.get("searchPrice").and_then(Money::from_json),
        has_search: loose::flag(data.get("hasSearch")).unwrap_or(false),
        is_synchronous: loose::flag(data.get("isSync")).unwrap_or(false),
        options: loose::list(data.get("options"))
            .into_iter()
            .filter_map(option)
            .collect(),
        instructions_html: help("help"),
        search_instructions_html: help("searchHelp"),
    })
}

/// Reads the catalogue.
pub(super) fn summaries(data: &Value) -> Option<Vec<ServiceSummary>> {
    form::summaries(data, "id", "name", "category")
}

fn form(structure: &Map<String, Value>) -> Result<ServiceForm, SchemaError> {
    let described = loose::object(structure.get("fields")).filter(|fields| !fields.is_empty());
    let described = described.ok_or_else(SchemaError::no_fields)?;
    let mut fields = Vec::with_capacity(described.len());
    for (key, value) in described {
        let value = value
            .as_object()
            .ok_or_else(|| SchemaError::no_fields().at(key.clone()))?;
        // The fields have no order of their own: they come by number.
        fields.push((0, field(key, value)));
    }
    form::assemble(fields, loose::text(structure.get("validation")), |field| {
        field.declared_nullable == Some(false)
    })
}

fn field(key: &str, value: &Map<String, Value>) -> Field {
    let text = |name: &str| loose::text(value.get(name)).filter(|text| !text.is_empty());
    let name = text("name").unwrap_or_else(|| key.to_owned());
    let wire_kind = text("type").unwrap_or_default();
    let choices = form::choices(value.get("options"));
    let kind = kind_of(&wire_kind, !choices.is_empty());
    let label = text("nameIT").unwrap_or_else(|| name.clone());
    Field {
        recognised: recognise(kind, &label),
        key: key.to_owned(),
        slug: form::slug(&words(&name)),
        label,
        kind,
        wire_kind,
        help: text("help").unwrap_or_default(),
        choices,
        declared_nullable: loose::flag(value.get("required")).map(|required| !required),
        required: false,
    }
}

/// A name in camel case as words: `taxCode` → `tax Code`.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut lower = false;
    for c in name.chars() {
        if lower && c.is_uppercase() {
            words.push(' ');
        }
        lower = c.is_lowercase();
        words.push(c);
    }
    words
}

/// An option; its name is what the wire names as well.
fn option(value: &Value) -> Option<PaidOption> {
    let name = loose::text(value.get("name")).filter(|name| !name.is_empty())?;
    Some(PaidOption {
        wire_name: name.clone(),
        name,
        price: value.get("price").and_then(Money::from_json)?,
    })
}
