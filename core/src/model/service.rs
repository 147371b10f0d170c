use serde::{Deserialize, Serialize};

use super::portable::Portable;
use super::{Field, Money, lower};
use crate::form::{Requirements, Rule, SchemaError};
use crate::provider::Described;

/// One line of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceSummary {
    /// The provider's id of the service.
    pub id: String,
    /// Its name, trimmed.
    pub name: String,
    /// Its category: `Patronato`.
    pub category: String,
}

/// A service: what it asks for and what it costs. Written with serde it is text of this library's own, that only it reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Portable", into = "Portable")]
pub struct Service {
    /// The provider's id of the service.
    pub id: String,
    /// Its name, trimmed.
    pub name: String,
    /// Its category.
    pub category: String,
    /// What it asks for.
    pub form: ServiceForm,
    /// The net price of the document itself; `None` when the provider gave none that can be read.
    pub price: Option<Money>,
    /// The net price of one search, for services that search first.
    pub search_price: Option<Money>,
    /// True when a commit starts a search whose results are then chosen from.
    pub has_search: bool,
    /// True when the answer to the commit already holds the result.
    pub is_synchronous: bool,
    /// Paid extras.
    pub options: Vec<PaidOption>,
    /// Instructions as the provider gives them, decoded: **untrusted** HTML.
    pub instructions_html: String,
    /// Instructions for the choice among search results, decoded: **untrusted** HTML.
    pub search_instructions_html: String,
}

/// What a service asks for: its fields in display order and the rule over them.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceForm {
    /// The fields in display order.
    pub fields: Vec<Field>,
    /// The rule that decides what is required.
    pub rule: Rule,
    /// What the rule really demands, worked out once.
    pub requirements: Requirements,
}

impl ServiceForm {
    /// The field that a caller's key means: field key, then slug (also in camel case), then label (blanks and case folded).
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.get(self.index_of(key)?)
    }

    /// The place among the fields of the one that a caller's key means, as [`field`](ServiceForm::field) finds it.
    #[must_use]
    pub fn index_of(&self, key: &str) -> Option<usize> {
        // Keys such as `$4` differ in their last byte; it is compared before all are.
        let last = key.as_bytes().last();
        (self.fields.iter())
            .position(|field| field.key.as_bytes().last() == last && field.key == key)
            .or_else(|| self.fields.iter().position(|field| field.slug == key))
            .or_else(|| self.fields.iter().position(|field| same_word(&field.slug, key)))
            .or_else(|| {
                let folded = fold(key);
                let mut same =
                    (self.fields.iter().enumerate()).filter(|(_, field)| fold(&field.label) == folded);
                // Two fields of one label: which is meant can't be told, so neither is.
                same.next()
                    .filter(|_| same.next().is_none())
                    .map(|(index, _)| index)
            })
    }
}

/// True for `tax_code` and `taxCode`.
fn same_word(slug: &str, key: &str) -> bool {
    let mut slug = slug.chars().filter(|c| *c != '_').map(lower);
    let mut key = key.chars().filter(|c| *c != '_').map(lower);
    loop {
        match (slug.next(), key.next()) {
            (None, None) => return true,
            (one, other) if one != other => return false,
            _ => {}
        }
    }
}

/// Lower case, single blanks, trimmed: how names and labels are compared.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut is_apart = false;
    for c in text.chars() {
        if c.is_whitespace() {
            is_apart = true;
            continue;
        }
        if is_apart && !folded.is_empty() {
            folded.push(' ');
        }
        is_apart = false;
        folded.push(lower(c));
    }
    folded
}

/// A paid extra of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaidOption {
    /// What a caller names: `urgenza`.
    pub name: String,
    /// What the wire names: `opzione_0`.
    pub wire_name: String,
    /// Its net price.
    pub price: Money,
}

/// What a submission will cost. All amounts are net of VAT unless said otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// Due when the request is handed in: what `confirm_price` must say.
    pub due_now: Money,
    /// Due when a search result is chosen; zero for services without a search.
    pub due_on_choice: Money,
    /// Both together.
    pub total: Money,
    /// VAT on the total.
    pub vat: Money,
    /// The total with VAT.
    pub gross: Money,
    /// The options included, by name.
    pub options: Vec<String>,
    /// The account's credit, where the client may ask for it.
    pub credit: Option<Money>,
}

impl Service {
    /// Reads a provider's description of a service: the bare object, or the envelope around it.
    ///
    /// # Errors
    /// `schema.*` when the description is broken; nothing in the answers could mend that.
    pub fn from_json(text: &str) -> Result<Service, SchemaError> {
        crate::provider::service_from_json(text)
    }

    /// The same of a description that a host parsed itself.
    ///
    /// # Errors
    /// `schema.*` when the description is broken; nothing in the answers could mend that.
    pub fn from_description(description: &Described) -> Result<Service, SchemaError> {
        crate::provider::service_described(description)
    }

    /// The option a caller names, by name or wire name.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&PaidOption> {
        self.options
            .iter()
            .find(|option| option.name == name || option.wire_name == name)
    }

    /// The price with these options; `None` when the provider gave no price or has no such option.
    ///
    /// Where a service searches first, the options belong to the document and so to the choice.
    #[must_use]
    pub fn quote(&self, options: &[String]) -> Option<Quote> {
        let chosen: Option<Vec<_>> = options.iter().map(|name| self.option(name)).collect();
        let chosen = chosen?;
        let document = self.price? + chosen.iter().map(|option| option.price).sum();
        let (due_now, due_on_choice) = if self.has_search {
            (self.search_price?, document)
        } else {
            (document, Money::ZERO)
        };
        let total = due_now + due_on_choice;
        Some(Quote {
            due_now,
            due_on_choice,
            total,
            vat: total.vat(),
            gross: total.gross(),
            options: chosen.iter().map(|option| option.name.clone()).collect(),
            credit: None,
        })
    }
}
