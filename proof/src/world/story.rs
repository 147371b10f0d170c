//! What the caller wants: a submission, a choice, another search; and with which provider.

use sportello::Money;
use sportello::flow::{Event, Prepared, SubmitPlan, Wanted};
use sportello::http::HttpRequest;
use sportello::journal::{Entry, EntryKey, PurchaseKind, Scope, Stage};
use sportello::model::{ResultId, Source};
use sportello::provider::{CommitSpec, DraftSpec, PreparedFile};
use sportello_simulator::{Engine, FieldSeen, SimRequest};
use std::collections::BTreeMap;

use super::wire::wire;
use super::{Counter, Setup};

/// An invented applicant's codice fiscale; its check letter is right.
pub(crate) const CODICE_FISCALE: &str = "PRVRSL90E52H501A";

/// A document, and its SHA-256.
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n";
const PDF_SHA256: &str = "14fb1bb0a3f76503d164c7fd78a07c420c2f07eecd41793b406c6f75f2bc2aba";

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
pub(crate) fn plan(setup: &Setup, key: &str, with_answers: bool) -> SubmitPlan {
    let api = setup.api;
    let (fields, file_keys) = api.answers();
    let texts: BTreeMap<String, String> = fields
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let pdf = PDF.to_vec();
    let files: Vec<PreparedFile> = file_keys
        .iter()
        .map(|key| PreparedFile {
            key: (*key).to_owned(),
            name: "scan.pdf".to_owned(),
            mime: "application/pdf".to_owned(),
            size: pdf.len() as u64,
            source: Source::Bytes(pdf.clone().into()),
            sha256: PDF_SHA256.to_owned(),
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
                provider: setup.provider().name().to_owned(),
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
        correlation: format!("correlation-under-{key}"),
        callback_url: None,
        callback_proof: String::new(),
        accept_warnings: Vec::new(),
        notify_email: None,
        confirmed_price: price.parse().expect("an amount"),
        answers: with_answers.then_some(answers),
    }
}

/// The keys of the files among the answers that the request that was paid for has not got.
pub(crate) fn files_missing(api: Api, counter: &Counter) -> Vec<&'static str> {
    let (_, keys) = api.answers();
    counter.with_engine(|engine| {
        let Some(id) = engine.ledger().last().map(|charge| charge.submission.clone()) else {
            return keys.to_vec();
        };
        let held = |key: &str| {
            let seen = match api {
                Api::Visengine => engine.submission(&id).and_then(|view| view.field(key).cloned()),
                Api::DocuEngine => engine.request(&id).and_then(|view| view.field(key).cloned()),
            };
            matches!(seen, Some(FieldSeen::File(file)) if file.readable)
        };
        keys.into_iter().filter(|key| !held(key)).collect()
    })
}

/// What can be bought after handing in.
#[derive(Clone)]
pub(crate) struct Offer {
    pub(crate) result: ResultId,
    /// Net.
    pub(crate) price: Money,
}

/// A request of a service with a search that was handed in and has found something: its entry, and what can be bought.
pub(crate) fn searched(setup: &Setup, counter: &mut Counter, now: &mut u64, token: &str) -> (Entry, Offer) {
    let (id, result, price) = match setup.through_relay {
        true => searched_by_relay(setup, counter, now, token),
        false => searched_by_provider(setup.api, counter, now, token),
    };
    let plan = plan(setup, "key", false);
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
    let result = ResultId::new(result);
    (entry, Offer { result, price })
}

fn searched_by_provider(
    api: Api,
    counter: &mut Counter,
    now: &mut u64,
    token: &str,
) -> (String, String, Money) {
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
    let posted = counter.change(|engine| engine.handle(*now, &post)).value();
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
            let seen = counter.change(|engine| engine.handle(*now, &get)).value();
            let found = seen.pointer("/data/results/0/id").and_then(|id| id.as_str());
            found.unwrap_or_else(|| panic!("results: {seen}")).to_owned()
        }
    };
    // More than any costs: the provider is paid what it asks.
    (id, result, "99.00".parse().expect("an amount"))
}

/// The same with a relay's own calls, for its own price, which must be confirmed to the cent.
fn searched_by_relay(
    setup: &Setup,
    counter: &mut Counter,
    now: &mut u64,
    token: &str,
) -> (String, String, Money) {
    let (relay, id) = (setup.provider(), plan(setup, "key", false).key.reference);
    let (service_id, texts) = match setup.api {
        Api::Visengine => (TWO_RESULTS, terms("PROVA")),
        Api::DocuEngine => (BILANCIO, [("field0".to_owned(), "12345670124".to_owned())].into()),
    };
    let mut call = |now: u64, request: &HttpRequest| match counter.take(now, &wire(request, token)) {
        Event::Responded(answer) if answer.status < 300 => answer,
        other => panic!("the relay would not: {other:?}"),
    };
    let described = call(*now, &relay.get_service(service_id));
    let service = relay.read_service(service_id, &described).expect("a service");
    let quote = service.quote(&[]).expect("a quote");
    let draft = DraftSpec {
        reference: &id,
        service_id,
        options: &[],
        correlation: "correlation-under-key",
        callback: None,
        without_callback: false,
        notify_email: None,
        texts: None,
        files: &[],
    };
    call(*now, &relay.open_draft(&draft));
    call(*now, &relay.fill_texts(&id, &texts));
    let commit = CommitSpec {
        price: quote.due_now,
        with_field: None,
        accept_warnings: &[],
        allow_duplicate: false,
    };
    call(*now, &relay.commit(&id, &commit));
    *now += 60_000;
    let look = relay.get_submission(&id);
    let seen = relay
        .read_submission(&look, Some(&id), &call(*now, &look))
        .expect("a submission");
    let found = seen.searches.first().and_then(|search| search.results.first());
    let result = found.expect("a result").id.to_string();
    let price = match setup.goal {
        Goal::Submit => quote.due_now,
        Goal::Choice => quote.due_on_choice,
        Goal::Search => service.search_price.expect("a price"),
    };
    (id, result, price)
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
