//! Services as the provider describes them, and how a caller's name of one is resolved.

use base64::Engine as _;
use serde_json::{Map, Value};

use super::loose;
use crate::check::recognise;
use crate::form::{Requirements, Rule, SchemaError};
use crate::model::{Choice, Field, FieldKind, Money, PaidOption, Service, ServiceForm, ServiceSummary, fold};

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

/// Names that callers may use for a service, beside its id and its exact name.
const ALIASES: &[(&str, &str)] = &[
    ("assegno-unico", "Domanda Assegno Unico"),
    ("isee", "ISEE"),
    ("isee-corrente", "ISEE CORRENTE"),
    ("naspi", "NASPI"),
    ("maternita", "Indennità di Maternità"),
    ("pensione-vecchiaia", "Pensione di vecchiaia"),
    ("pensione-superstiti", "Pensione Superstiti"),
    ("dimissioni", "DIMISSIONI VOLONTARIE"),
    ("730", "730 Singolo"),
    ("730-congiunto", "730 Congiunto"),
    ("estratto-contributivo", "Estratto Contributivo"),
    ("congedo-parentale", "Indennità per congedo parentale"),
];

/// The kind that a wire name means.
pub(crate) fn kind_of(wire: &str) -> FieldKind {
    let wire = wire.trim().to_lowercase();
    KINDS
        .iter()
        .find(|(name, _)| *name == wire)
        .map_or(FieldKind::Unknown, |(_, kind)| *kind)
}

/// Reads a service's description: the bare object, or the envelope around it.
pub(crate) fn service_from_json(text: &str) -> Result<Service, SchemaError> {
    let value: Value = serde_json::from_str(text).map_err(|_| SchemaError::not_json())?;
    let data = value
        .get("data")
        .filter(|data| data.is_object())
        .unwrap_or(&value);
    service(data)
}

/// Reads a service's description.
pub(super) fn service(data: &Value) -> Result<Service, SchemaError> {
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

/// Reads the catalogue; entries without an id or a name are left out.
pub(super) fn summaries(data: &Value) -> Option<Vec<ServiceSummary>> {
    let items = data.as_array()?;
    let summary = |item: &Value| {
        Some(ServiceSummary {
            id: loose::text(item.get("hash_visura")).filter(|id| !id.is_empty())?,
            name: loose::text(item.get("nome_visura")).filter(|name| !name.is_empty())?,
            category: loose::text(item.get("nome_categoria")).unwrap_or_default(),
        })
    };
    Some(items.iter().filter_map(summary).collect())
}

fn form(structure: &Map<String, Value>) -> Result<ServiceForm, SchemaError> {
    let described = loose::object(structure.get("campi")).filter(|fields| !fields.is_empty());
    let described = described.ok_or_else(SchemaError::no_fields)?;
    let mut fields: Vec<(u64, u64, Field)> = Vec::with_capacity(described.len());
    for (key, value) in described {
        let value = value
            .as_object()
            .ok_or_else(|| SchemaError::no_fields().at(key.clone()))?;
        // A field without an order comes first.
        let order = loose::number(value.get("ordine")).map_or(0, |order| order + 1);
        let index = key
            .trim_start_matches(|c: char| !c.is_ascii_digit())
            .parse()
            .unwrap_or(u64::MAX);
        fields.push((order, index, field(key, value)));
    }
    fields.sort_by(|a, b| (a.0, a.1, &a.2.key).cmp(&(b.0, b.1, &b.2.key)));
    let mut fields: Vec<Field> = fields.into_iter().map(|(.., field)| field).collect();
    name_uniquely(&mut fields);
    let keys: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
    let rule = match loose::text(structure.get("validazione")).filter(|rule| !rule.is_empty()) {
        Some(text) => Rule::parse(&text, &keys)?,
        // Without a rule all that is left is what each field says of itself.
        None => {
            let required: Vec<&str> = (fields.iter())
                .filter(|field| field.declared_nullable == Some(false))
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

fn field(key: &str, value: &Map<String, Value>) -> Field {
    let label = loose::text(value.get("nome"))
        .filter(|label| !label.is_empty())
        .unwrap_or_else(|| key.to_owned());
    let wire_kind = loose::text(value.get("tipo")).unwrap_or_default();
    Field {
        key: key.to_owned(),
        slug: slug(&label),
        kind: kind_of(&wire_kind),
        recognised: recognise(kind_of(&wire_kind), &label),
        wire_kind,
        label,
        help: loose::text(value.get("istruzioni")).unwrap_or_default(),
        choices: choices(value.get("opzioni")),
        declared_nullable: loose::flag(value.get("null")),
        required: false,
    }
}

/// A closed list of values: texts, or objects with a code and a description; also as JSON inside a string.
fn choices(value: Option<&Value>) -> Vec<Choice> {
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

/// A label as a plain key: `CODICE FISCALE` → `codice_fiscale`.
fn slug(label: &str) -> String {
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

/// A service could not be named.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// There is none of this id, name or alias.
    #[error("no such service")]
    NotFound {
        /// Services whose names come near, to choose from; never chosen by themselves.
        near: Vec<ServiceSummary>,
    },
    /// Several have this name.
    #[error("several services have this name")]
    Ambiguous {
        /// All of them.
        candidates: Vec<ServiceSummary>,
    },
}

/// The service that a caller means: by id, then by exact name (trimmed, case-folded), then by alias. Never by a part of a name: what is
/// named here may be paid for.
///
/// # Errors
/// None is found, with near names; or several have the name.
pub fn resolve<'a>(query: &str, services: &'a [ServiceSummary]) -> Result<&'a ServiceSummary, ResolveError> {
    let folded = fold(query);
    if let Some(service) = services.iter().find(|service| service.id == query.trim()) {
        return Ok(service);
    }
    let alias = ALIASES
        .iter()
        .find(|(alias, _)| *alias == folded)
        .map(|(_, name)| fold(name));
    for name in [Some(folded.clone()), alias].into_iter().flatten() {
        let found: Vec<&ServiceSummary> = services
            .iter()
            .filter(|service| fold(&service.name) == name)
            .collect();
        match found.as_slice() {
            [] => {}
            [only] => return Ok(only),
            several => {
                return Err(ResolveError::Ambiguous {
                    candidates: several.iter().map(|one| (*one).clone()).collect(),
                });
            }
        }
    }
    let words: Vec<&str> = folded
        .split([' ', '-', '_'])
        .filter(|word| word.len() > 2)
        .collect();
    let hits = |service: &ServiceSummary| {
        words
            .iter()
            .filter(|word| fold(&service.name).contains(**word))
            .count()
    };
    let mut near: Vec<&ServiceSummary> = services.iter().filter(|service| hits(service) > 0).collect();
    near.sort_by_key(|service| std::cmp::Reverse(hits(service)));
    Err(ResolveError::NotFound {
        near: near.into_iter().take(5).cloned().collect(),
    })
}
