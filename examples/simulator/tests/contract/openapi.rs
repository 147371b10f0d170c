//! One OpenAPI description: its operations, its schemas, and what goes against them.
//!
//! Its schemas are open: hardly a member is required, and any other may be there. Here they are closed, so
//! that a member nobody describes is found, with room for those that stand for many (`$n`, `fieldN`).

use std::{collections::BTreeSet, fs, path::Path};

use jsonschema::{Draft, error::ValidationErrorKind};
use serde_json::{Map, Value, json};
use sportello_simulator::SimRequest;

use crate::deviations::Finding;

/// Names that stand for many, and what they stand for.
const PLACEHOLDERS: [(&str, &str); 7] = [
    ("$n", r"^\$\d+$"),
    ("fieldN", r"^field\d+$"),
    ("json_visura.$n", r"^json_visura\.\$\d+$"),
    ("search.fieldN", r"^search\.field\d+$"),
    ("opzione_n", r"^opzione_\d+$"),
    // Labels, and names of headers.
    ("field", ""),
    ("key", ""),
];

/// A description.
pub(crate) struct Description {
    api: String,
    root: Value,
}

/// One operation of it.
pub(crate) struct Operation<'a> {
    method: String,
    template: &'a str,
    value: &'a Value,
}

impl Operation<'_> {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    /// The documented errors: status and code.
    fn errors(&self) -> BTreeSet<(u16, i64)> {
        let mut errors = BTreeSet::new();
        for (status, response) in self.value["responses"].as_object().unwrap() {
            let status: u16 = status.parse().unwrap();
            for code in examples(&response["content"]["application/json"])
                .iter()
                .filter_map(|example| example["error"].as_i64())
            {
                errors.insert((status, code));
            }
        }
        errors
    }
}

/// The one example or the several named ones.
fn examples(content: &Value) -> Vec<Value> {
    let named = content["examples"].as_object().into_iter().flatten();
    let named = named.map(|(_, example)| example["value"].clone());
    named.chain(content.get("example").cloned()).collect()
}

