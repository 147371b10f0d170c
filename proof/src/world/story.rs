//! What the caller wants: a submission, a choice, another search; and with which provider.

use std::collections::BTreeMap;
use std::sync::Arc;

use sportello::flow::{Prepared, SubmitPlan, Wanted};
use sportello::journal::{Entry, EntryKey, PurchaseKind, Scope, Stage};
use sportello::model::{ResultId, Source};
use sportello::provider::docuengine::DocuEngine;
use sportello::provider::visengine::Visengine;
use sportello::provider::{PreparedFile, Provider};
use sportello_simulator::{Engine, FieldSeen, SimRequest};

/// An invented applicant's codice fiscale; its check letter is right.
const CODICE_FISCALE: &str = "PRVRSL90E52H501A";

/// Which provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Visengine,
    DocuEngine,
}

/// What the caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    Submit,
    Choice,
    Search,
}

impl Goal {
    pub(crate) fn kind(self) -> PurchaseKind {
        match self {
            Goal::Submit => PurchaseKind::Submit,
            Goal::Choice => PurchaseKind::Choice,
            Goal::Search => PurchaseKind::Search(2),
        }
    }
}

impl Api {
    pub(crate) fn provider(self) -> Arc<dyn Provider> {
        match self {
            Api::Visengine => Arc::new(Visengine),
            Api::DocuEngine => Arc::new(DocuEngine),
        }
    }

    fn service(self) -> (&'static str, &'static str) {
        match self {
            Api::Visengine => ("224fcc49770edad354cdd9c480a7e50e", "19.00"),
            Api::DocuEngine => ("66f0a1100000000000000001", "12.00"),
        }
    }

    /// A form with two files.
    fn answers(self) -> (&'static [(&'static str, &'static str)], [&'static str; 2]) {
        match self {
            Api::Visengine => (
                &[
                    ("$0", "Rosalia"),
                    ("$1", "Prova"),
                    ("$2", "rosella.prova@example.org"),
                    ("$3", "3331234567"),
                    ("$4", CODICE_FISCALE),
                    ("$5", ""),
                    ("$6", ""),
                    ("$7", ""),
                ],
                ["$5", "$6"],
            ),
            Api::DocuEngine => (
                &[
                    ("field0", "Rosalia"),
                    ("field1", "Prova"),
                    ("field2", CODICE_FISCALE),
                    ("field3", "rosella.prova@example.org"),
                    ("field4", ""),
                    ("field5", ""),
                ],
                ["field4", "field5"],
            ),
        }
    }
}

/// The plan of handing in, under this journal key.
pub(crate) fn plan(api: Api, key: &str, with_answers: bool) -> SubmitPlan {
    let (fields, file_keys) = api.answers();
    let texts: BTreeMap<String, String> = fields
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let pdf = b"%PDF-1.4\n%%EOF\n".to_vec();
    let files: Vec<PreparedFile> = file_keys
        .iter()
        .map(|key| PreparedFile {
            key: (*key).to_owned(),
            name: "scan.pdf".to_owned(),
            mime: "application/pdf".to_owned(),
            size: pdf.len() as u64,
            source: Source::Bytes(pdf.clone().into()),
            sha256: String::new(),
        })
        .collect();
    let digests = texts
        .keys()
        .map(|field| (field.clone(), format!("digest of {field} under {key}")))
        .collect();
    let answers = Prepared {
        texts,
        files,
        digests,
        digest: format!("digest of all under {key}"),
    };
    let (service, price) = api.service();
    SubmitPlan {
        key: EntryKey {
            scope: Scope {
                provider: api.provider().name().to_owned(),
                origin: "http://127.0.0.1".to_owned(),
                account: "default".to_owned(),
            },
            reference: "proof".to_owned(),
        },
        service_id: service.to_owned(),
        service_name: "a service".to_owned(),
        has_search: false,
        is_synchronous: false,
        key_id: key.to_owned(),
        duplicate_mark: None,
        allow_duplicate: false,
        options: Vec::new(),
        correlation: format!("correlation under {key}"),
        callback_url: None,
        callback_proof: String::new(),
        accept_warnings: Vec::new(),
        notify_email: None,
        confirmed_price: price.parse().expect("an amount"),
        answers: with_answers.then_some(answers),
    }
}

