//! Services as the provider describes them.

use base64::Engine as _;
use serde_json::{Map, Value};

use crate::check::recognise;
use crate::form::SchemaError;
use crate::model::{Field, FieldKind, Money, PaidOption, Service, ServiceForm, ServiceSummary};
use crate::provider::{form, loose};

/// The wire's kinds, as Italian and as English-language accounts see them. The set is open.
const KINDS: &[(&str, FieldKind)] = &[
    ("testo", FieldKind::Text),
    ("text", FieldKind::Text),
    ("email", FieldKind::Email),
    ("denominazione", FieldKind::Denominazione),
    ("denomination", FieldKind::Denominazione),
    ("company_name", FieldKind::Denominazione),
    ("file", FieldKind::File),
    ("codice_fiscale_persona_fisica", FieldKind::CodiceFiscalePersona),
    ("personal_tax_code", FieldKind::CodiceFiscalePersona),
    ("codice_fiscale", FieldKind::CodiceFiscale),
    ("tax_code", FieldKind::CodiceFiscale),
    ("partita_iva", FieldKind::PartitaIva),
    ("vat_code", FieldKind::PartitaIva),
    ("cod_comune", FieldKind::Municipality),
    ("municipality_code", FieldKind::Municipality),
    ("cod_provincia", FieldKind::Province),
    ("province_code", FieldKind::Province),
    ("rea", FieldKind::Rea),
    ("cciaa", FieldKind::Cciaa),
    ("data_iso8601", FieldKind::Date),
    ("date_iso8601", FieldKind::Date),
];

/// The kind that a wire name means.
pub(crate) fn kind_of(wire: &str) -> FieldKind {
    let wire = wire.trim().to_lowercase();
    KINDS
        .iter()
        .find(|(name, _)| *name == wire)
        .map_or(FieldKind::Unknown, |(_, kind)| *kind)
}

/// Reads a service's description.
pub(in crate::provider) fn service(data: &Value) -> Result<Service, SchemaError> {
    let data = data.as_object().ok_or_else(SchemaError::not_a_service)?;
    let structure = loose::object(data.get("json_struttura")).ok_or_else(SchemaError::not_a_service)?;
    let name = loose::text(data.get("nome_visura")).unwrap_or_default();
    Ok(Service {
        id: loose::text(data.get("hash_visura")).unwrap_or_default(),
        category: loose::text(data.get("nome_categoria")).unwrap_or_default(),
        form: form(structure)?,
        price: data.get("prezzo_visura").and_then(Money::from_json),
        search_price: data.get("prezzo_ricerca").and_then(Money::from_json),
        has_search: loose::flag(data.get("ricerca")).unwrap_or(false),
        is_synchronous: loose::flag(data.get("sincrona")).unwrap_or(false),
        options: loose::list(data.get("opzioni"))
            .into_iter()
            .filter_map(option)
            .collect(),
        instructions_html: decoded(structure.get("istruzioni")),
        search_instructions_html: decoded(structure.get("istruzioni_ricerca")),
        name,
    })
}

/// Reads the catalogue.
pub(super) fn summaries(data: &Value) -> Option<Vec<ServiceSummary>> {
    form::summaries(data, "hash_visura", "nome_visura", "nome_categoria")
}

fn form(structure: &Map<String, Value>) -> Result<ServiceForm, SchemaError> {
    let described = loose::object(structure.get("campi")).filter(|fields| !fields.is_empty());
    let described = described.ok_or_else(SchemaError::no_fields)?;
    let mut fields = Vec::with_capacity(described.len());
    for (key, value) in described {
        let value = value
            .as_object()
            .ok_or_else(|| SchemaError::no_fields().at(key.clone()))?;
        // A field without an order comes first.
        let order = loose::number(value.get("ordine")).map_or(0, |order| order + 1);
        fields.push((order, field(key, value)));
    }
    form::assemble(fields, loose::text(structure.get("validazione")), |field| {
        field.declared_nullable == Some(false)
    })
}

fn field(key: &str, value: &Map<String, Value>) -> Field {
    let label = loose::text(value.get("nome"))
        .filter(|label| !label.is_empty())
        .unwrap_or_else(|| key.to_owned());
    let wire_kind = loose::text(value.get("tipo")).unwrap_or_default();
    Field {
        key: key.to_owned(),
        slug: form::slug(&label),
        kind: kind_of(&wire_kind),
        recognised: recognise(kind_of(&wire_kind), &label),
        wire_kind,
        label,
        help: loose::text(value.get("istruzioni")).unwrap_or_default(),
        choices: form::choices(value.get("opzioni")),
        declared_nullable: loose::flag(value.get("null")),
        required: false,
    }
}

fn option(value: &Value) -> Option<PaidOption> {
    let wire_name = loose::text(value.get("nome"))?;
    let name = loose::text(value.get("tipo"))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| wire_name.clone());
    Some(PaidOption {
        name,
        wire_name,
        price: value.get("prezzo").and_then(Money::from_json)?,
    })
}

/// Instructions are base64 of HTML; what is not is left out rather than shown as noise.
fn decoded(value: Option<&Value>) -> String {
    let text: String = loose::text(value)
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
