//! Services as the provider describes them.

use serde_json::Value;

use crate::form::SchemaError;
use crate::model::{FieldKind, Service, ServiceSummary};
use crate::provider::Described;
use crate::provider::form::{self, Names};

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
    form::kind_in(KINDS, wire.trim()).unwrap_or(FieldKind::Unknown)
}

const NAMES: Names = Names {
    id: "hash_visura",
    name: "nome_visura",
    category: "nome_categoria",
    price: "prezzo_visura",
    search_price: "prezzo_ricerca",
    has_search: "ricerca",
    is_synchronous: "sincrona",
    options: "opzioni",
    option_wire_name: "nome",
    option_name: Some("tipo"),
    option_price: "prezzo",
    structure: "json_struttura",
    instructions: "istruzioni",
    search_instructions: "istruzioni_ricerca",
    decode: decoded,
    fields: "campi",
    rule: "validazione",
    order: Some("ordine"),
    field_name: "nome",
    label: None,
    wire_kind: "tipo",
    kind_of: |wire, _| kind_of(wire),
    help: "istruzioni",
    choices: "opzioni",
    nullable: ("null", false),
};

/// Reads a service's description.
pub(in crate::provider) fn service(data: &Described) -> Result<Service, SchemaError> {
    form::service(data, &NAMES)
}

/// Reads the catalogue.
pub(super) fn summaries(data: &Value) -> Option<Vec<ServiceSummary>> {
    form::summaries(data, "hash_visura", "nome_visura", "nome_categoria")
}

/// Instructions are base64 of HTML; what is not is left out rather than shown as noise.
fn decoded(text: String) -> String {
    let bytes = base64(&text).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// Base64 with its padding (RFC 4648, section 4), blanks anywhere. By hand: the library that the rest of the core has is larger than all this file.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count, mut padding) = (0u32, 0u32, 0u32);
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        let value = match c {
            'A'..='Z' => c as u32 - 'A' as u32,
            'a'..='z' => c as u32 - 'a' as u32 + 26,
            '0'..='9' => c as u32 - '0' as u32 + 52,
            '+' => 62,
            '/' => 63,
            '=' => 0,
            _ => return None,
        };
        padding += u32::from(c == '=');
        if padding > 2 || (padding > 0 && c != '=') {
            return None;
        }
        (bits, count) = (bits << 6 | value, count + 1);
        if count % 4 == 0 {
            bytes.extend_from_slice(bits.to_be_bytes().get(1..)?);
            bits = 0;
        }
    }
    let padding = padding as usize;
    // What the padding stands for is nothing, and says so.
    let has_rest = bytes.iter().rev().take(padding).any(|byte| *byte != 0);
    bytes.truncate(bytes.len().checked_sub(padding)?);
    (count % 4 == 0 && !has_rest).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_the_library_reads_it(text in "[A-C+/=]{0,9}", bytes: Vec<u8>) {
            prop_assert_eq!(super::base64(&text), STANDARD.decode(&text).ok());
            prop_assert_eq!(super::base64(&STANDARD.encode(&bytes)), Some(bytes));
        }
    }
}