/// The keys of the files among the answers that the committed request of this id has not got.
pub(crate) fn files_missing(api: Api, engine: &Engine, id: &str) -> Vec<&'static str> {
    let (_, keys) = api.answers();
    let held = |key: &str| {
        let seen = match api {
            Api::Visengine => engine.submission(id).and_then(|view| view.field(key).cloned()),
            Api::DocuEngine => engine.request(id).and_then(|view| view.field(key).cloned()),
        };
        matches!(seen, Some(FieldSeen::File(file)) if file.readable)
    };
    keys.into_iter().filter(|key| !held(key)).collect()
}

/// A request of a service with a search that was handed in and has found something: its entry, and its first result.
pub(crate) fn searched(api: Api, engine: &mut Engine, now: &mut u64, token: &str) -> (Entry, ResultId) {
    let (path, body) = match api {
        Api::Visengine => (
            "/richiesta",
            serde_json::json!({ "hash_visura": TWO_RESULTS, "json_visura": terms("PROVA") }),
        ),
        Api::DocuEngine => (
            "/requests",
            serde_json::json!({ "documentId": BILANCIO, "search": { "field0": "12345670124" } }),
        ),
    };
    let post = SimRequest::new("POST", path).bearer(token).json(&body);
    let posted = engine.handle(*now, &post).value();
    let id = posted
        .pointer("/data/_id")
        .or(posted.pointer("/data/id"))
        .and_then(|id| id.as_str())
        .unwrap_or_else(|| panic!("opened: {posted}"))
        .to_owned();
    *now += 60_000;
    let result = match api {
        Api::Visengine => format!("{id}_0/1"),
        Api::DocuEngine => {
            let get = SimRequest::new("GET", &format!("/requests/{id}")).bearer(token);
            let seen = engine.handle(*now, &get).value();
            let found = seen.pointer("/data/results/0/id").and_then(|id| id.as_str());
            found.unwrap_or_else(|| panic!("results: {seen}")).to_owned()
        }
    };
    let plan = plan(api, "key", false);
    let entry = Entry {
        key: plan.key,
        seq: 1,
        service_id: TWO_RESULTS.to_owned(),
        service_name: "a search".to_owned(),
        key_id: plan.key_id,
        digest: "digest".to_owned(),
        duplicate_mark: None,
        stage: Stage::Committed,
        id: Some(id),
        filled: BTreeMap::new(),
        purchases: Vec::new(),
        options: Vec::new(),
        files: Vec::new(),
        created_at: 1,
        updated_at: 1,
    };
    (entry, ResultId::new(result))
}

/// What is bought after handing in.
pub(crate) fn wanted(goal: Goal, result: &ResultId) -> Wanted {
    match goal {
        Goal::Choice => Wanted::Choice(result.clone()),
        Goal::Search | Goal::Submit => Wanted::Search {
            number: 2,
            texts: terms("ALTRA"),
            digest: "terms".to_owned(),
        },
    }
}

/// A service of Visengine whose search finds two.
const TWO_RESULTS: &str = "afa0b4cu7yd06226i5d89p00077c3j6t";
/// A document of DocuEngine whose search finds some.
const BILANCIO: &str = "667443c29e6f0e447bc265aa";

fn terms(word: &str) -> BTreeMap<String, String> {
    let service = two_results();
    let value = |kind| match kind {
        sportello::FieldKind::PartitaIva | sportello::FieldKind::CodiceFiscale => "12345670124",
        sportello::FieldKind::CodiceFiscalePersona => CODICE_FISCALE,
        sportello::FieldKind::Province => "RM",
        sportello::FieldKind::Municipality => "H501",
        sportello::FieldKind::Date => "01-02-1990",
        _ => word,
    };
    service
        .form
        .fields
        .iter()
        .map(|field| (field.key.clone(), value(field.kind).to_owned()))
        .collect()
}

fn two_results() -> &'static sportello::Service {
    static SERVICE: std::sync::OnceLock<sportello::Service> = std::sync::OnceLock::new();
    SERVICE.get_or_init(|| {
        let config = sportello_simulator::Config::default();
        let get = SimRequest::new("GET", &format!("/visure/{TWO_RESULTS}")).bearer(&config.token);
        let shown = Engine::new(config).handle(1, &get).value().to_string();
        sportello::Service::from_json(&shown).expect("a service")
    })
}
