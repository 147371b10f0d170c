//! A service as text of this library's own: for another process, or another day. A provider's description of it is read by
//! [`Service::from_json`].

use serde::{Deserialize, Serialize};

use super::{Field, Money, PaidOption, Service, ServiceForm};
use crate::form::{Requirements, Rule, SchemaError};

/// What a [`Service`] is made of; what follows from the rule is worked out again.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Portable {
    id: String,
    name: String,
    category: String,
    fields: Vec<Field>,
    rule: String,
    price: Option<Money>,
    search_price: Option<Money>,
    has_search: bool,
    is_synchronous: bool,
    options: Vec<PaidOption>,
    instructions_html: String,
    search_instructions_html: String,
}

impl From<Service> for Portable {
    fn from(service: Service) -> Portable {
        Portable {
            id: service.id,
            name: service.name,
            category: service.category,
            rule: service.form.rule.to_string(),
            fields: service.form.fields,
            price: service.price,
            search_price: service.search_price,
            has_search: service.has_search,
            is_synchronous: service.is_synchronous,
            options: service.options,
            instructions_html: service.instructions_html,
            search_instructions_html: service.search_instructions_html,
        }
    }
}

impl TryFrom<Portable> for Service {
    type Error = SchemaError;

    fn try_from(portable: Portable) -> Result<Service, SchemaError> {
        let keys: Vec<&str> = (portable.fields.iter().map(|field| field.key.as_str())).collect();
        let rule = Rule::parse(&portable.rule, &keys)?;
        Ok(Service {
            id: portable.id,
            name: portable.name,
            category: portable.category,
            form: ServiceForm {
                requirements: Requirements::of(&rule),
                fields: portable.fields,
                rule,
            },
            price: portable.price,
            search_price: portable.search_price,
            has_search: portable.has_search,
            is_synchronous: portable.is_synchronous,
            options: portable.options,
            instructions_html: portable.instructions_html,
            search_instructions_html: portable.search_instructions_html,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn what_was_written_is_read_as_the_same_service() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/form");
        let mut read = 0;
        for file in fs::read_dir(folder).expect("the vectors are there") {
            let text = fs::read_to_string(file.expect("it is listed").path()).expect("it can be read");
            let file: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
            let service = Service::from_json(&file["service"].to_string()).expect("it is a service");
            let written = serde_json::to_string(&service).expect("it can be written");
            let again: Service = serde_json::from_str(&written).expect("it can be read again");
            assert_eq!(again, service);
            read += 1;
        }
        assert!(read > 3);
    }

    #[test]
    fn a_rule_over_other_fields_is_refused() {
        let text = r#"{"id":"1","name":"n","category":"c","fields":[],"rule":"$0","price":null,"searchPrice":null,"hasSearch":false,
            "isSynchronous":false,"options":[],"instructionsHtml":"","searchInstructionsHtml":""}"#;
        let refused = serde_json::from_str::<Service>(text).expect_err("there is no field $0");
        assert!(refused.to_string().contains("$0"), "{refused}");
    }
}
