//! Services as the provider describes them.

use serde_json::Value;

use crate::form::SchemaError;
use crate::model::{FieldKind, Service, ServiceSummary};
use crate::provider::Described;
use crate::provider::form::{self, Names};

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
    // What is chosen from a list needs no other check than being in it.
    let other = if has_choices {
        FieldKind::Text
    } else {
        FieldKind::Unknown
    };
    form::kind_in(KINDS, wire).unwrap_or(other)
}

const NAMES: Names = Names {
    id: "id",
    name: "name",
    category: "category",
    price: "documentPrice",
    search_price: "searchPrice",
    has_search: "hasSearch",
    is_synchronous: "isSync",
    options: "options",
    option_wire_name: "name",
    option_name: None,
    option_price: "price",
    structure: "requestStructure",
    instructions: "help",
    search_instructions: "searchHelp",
    decode: |text| text,
    fields: "fields",
    rule: "validation",
    order: None,
    field_name: "name",
    label: Some("nameIT"),
    wire_kind: "type",
    kind_of,
    help: "help",
    choices: "options",
    nullable: ("required", true),
};

/// Reads one service's description.
pub(in crate::provider) fn service(data: &Described) -> Result<Service, SchemaError> {
    form::service(data, &NAMES)
}

/// Reads the catalogue.
pub(super) fn summaries(data: &Value) -> Option<Vec<ServiceSummary>> {
    form::summaries(data, "id", "name", "category")
}
