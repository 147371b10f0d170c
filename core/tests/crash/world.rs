//! The real machine, journal and simulator in one process, with virtual time and a fault at a chosen step.

use std::collections::BTreeMap;
use std::sync::Arc;

use sportello::SportelloError;
use sportello::flow::{
    Event, Machine, Policy, Prepared, PurchaseFlow, PurchasePlan, Receipt, RetryPolicy, Step, SubmitFlow,
    SubmitPlan, Wanted,
};
use sportello::http::{Body, Failure, HttpRequest, HttpResponse, Segment};
use sportello::journal::{Duplicates, Entry, EntryKey, Journal, MemoryJournal, Recorded, Scope, Stage};
use sportello::model::{FieldKind, Money};
use sportello::provider::visengine::Visengine;
use sportello::provider::{PreparedFile, Provider};
use sportello_simulator::{Config, Engine, SimRequest, Switches};

pub(crate) const ASSEGNO_UNICO: &str = "224fcc49770edad354cdd9c480a7e50e";
/// An invented applicant's codice fiscale; its check letter is right.
const CODICE_FISCALE: &str = "PRVRSL90E52H501A";

/// What goes wrong at one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A request does not leave, a record is not written; the run goes on.
    FailBefore,
    /// A request takes effect and its answer is lost; a record is written and its acknowledgement is lost.
    EffectThenLost,
    /// A request takes effect, a record is written, then the process dies.
    EffectThenCrash,
    /// The process dies before the step has any effect.
    CrashBefore,
    /// The answer is given up; the request arrives later, within the quiet period.
    Late,
    /// An intermediary delivers the request twice.
    Duplicated,
    /// A 502 comes instead of the answer to a request that took effect.
    BadGateway,
}

pub(crate) const FAULTS: [Fault; 7] = [
    Fault::FailBefore,
    Fault::EffectThenLost,
    Fault::EffectThenCrash,
    Fault::CrashBefore,
    Fault::Late,
    Fault::Duplicated,
    Fault::BadGateway,
];

/// Everything outside the process that may crash.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) journal: MemoryJournal,
    pub(crate) now: u64,
    pub(crate) steps: u32,
    /// Faults still to come, by step number.
    pub(crate) faults: Vec<(u32, Fault)>,
    /// Requests still on their way, with when they arrive.
    late: Vec<(u64, SimRequest)>,
    /// One line per step, printed when an assertion fails.
    pub(crate) trace: Vec<String>,
    token: String,
}

/// How a run of the process ended.
pub(crate) enum Run {
    Finished(Box<Result<Receipt, SportelloError>>),
    Crashed,
}

impl World {
    pub(crate) fn new(config: Config, faults: Vec<(u32, Fault)>) -> World {
        let token = config.token.clone();
        World {
            engine: Engine::new(config),
            journal: MemoryJournal::new(),
            now: 1_790_000_000_000,
            steps: 0,
            faults,
            late: Vec::new(),
            trace: Vec::new(),
            token,
        }
    }

    /// One run of the process, from its start to its end or its death.
    pub(crate) fn run(&mut self, with_answers: bool) -> Run {
        let plan = plan(with_answers);
        let current = self.journal.get(&plan.key).expect("memory");
        self.drive(SubmitFlow::new(Arc::new(Visengine), policy(), plan, current))
    }

    /// One run of a process that chooses or searches again.
    pub(crate) fn run_purchase(&mut self, wanted: Wanted, price: Money) -> Run {
        let entry = self
            .journal
            .get(&plan(false).key)
            .expect("memory")
            .expect("handed in before");
        let plan = PurchasePlan {
            wanted,
            confirmed_price: price,
            is_synchronous: false,
        };
        self.drive(PurchaseFlow::new(Arc::new(Visengine), policy(), plan, entry))
    }

    fn drive(&mut self, mut flow: impl Machine<Output = Receipt>) -> Run {
        let mut event = Event::Started;
        for _ in 0..400 {
            let step = flow.advance(self.now, event).expect("the world keeps its turn");
            if let Step::Finished(outcome) = step {
                self.trace.push(format!(
                    "finished {:?}",
                    outcome.as_ref().map_err(SportelloError::code).map(|_| "ok")
                ));
                return Run::Finished(Box::new(outcome));
            }
            self.steps += 1;
            let fault = self
                .faults
                .iter()
                .find(|(at, _)| *at == self.steps)
                .map(|(_, fault)| *fault);
            self.trace.push(format!("{} {step} {fault:?}", self.steps));
            event = match self.perform(step, fault) {
                Some(event) => event,
                None => return Run::Crashed,
            };
        }
        panic!("no end in sight:\n{}", self.trace.join("\n"));
    }

