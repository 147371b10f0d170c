//! The services on offer. What they ask for is data: `data/catalogue.json` and `data/forms.json`.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value, json};

use crate::rule::Rule;

/// A field of a form.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) key: String,
    pub(crate) label: String,
    pub(crate) kind: String,
}

/// A paid extra.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PaidOption {
    tipo: String,
    prezzo: Number,
    pub(crate) nome: String,
}

impl PaidOption {
    pub(crate) fn cents(&self) -> i64 {
        cents(&self.prezzo)
    }
}

/// A service with its form.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) hash: String,
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) price: Number,
    pub(crate) search_price: Number,
    pub(crate) has_search: bool,
    pub(crate) synchronous: bool,
    pub(crate) options: Vec<PaidOption>,
    pub(crate) fields: Vec<Field>,
    pub(crate) rule: Rule,
    /// What a search finds.
    pub(crate) results: Vec<Value>,
    /// The answer of `GET /visure/{hash}`.
    pub(crate) description: Value,
}

impl Service {
    pub(crate) fn price_cents(&self) -> i64 {
        cents(&self.price)
    }

    pub(crate) fn search_cents(&self) -> i64 {
        cents(&self.search_price)
    }
}

/// Prices are published as decimal numbers; money is counted in cents.
pub(crate) fn cents(price: &Number) -> i64 {
    (price.as_f64().unwrap_or(0.0) * 100.0).round() as i64
}

/// All services, in the published order.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    services: Vec<Arc<Service>>,
}

impl Catalogue {
    /// The one catalogue of the process. Its data is part of the program; a test keeps it readable.
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: OnceLock<Arc<Catalogue>> = OnceLock::new();
        Arc::clone(SHARED.get_or_init(|| Arc::new(Self::load().unwrap_or_default())))
    }

    fn load() -> Option<Self> {
        let entries: Vec<Entry> = serde_json::from_str(include_str!("../../data/catalogue.json")).ok()?;
        let forms: Forms = serde_json::from_str(include_str!("../../data/forms.json")).ok()?;
        let services = entries.into_iter().map(|entry| {
            let form = forms
                .forms
                .get(&entry.hash_visura)
                .or_else(|| forms.generic.get(&entry.nome_categoria))?;
            Some(Arc::new(form.service(entry)?))
        });
        Some(Self {
            services: services.collect::<Option<_>>()?,
        })
    }

    pub(crate) fn get(&self, hash: &str) -> Option<&Arc<Service>> {
        self.services.iter().find(|service| service.hash == hash)
    }

    /// The answer of `GET /visure`.
    pub(crate) fn list(&self) -> Value {
        let entry = |service: &Arc<Service>| {
            json!({
                "nome_visura": service.name,
                "nome_categoria": service.category,
                "hash_visura": service.hash,
            })
        };
        Value::Array(self.services.iter().map(entry).collect())
    }
}

#[derive(Deserialize)]
struct Entry {
    nome_visura: String,
    nome_categoria: String,
    hash_visura: String,
}

#[derive(Deserialize)]
struct Forms {
    forms: BTreeMap<String, Form>,
    generic: BTreeMap<String, Form>,
}

#[derive(Deserialize)]
struct Form {
    prezzo_visura: Number,
    #[serde(default = "free")]
    prezzo_ricerca: Number,
    #[serde(default)]
    ricerca: bool,
    #[serde(default)]
    sincrona: bool,
    #[serde(default)]
    opzioni: Option<Vec<PaidOption>>,
    campi: Map<String, Value>,
    validazione: String,
    #[serde(default)]
    istruzioni_html: String,
    #[serde(default)]
    risultati: Vec<Value>,
}

fn free() -> Number {
    Number::from(0)
}

impl Form {
    fn service(&self, entry: Entry) -> Option<Service> {
        let mut fields = Vec::new();
        for (key, field) in &self.campi {
            let text = |name: &str| field.get(name).and_then(Value::as_str).map(str::to_owned);
            fields.push(Field {
                key: key.clone(),
                label: text("nome")?,
                kind: text("tipo")?,
            });
        }
        fields.sort_by_key(|field| {
            field
                .key
                .trim_start_matches('$')
                .parse::<u32>()
                .unwrap_or(u32::MAX)
        });
        let description = json!({
            "nome_visura": entry.nome_visura,
            "nome_categoria": entry.nome_categoria,
            "ricerca": self.ricerca,
            "json_struttura": {
                "campi": self.campi,
                "validazione": self.validazione,
                "istruzioni": STANDARD.encode(&self.istruzioni_html),
                "istruzioni_ricerca": "",
            },
            "hash_visura": entry.hash_visura,
            "prezzo_visura": self.prezzo_visura,
            "prezzo_ricerca": self.prezzo_ricerca,
            "sincrona": self.sincrona,
            "opzioni": self.opzioni,
        });
        Some(Service {
            hash: entry.hash_visura,
            name: entry.nome_visura,
            category: entry.nome_categoria,
            price: self.prezzo_visura.clone(),
            search_price: self.prezzo_ricerca.clone(),
            has_search: self.ricerca,
            synchronous: self.sincrona,
            options: self.opzioni.clone().unwrap_or_default(),
            fields,
            rule: Rule::parse(&self.validazione)?,
            results: self.risultati.clone(),
            description,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_reads_and_every_rule_names_fields_of_its_form() {
        let catalogue = Catalogue::load().unwrap();
        assert_eq!(catalogue.services.len(), 92);
        for service in &catalogue.services {
            let known = |key: &str| service.fields.iter().any(|field| field.key == key);
            assert!(service.rule.holds(&known), "{}", service.name);
            assert!(!service.rule.holds(&|_| false), "{}", service.name);
            assert!(service.price_cents() > 0, "{}", service.name);
        }
        assert_eq!(
            catalogue
                .services
                .iter()
                .filter(|service| service.has_search)
                .count(),
            3
        );
        assert_eq!(
            catalogue
                .services
                .iter()
                .filter(|service| service.synchronous)
                .count(),
            1
        );
    }

    #[test]
    fn assegno_unico_is_as_published() {
        let catalogue = Catalogue::load().unwrap();
        let service = catalogue.get("224fcc49770edad354cdd9c480a7e50e").unwrap();
        assert_eq!(service.name, "Domanda Assegno Unico");
        assert_eq!((service.price_cents(), service.fields.len()), (1_900, 8));
        assert_eq!(
            service.options.iter().map(PaidOption::cents).collect::<Vec<_>>(),
            [400, 1_000]
        );
        let fields = &service.description["json_struttura"]["campi"];
        assert!(fields["$0"].get("ordine").is_none());
        let orders: Vec<_> = (1..8)
            .map(|n| fields[format!("${n}")]["ordine"].as_str().unwrap())
            .collect();
        assert_eq!(orders, ["1", "4", "3", "2", "5", "6", "7"]);
        assert!((0..8).all(|n| fields[format!("${n}")]["null"] == false));
        assert!(service.rule.holds(&|key| key != "$7"));
        assert!(!service.rule.holds(&|key| key != "$6"));
        let html = STANDARD
            .decode(
                service.description["json_struttura"]["istruzioni"]
                    .as_str()
                    .unwrap(),
            )
            .unwrap();
        assert!(String::from_utf8(html).unwrap().contains("href"));
    }
}
