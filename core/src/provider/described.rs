//! The description of a service as a tree of plain values, whoever parsed its JSON: `serde_json` here, a page's own `JSON.parse` there.

use serde_json::Value;

use super::loose::Scalar;
use crate::model::Money;

/// One value of a description.
#[derive(Clone, Debug, PartialEq)]
pub enum Described {
    /// Nothing.
    Null,
    /// A yes or no.
    Bool(bool),
    /// A number, as it is written in decimal digits.
    Number(String),
    /// A text.
    Text(String),
    /// A text that is itself a list or an object in JSON, and what it holds: some lists of choices come so.
    Json(String, Box<Described>),
    /// A list.
    List(Vec<Described>),
    /// An object; make it with [`Described::object`].
    Object(Vec<(String, Described)>),
}

impl Described {
    /// An object of these members, kept by name; of two that are called the same the later one counts.
    #[must_use]
    pub fn object(members: Vec<(String, Described)>) -> Described {
        let mut sorted: Vec<(String, Described)> = Vec::with_capacity(members.len());
        for member in members {
            let at = sorted.partition_point(|known| known.0 < member.0);
            match sorted.get_mut(at) {
                Some(known) if known.0 == member.0 => *known = member,
                _ => sorted.insert(at, member),
            }
        }
        Described::Object(sorted)
    }

    /// The member of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Described> {
        let own = self.members()?.iter().find(|(own, _)| own == name);
        own.map(|(_, value)| value)
    }

    /// The members of an object. `false`, `null` and an empty list (as PHP writes an empty object) are none.
    pub(super) fn members(&self) -> Option<&[(String, Described)]> {
        match self {
            Described::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The object of this name.
    pub(super) fn part(&self, name: &str) -> Option<&Described> {
        self.get(name).filter(|part| part.members().is_some())
    }

    /// The items of a list; an object keyed by numbers, as PHP writes lists with holes, counts too.
    fn items(&self) -> Vec<&Described> {
        match self {
            Described::List(items) => items.iter().collect(),
            Described::Object(members) => members.iter().map(|(_, value)| value).collect(),
            _ => Vec::new(),
        }
    }

    /// The items of the list of this name; `null`, `false` and an absent one are empty.
    pub(super) fn list(&self, name: &str) -> Vec<&Described> {
        self.get(name).map(Described::items).unwrap_or_default()
    }

    /// As [`list`](Described::list), also when it is given as JSON within a text.
    pub(super) fn list_or_json(&self, name: &str) -> Vec<&Described> {
        match self.get(name) {
            Some(Described::Json(_, value)) => value.items(),
            Some(value) => value.items(),
            None => Vec::new(),
        }
    }

    fn scalar(&self) -> Option<Scalar<'_>> {
        match self {
            Described::Bool(flag) => Some(Scalar::Bool(*flag)),
            Described::Number(number) => Some(Scalar::Number(number.into())),
            Described::Text(text) | Described::Json(text, _) => Some(Scalar::Text(text)),
            Described::Null | Described::List(_) | Described::Object(_) => None,
        }
    }

    /// This value as a text, read loosely.
    pub(super) fn as_text(&self) -> Option<String> {
        self.scalar()?.text()
    }

    /// The text of this name, read loosely.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.as_text()
    }

    /// The whole number of this name, read loosely.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.scalar()?.number()
    }

    /// The yes or no of this name, read loosely.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name)?.scalar()?.flag()
    }

    /// The price of this name: a number, or one in a text.
    pub(super) fn price(&self, name: &str) -> Option<Money> {
        match self.get(name)?.scalar()? {
            Scalar::Number(number) => number.parse().ok(),
            Scalar::Text(text) => text.trim().parse().ok(),
            Scalar::Bool(_) => None,
        }
    }
}

impl From<Value> for Described {
    fn from(value: Value) -> Described {
        match value {
            Value::Null => Described::Null,
            Value::Bool(flag) => Described::Bool(flag),
            Value::Number(number) => Described::Number(number.to_string()),
            Value::String(text) => match inner(&text) {
                Some(value) => Described::Json(text, Box::new(value.into())),
                None => Described::Text(text),
            },
            Value::Array(items) => Described::List(items.into_iter().map(Described::from).collect()),
            Value::Object(members) => {
                let members = members.into_iter().map(|(name, value)| (name, value.into()));
                Described::object(members.collect())
            }
        }
    }
}

/// What a text holds that is a list or an object in JSON.
fn inner(text: &str) -> Option<Value> {
    if text.trim_start().starts_with(['[', '{']) {
        serde_json::from_str(text).ok()
    } else {
        None
    }
}