    /// `None` when the process died.
    fn perform(&mut self, step: Step<Receipt>, fault: Option<Fault>) -> Option<Event> {
        if fault == Some(Fault::CrashBefore) {
            return None;
        }
        match step {
            Step::Send {
                request, timeout_ms, ..
            } => self.send(&request, timeout_ms.unwrap_or(30_000), fault),
            Step::Record {
                entry,
                expect_seq,
                duplicates,
            } => match fault {
                Some(Fault::FailBefore) => Some(Event::RecordFailed(SportelloError::foreign(
                    "journal.full",
                    true,
                    "the disk is full",
                ))),
                Some(fault) => {
                    let recorded = self
                        .journal
                        .record(&entry, expect_seq, duplicates)
                        .expect("memory");
                    match fault {
                        Fault::EffectThenCrash => None,
                        Fault::EffectThenLost => Some(Event::RecordFailed(SportelloError::foreign(
                            "journal.unavailable",
                            true,
                            "written, but it does not know",
                        ))),
                        _ => Some(Event::Recorded(recorded)),
                    }
                }
                None => Some(Event::Recorded(
                    self.journal
                        .record(&entry, expect_seq, duplicates)
                        .expect("memory"),
                )),
            },
            Step::Wait { millis, .. } => {
                if fault == Some(Fault::EffectThenCrash) {
                    return None;
                }
                self.pass(millis);
                Some(Event::Elapsed)
            }
            Step::Finished(_) => unreachable!("handled by the caller"),
        }
    }

    fn send(&mut self, request: &HttpRequest, timeout: u64, fault: Option<Fault>) -> Option<Event> {
        let sent = wire(request, &self.token);
        match fault {
            None | Some(Fault::CrashBefore) => Some(self.deliver(&sent)),
            Some(Fault::FailBefore) => Some(Event::Failed(Failure::Unreachable)),
            Some(Fault::EffectThenLost) => {
                self.deliver(&sent);
                self.pass(timeout);
                Some(Event::Failed(Failure::Timeout))
            }
            Some(Fault::EffectThenCrash) => {
                self.deliver(&sent);
                None
            }
            Some(Fault::Late) => {
                // As late as the assumption allows: just before the quiet period is over.
                self.late.push((self.now + timeout + 59_000, sent));
                self.pass(timeout);
                Some(Event::Failed(Failure::Timeout))
            }
            Some(Fault::Duplicated) => {
                let answer = self.deliver(&sent);
                self.deliver(&sent);
                Some(answer)
            }
            Some(Fault::BadGateway) => {
                self.deliver(&sent);
                let body = b"<html>502 Bad Gateway</html>".to_vec();
                Some(Event::Responded(HttpResponse {
                    status: 502,
                    body,
                    ..HttpResponse::default()
                }))
            }
        }
    }

    fn deliver(&mut self, request: &SimRequest) -> Event {
        let response = self.engine.handle(self.now, request);
        Event::Responded(HttpResponse {
            status: response.status,
            headers: response.headers,
            body: response.body,
            sink: None,
        })
    }

    /// Time passes, and what was on its way arrives.
    pub(crate) fn pass(&mut self, millis: u64) {
        self.now += millis;
        let (due, later) = std::mem::take(&mut self.late)
            .into_iter()
            .partition(|(at, _)| *at <= self.now);
        self.late = later;
        let due: Vec<(u64, SimRequest)> = due;
        for (_, request) in due {
            self.trace
                .push(format!("  a late {} {} arrives", request.method, request.path));
            self.deliver(&request);
        }
    }

    /// A world in which a request of a service with a search was handed in and has found something.
    pub(crate) fn searched(switches: Switches, faults: Vec<(u32, Fault)>) -> (World, String) {
        let mut world = World::new(
            Config {
                switches,
                ..Config::default()
            },
            Vec::new(),
        );
        let (service, form) = world.service_with_search();
        let fields: BTreeMap<&str, &str> = form
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        let body = serde_json::json!({ "hash_visura": service, "json_visura": fields });
        let posted = world.engine.handle(
            world.now,
            &SimRequest::new("POST", "/richiesta")
                .bearer(&world.token)
                .json(&body),
        );
        let id = posted
            .value()
            .pointer("/data/_id")
            .and_then(|id| id.as_str())
            .expect("an id")
            .to_owned();
        world.pass(60_000);
        let plan = plan(false);
        let entry = Entry {
            key: plan.key,
            seq: 1,
            service_id: service,
            service_name: "a search".to_owned(),
            key_id: "key".to_owned(),
            digest: "digest".to_owned(),
            duplicate_mark: None,
            stage: Stage::Committed,
            id: Some(id.clone()),
            filled: BTreeMap::new(),
            purchases: Vec::new(),
            options: Vec::new(),
            files: Vec::new(),
            created_at: 1,
            updated_at: 1,
        };
        let written = world
            .journal
            .record(&entry, 0, Duplicates::Allow)
            .expect("memory");
        assert_eq!(written, Recorded::Written);
        (world.steps, world.faults) = (0, faults);
        (world, id)
    }

