//! The documents on offer: `data/documents.json`. The published ones are as published; the invented ones, in
//! the same style, are for what those leave untried. Assegno Unico is in neither.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use serde::Deserialize;
use serde_json::{Number, Value};

use crate::{rule::Rule, visengine::catalogue::cents};

/// A field of a form.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) required: bool,
    /// The only values allowed; empty where any is.
    pub(crate) codes: Vec<String>,
}

/// A paid extra.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PaidOption {
    pub(crate) name: String,
    pub(crate) price: Number,
}

impl PaidOption {
    pub(crate) fn cents(&self) -> i64 {
        cents(&self.price)
    }
}

/// What a document does, beyond what its entry says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Behaviour {
    /// What a search finds.
    pub(crate) results: Vec<Value>,
    /// How many files are delivered; one where it is not said.
    pub(crate) files: usize,
    /// 417: not at the moment.
    pub(crate) unavailable: bool,
    /// 422/320: tax codes of companies too young to have one.
    pub(crate) newborn: Vec<String>,
}

/// A document on offer.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) has_search: bool,
    pub(crate) is_sync: bool,
    pub(crate) search_price: Number,
    pub(crate) document_price: Number,
    pub(crate) options: Vec<PaidOption>,
    pub(crate) fields: Vec<Field>,
    pub(crate) rule: Rule,
    pub(crate) behaviour: Behaviour,
}

impl Document {
    pub(crate) fn search_cents(&self) -> i64 {
        cents(&self.search_price)
    }

    pub(crate) fn document_cents(&self) -> i64 {
        cents(&self.document_price)
    }

    pub(crate) fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

/// All documents, in the published order.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    documents: Vec<Arc<Document>>,
    list: Value,
}

impl Catalogue {
    /// The one catalogue of the process. Its data is part of the program; a test keeps it readable.
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: OnceLock<Arc<Catalogue>> = OnceLock::new();
        Arc::clone(SHARED.get_or_init(|| Arc::new(Self::load().unwrap_or_default())))
    }

    fn load() -> Option<Self> {
        let file: File = serde_json::from_str(include_str!("../../data/documents.json")).ok()?;
        let list: Vec<Value> = file.published.into_iter().chain(file.invented).collect();
        let documents = list.iter().map(|entry| {
            let entry: Entry = serde_json::from_value(entry.clone()).ok()?;
            let behaviour = file.behaviour.get(&entry.id).cloned().unwrap_or_default();
            Some(Arc::new(entry.document(behaviour)?))
        });
        Some(Self {
            documents: documents.collect::<Option<_>>()?,
            list: Value::Array(list),
        })
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<Document>> {
        self.documents.iter().find(|document| document.id == id)
    }

    /// The answer of `GET /documents`.
    pub(crate) fn list(&self) -> Value {
        self.list.clone()
    }
}

#[derive(Deserialize)]
struct File {
    published: Vec<Value>,
    invented: Vec<Value>,
    behaviour: BTreeMap<String, Behaviour>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    request_structure: Structure,
    name: String,
    options: Option<Vec<PaidOption>>,
    has_search: bool,
    is_sync: bool,
    id: String,
    search_price: Number,
    document_price: Number,
}

#[derive(Deserialize)]
struct Structure {
    fields: BTreeMap<String, EntryField>,
    validation: String,
}

#[derive(Deserialize)]
struct EntryField {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    required: bool,
    options: Option<Vec<Code>>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

impl Entry {
    fn document(self, behaviour: Behaviour) -> Option<Document> {
        let mut fields: Vec<Field> = self
            .request_structure
            .fields
            .into_iter()
            .map(|(key, field)| Field {
                key,
                name: field.name,
                kind: field.kind,
                required: field.required,
                codes: field
                    .options
                    .into_iter()
                    .flatten()
                    .map(|code| code.code)
                    .collect(),
            })
            .collect();
        fields.sort_by_key(|field| {
            let digits = field.key.trim_start_matches("field");
            digits.parse::<u32>().unwrap_or(u32::MAX)
        });
        Some(Document {
            rule: Rule::parse(&self.request_structure.validation)?,
            id: self.id,
            name: self.name,
            has_search: self.has_search,
            is_sync: self.is_sync,
            search_price: self.search_price,
            document_price: self.document_price,
            options: self.options.unwrap_or_default(),
            fields,
            behaviour,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_reads_and_every_rule_names_fields_of_its_form() {
        let file: File = serde_json::from_str(include_str!("../../data/documents.json")).unwrap();
        assert_eq!((file.published.len(), file.invented.len()), (12, 5));
        let catalogue = Catalogue::load().unwrap();
        assert!(file.behaviour.keys().all(|id| catalogue.get(id).is_some()));
        for document in &catalogue.documents {
            assert!(
                document.rule.holds(&|key| document.field(key).is_some()),
                "{}",
                document.name
            );
            assert!(!document.rule.holds(&|_| false), "{}", document.name);
            assert!(document.document_cents() > 0);
            assert_eq!(document.has_search, document.search_cents() > 0);
            assert_eq!(document.has_search, !document.behaviour.results.is_empty());
            assert!(!document.name.contains("Assegno"));
        }
    }
}