impl Description {
    pub(crate) fn load(folder: &Path, api: &str) -> Self {
        let path = folder.join(format!("{api}.openapi.json"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self {
            api: api.to_owned(),
            root: serde_json::from_str(&text).expect("JSON"),
        }
    }

    fn finding(&self, about: &str, place: impl Into<String>, what: impl Into<String>) -> Finding {
        Finding {
            api: self.api.clone(),
            about: about.to_owned(),
            place: place.into(),
            what: what.into(),
        }
    }

    fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.root["paths"].as_object().unwrap();
        paths.iter().flat_map(|(template, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, value)| Operation {
                    method: method.to_uppercase(),
                    template,
                    value,
                })
        })
    }

    /// The operation a call belongs to. An id that is missing at the end of the path still names the
    /// operation that wants it: "id required" is one of the documented errors.
    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let given: Vec<&str> = path.trim_matches('/').split('/').collect();
        let fits = |template: &str, missing: bool| {
            let wanted: Vec<&str> = template.trim_matches('/').split('/').collect();
            let len_fits = given.len() + usize::from(missing) == wanted.len();
            let tail_fits = !missing || wanted.last().is_some_and(|last| last.starts_with('{'));
            let pairs = wanted.iter().zip(&given);
            len_fits
                && tail_fits
                && pairs
                    .into_iter()
                    .all(|(want, have)| want.starts_with('{') || want == have)
        };
        // A path of its own goes before one with an id in it: `/wallet/transactions`.
        let exact = |operation: &Operation<'_>| operation.method == method && operation.template == path;
        let plain = |operation: &Operation<'_>| operation.method == method && fits(operation.template, false);
        let short = |operation: &Operation<'_>| operation.method == method && fits(operation.template, true);
        self.operations()
            .find(exact)
            .or_else(|| self.operations().find(plain))
            .or_else(|| self.operations().find(short))
    }

    /// What an answer does that the description doesn't say.
    pub(crate) fn answer(&self, operation: &Operation<'_>, status: u16, body: &Value) -> BTreeSet<Finding> {
        if status == 200 {
            let content = &operation.value["responses"]["200"]["content"]["application/json"];
            let mut findings = self.violations("schema", &content["schema"], body);
            // The envelope around what is described bare: said of each call, so that no other hides behind it.
            if findings.remove(&self.finding("schema", "/data", "not described")) {
                findings.insert(self.finding(
                    "schema",
                    format!("{} /data", operation.name()),
                    "not described",
                ));
            }
            return findings;
        }
        let mut findings = BTreeSet::new();
        let code = body["error"].as_i64();
        if !code.is_some_and(|code| operation.errors().contains(&(status, code))) {
            let place = format!("{} {status} {}", operation.name(), code.unwrap_or_default());
            findings.insert(self.finding("answer", place, "not listed"));
        }
        // No schema says what an error looks like; every example does.
        let shape = json!({
            "type": "object",
            "properties": {"success": {"enum": [false]}, "message": {"type": "string"},
                "error": {"type": "integer"}, "data": {"enum": [null]}},
            "required": ["success", "message", "error", "data"],
        });
        findings.extend(self.violations("schema", &shape, body));
        findings
    }

    /// A call that is no operation: the answer has to be that.
    pub(crate) fn elsewhere(&self, request: &SimRequest, status: u16) -> BTreeSet<Finding> {
        let known = matches!(status, 401 | 403 | 404);
        let place = format!("{} {}", request.method, request.path);
        let finding = (!known).then(|| self.finding("answer", place, "no such operation"));
        finding.into_iter().collect()
    }

    /// What a request does that the description doesn't say.
    pub(crate) fn request(&self, request: &SimRequest) -> BTreeSet<Finding> {
        let Some(operation) = self.operation(&request.method, &request.path) else {
            let place = format!("{} {}", request.method, request.path);
            return BTreeSet::from([self.finding("request", place, "no such operation")]);
        };
        let mut findings = BTreeSet::new();
        let described = &operation.value["requestBody"];
        let place = operation.name();
        match (described.is_object(), request.body.is_empty()) {
            (false, false) => {
                findings.insert(self.finding("request", place.clone(), "a body nobody describes"));
            }
            (true, true) if described["required"] == true => {
                findings.insert(self.finding("request", place.clone(), "no body"));
            }
            (true, false) => {
                let body: Value = serde_json::from_slice(&request.body).expect("JSON");
                let schema = &described["content"]["application/json"]["schema"];
                findings.extend(self.violations("request", schema, &body));
            }
            _ => {}
        }
        for pair in request.query.iter().flat_map(|query| query.split('&')) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let parameters = operation.value["parameters"].as_array();
            let described = parameters
                .into_iter()
                .flatten()
                .find(|parameter| parameter["in"] == "query" && parameter["name"] == name);
            let value: Value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
            match described {
                Some(parameter) => findings.extend(self.violations("request", &parameter["schema"], &value)),
                None => {
                    findings.insert(self.finding(
                        "request",
                        format!("{place} ?{name}"),
                        "a parameter nobody describes",
                    ));
                }
            }
        }
        findings
    }

    /// What a callback carries that the description doesn't say.
    pub(crate) fn callback(&self, body: &Value) -> BTreeSet<Finding> {
        let callbacks = &self.root["paths"]["/requests"]["post"]["callbacks"]["callback"];
        let (_, item) = callbacks.as_object().unwrap().iter().next().unwrap();
        let schema = &item["post"]["requestBody"]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "the description says what a callback carries");
        self.violations("callback", schema, body)
    }

    /// The documented errors that were not seen, and the calls that never succeeded.
    pub(crate) fn unreached(&self, seen: &BTreeSet<(String, u16, Option<i64>)>) -> BTreeSet<Finding> {
        let mut findings = BTreeSet::new();
        for operation in self.operations() {
            let name = operation.name();
            if !seen
                .iter()
                .any(|(call, status, _)| *call == name && *status == 200)
            {
                findings.insert(self.finding("unreached", name, "never answered"));
                continue;
            }
            for (status, code) in operation.errors() {
                if !seen.contains(&(name.clone(), status, Some(code))) {
                    findings.insert(self.finding(
                        "unreached",
                        format!("{name} {status} {code}"),
                        "never seen",
                    ));
                }
            }
        }
        findings
    }

    /// What the description's own examples of good answers do against its schemas.
    pub(crate) fn examples(&self) -> BTreeSet<Finding> {
        let contents = self
            .operations()
            .map(|operation| operation.value["responses"]["200"]["content"]["application/json"].clone());
        contents
            .flat_map(|content| {
                let shown = examples(&content);
                shown
                    .into_iter()
                    .flat_map(|example| self.violations("schema", &content["schema"], &example))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    fn violations(&self, about: &str, schema: &Value, value: &Value) -> BTreeSet<Finding> {
        let schema = self.closed(schema, Some(value), true);
        let validator = jsonschema::options()
            .with_draft(Draft::Draft7)
            .should_validate_formats(true)
            .build(&schema)
            .expect("a schema");
        let mut findings = BTreeSet::new();
        for error in validator.iter_errors(value) {
            let place = place(error.instance_path().as_str());
            if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
                for name in unexpected {
                    findings.insert(self.finding(
                        about,
                        format!("{place}/{}", general(name)),
                        "not described",
                    ));
                }
                continue;
            }
            let what = match error.kind() {
                ValidationErrorKind::Type { .. } if error.instance().is_null() => "null".to_owned(),
                ValidationErrorKind::Type { .. } => format!("of another type: {}", kind_of(error.instance())),
                ValidationErrorKind::Enum { .. } => "not in the list".to_owned(),
                ValidationErrorKind::Format { format } => format!("not a {format}"),
                _ => error.to_string(),
            };
            findings.insert(self.finding(about, place, what));
        }
        findings
    }

    /// The schema as JSON Schema has it: references followed, `nullable` said in its own words, closed, and of
    /// several alternatives only those that could be meant by this value.
    fn closed(&self, schema: &Value, value: Option<&Value>, close: bool) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self
                .root
                .pointer(reference.trim_start_matches('#'))
                .expect("a reference");
            return self.closed(target, value, close);
        }
        let Some(members) = schema.as_object() else {
            return schema.clone();
        };
        let mut out = Map::new();
        for (name, member) in members {
            let member = match name.as_str() {
                "properties" => {
                    let inner = |(key, inner): (&String, &Value)| {
                        let value = value.and_then(|value| value.get(key));
                        (key.clone(), self.closed(inner, value, true))
                    };
                    Value::Object(member.as_object().unwrap().iter().map(inner).collect())
                }
                "items" => self.closed(member, None, true),
                "additionalProperties" if member.is_object() => self.closed(member, None, true),
                // Each branch sees all the members, so none may be closed alone.
                "allOf" => member
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|one| self.closed(one, value, false))
                    .collect(),
                "oneOf" => self.alternatives(member, value),
                "example" | "description" | "nullable" | "default" => continue,
                _ => member.clone(),
            };
            out.insert(name.clone(), member);
        }
        if close && out.contains_key("properties") && !out.contains_key("additionalProperties") {
            out.insert("additionalProperties".to_owned(), json!(false));
            spread(&mut out);
        }
        if schema["nullable"] == true
            && let Some(kind) = out.get_mut("type")
        {
            *kind = json!([kind.clone(), "null"]);
        }
        Value::Object(out)
    }

    /// Of several alternatives, those of this value's type: a list is not told what an object would need.
    fn alternatives(&self, branches: &Value, value: Option<&Value>) -> Value {
        let branches = branches.as_array().unwrap().iter();
        let closed: Vec<Value> = branches.map(|branch| self.closed(branch, value, true)).collect();
        let Some(value) = value else {
            return Value::Array(closed);
        };
        let of_type: Vec<Value> = closed
            .iter()
            .filter(|branch| branch["type"] == kind_of(value))
            .cloned()
            .collect();
        Value::Array(if of_type.is_empty() { closed } else { of_type })
    }
}

/// Gives a member that stands for many its many names.
fn spread(schema: &mut Map<String, Value>) {
    let properties = schema["properties"].as_object().unwrap().clone();
    for (name, pattern) in PLACEHOLDERS {
        let Some(inner) = properties.get(name) else {
            continue;
        };
        if pattern.is_empty() {
            // Only where nothing else is there: a callback has a member of this name that means itself.
            if properties.len() == 1 {
                schema.insert("additionalProperties".to_owned(), inner.clone());
            }
        } else {
            let patterns = schema.entry("patternProperties").or_insert_with(|| json!({}));
            patterns[pattern] = inner.clone();
        }
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A pointer without the numbers in it.
fn place(pointer: &str) -> String {
    pointer.split('/').map(general).collect::<Vec<_>>().join("/")
}

fn general(name: &str) -> String {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(name) {
        "*".to_owned()
    } else if name.strip_prefix('$').is_some_and(digits) {
        "$n".to_owned()
    } else if name.strip_prefix("field").is_some_and(digits) {
        "fieldN".to_owned()
    } else {
        name.to_owned()
    }
}