    /// A service that searches first, and values for each of its fields.
    fn service_with_search(&mut self) -> (String, Vec<(String, String)>) {
        const TWO_RESULTS: &str = "afa0b4cu7yd06226i5d89p00077c3j6t";
        let path = format!("/visure/{TWO_RESULTS}");
        let shown = self
            .engine
            .handle(self.now, &SimRequest::new("GET", &path).bearer(&self.token));
        let service = sportello::Service::from_json(&shown.value().to_string()).expect("a service");
        let value = |kind| match kind {
            FieldKind::PartitaIva | FieldKind::CodiceFiscale => "12345670124",
            FieldKind::CodiceFiscalePersona => CODICE_FISCALE,
            FieldKind::Province => "RM",
            FieldKind::Municipality => "H501",
            FieldKind::Date => "01-02-1990",
            _ => "PROVA",
        };
        (
            service.id,
            service
                .form
                .fields
                .iter()
                .map(|field| (field.key.clone(), value(field.kind).to_owned()))
                .collect(),
        )
    }

    /// The terms of another search.
    pub(crate) fn other_terms(&mut self) -> BTreeMap<String, String> {
        let terms = self.service_with_search().1.into_iter();
        terms
            .map(|(key, value)| {
                (
                    key,
                    if value == "PROVA" {
                        "ALTRA".to_owned()
                    } else {
                        value
                    },
                )
            })
            .collect()
    }

    pub(crate) fn charges(&self) -> usize {
        self.engine.ledger().len()
    }
}

fn policy() -> Policy {
    Policy {
        retry: RetryPolicy {
            attempts: 3,
            ..RetryPolicy::default()
        },
        commit_timeout_ms: 60_000,
        quiet_margin_ms: 60_000,
        ..Policy::default()
    }
}

/// The request as bytes, base64 and all.
fn wire(request: &HttpRequest, token: &str) -> SimRequest {
    SimRequest {
        method: request.method.as_str().to_owned(),
        path: request.path.clone(),
        query: None,
        headers: vec![("authorization".to_owned(), format!("Bearer {token}"))],
        body: request.body.as_ref().map(bytes).unwrap_or_default(),
    }
}

fn bytes(body: &Body) -> Vec<u8> {
    use base64::Engine as _;
    let mut out = Vec::new();
    for segment in body.segments() {
        match segment {
            Segment::Bytes(bytes) => out.extend(bytes),
            Segment::Text(text) => out.extend(text.as_bytes()),
            Segment::File { .. } => panic!("this provider takes base64"),
            Segment::Base64 { source, .. } => {
                let mut content = Vec::new();
                std::io::Read::read_to_end(&mut source.open().expect("in memory"), &mut content)
                    .expect("in memory");
                out.extend(
                    base64::engine::general_purpose::STANDARD
                        .encode(content)
                        .as_bytes(),
                );
            }
        }
    }
    assert_eq!(
        out.len() as u64,
        body.content_length(),
        "the announced length is exact"
    );
    out
}

fn plan(with_answers: bool) -> SubmitPlan {
    let texts = [
        ("$0", "Rosalia"),
        ("$1", "Prova"),
        ("$2", "rosalia.prova@example.org"),
        ("$3", "3331234567"),
        ("$4", CODICE_FISCALE),
        ("$5", ""),
        ("$6", ""),
        ("$7", ""),
    ];
    let texts: std::collections::BTreeMap<String, String> = texts
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let pdf = b"%PDF-1.4\n%%EOF\n".to_vec();
    let files: Vec<PreparedFile> = ["$5", "$6"]
        .iter()
        .map(|key| PreparedFile {
            key: (*key).to_owned(),
            name: "scan.pdf".to_owned(),
            mime: "application/pdf".to_owned(),
            size: pdf.len() as u64,
            source: sportello::model::Source::Bytes(pdf.clone().into()),
            sha256: String::new(),
        })
        .collect();
    let mut digests: std::collections::BTreeMap<String, String> = texts
        .iter()
        .map(|(key, value)| (key.clone(), format!("digest of {key} {}", value.len())))
        .collect();
    for file in &files {
        digests.insert(file.key.clone(), format!("digest of file {}", file.key));
    }
    let answers = Prepared {
        texts,
        files,
        digests,
        digest: "digest of all".to_owned(),
    };
    SubmitPlan {
        key: EntryKey {
            scope: Scope {
                provider: Visengine.name().to_owned(),
                origin: "http://127.0.0.1".to_owned(),
                account: "default".to_owned(),
            },
            reference: "crash-test".to_owned(),
        },
        service_id: ASSEGNO_UNICO.to_owned(),
        service_name: "Domanda Assegno Unico".to_owned(),
        has_search: false,
        is_synchronous: false,
        key_id: "key".to_owned(),
        duplicate_mark: None,
        allow_duplicate: false,
        options: Vec::new(),
        correlation: "correlation-of-crash-test".to_owned(),
        callback_url: None,
        callback_proof: String::new(),
        accept_warnings: Vec::new(),
        notify_email: None,
        confirmed_price: "19.00".parse().expect("an amount"),
        answers: with_answers.then_some(answers),
    }
}
