//! An invented applicant, a simulator in a hurry, relays on a folder, and callers.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::Duration;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sportello::client::{Client, Environment, ProviderKind};
use sportello::flow::{RetryPolicy, WatchPolicy};
use sportello::journal::{Journal, JournalKey, MemoryJournal};
use sportello::{AssegnoUnico, Attachment, Service};
use sportello_relay::{Config, ServeLimits, Services, SessionKeys, relay, serve};
use sportello_simulator::{Config as SimulatorConfig, Rule, Simulator, Stages};

pub(crate) const KEY: &str = "a-session-key-of-the-tests-0123456789";
pub(crate) const SERVICE: &str = "224fcc49770edad354cdd9c480a7e50e";
pub(crate) const CODICE_FISCALE: &str = "PRVRSL90E52H501A";
pub(crate) const EMAIL: &str = "rosella.prova@example.org";

pub(crate) fn pdf(name: &str) -> Attachment {
    Attachment::from_bytes(name, "application/pdf", pdf_bytes())
}

pub(crate) fn pdf_bytes() -> Vec<u8> {
    b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n".to_vec()
}

pub(crate) fn application() -> AssegnoUnico {
    AssegnoUnico {
        given_name: "Rosalia".into(),
        family_name: "Prova".into(),
        email: EMAIL.into(),
        mobile: "333 1234567".into(),
        codice_fiscale: CODICE_FISCALE.into(),
        identity_document: pdf("identity.pdf"),
        codice_fiscale_card: pdf("card.pdf"),
        mandate: None,
    }
}

pub(crate) async fn simulator(faults: Vec<Rule>) -> Simulator {
    let stages = Stages {
        searching_ms: 5,
        working_ms: 5,
        ready_ms: 5,
    };
    let config = SimulatorConfig {
        stages,
        faults,
        ..SimulatorConfig::default()
    };
    Simulator::start(config).await.expect("a simulator")
}

/// What two instances of a relay share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) folder: Arc<tempfile::TempDir>,
    journal: Arc<dyn Journal>,
    key: JournalKey,
}

impl Shared {
    pub(crate) fn new() -> Shared {
        Shared {
            folder: Arc::new(tempfile::tempdir().unwrap()),
            journal: Arc::new(MemoryJournal::new()),
            key: JournalKey::random().unwrap(),
        }
    }

    /// With a journal on disk, as several processes have.
    pub(crate) fn on_disk() -> Shared {
        let shared = Shared::new();
        let path = shared.folder.path().join("journal.sqlite");
        Shared {
            journal: Arc::new(sportello::journal::SqliteJournal::open(&path).unwrap()),
            ..shared
        }
    }

    /// With another journal, on the same folder.
    #[cfg(feature = "postgres")]
    pub(crate) fn with_journal(&self, journal: Arc<dyn Journal>) -> Shared {
        Shared {
            journal,
            ..self.clone()
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("relay")
    }
}

/// A relay that serves.
pub(crate) struct Relay {
    pub(crate) url: String,
    pub(crate) shared: Shared,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn config(simulator: &Simulator, shared: &Shared) -> Config {
    let environment = Environment::Simulator {
        base_url: simulator.base_url(),
    };
    let client = hurried(Client::builder(environment).token(simulator.token()))
        .journal(Arc::clone(&shared.journal), shared.key.clone())
        .build()
        .expect("a client");
    let keys = SessionKeys::parse(KEY).unwrap();
    let mut config = Config::new(client, shared.path(), Arc::new(keys));
    config.services = Services::All;
    // Tests call faster than people; those about rates set their own.
    (
        config.limits.user_rate,
        config.limits.user_burst,
        config.limits.address_rate,
    ) = (10_000, 10_000, 10_000);
    config.limits.status_age = Duration::from_millis(20);
    config
}

fn hurried(builder: sportello::client::ClientBuilder) -> sportello::client::ClientBuilder {
    builder
        .commit_timeout(Duration::from_millis(2_000))
        .quiet_margin(Duration::from_millis(100))
        .retry(RetryPolicy {
            base_ms: 5,
            cap_ms: 20,
            ..RetryPolicy::default()
        })
        .watch_rhythm(WatchPolicy {
            first_ms: 5,
            growth_percent: 120,
            cap_ms: 20,
            ..WatchPolicy::default()
        })
}

pub(crate) async fn start(config: Config, shared: Shared) -> Relay {
    let router = relay(config).expect("a relay");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let limits = ServeLimits {
            head_time: Duration::from_millis(600),
            ..ServeLimits::default()
        };
        let _ = serve(listener, router, limits, std::future::pending()).await;
    });
    Relay { url, shared, task }
}

pub(crate) async fn relay_over(simulator: &Simulator) -> Relay {
    relay_with(simulator, |_| ()).await
}

pub(crate) async fn relay_with(simulator: &Simulator, change: impl FnOnce(&mut Config)) -> Relay {
    let shared = Shared::new();
    let mut config = config(simulator, &shared);
    change(&mut config);
    start(config, shared).await
}

pub(crate) fn seconds() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs()
}

pub(crate) fn session(user: &str) -> String {
    let keys = SessionKeys::parse(KEY).unwrap();
    keys.sign(user, seconds() + 600, None).unwrap()
}

/// The core's own client, through the relay.
pub(crate) fn client(relay: &Relay, user: &str) -> Client {
    let builder = Client::builder(Environment::Sandbox)
        .provider(ProviderKind::Relay)
        .base_url(&relay.url)
        .token(session(user));
    // Longer than the relay's own commit, as a real one's is.
    let builder = hurried(builder).commit_timeout(Duration::from_secs(8));
    builder.memory_journal().build().expect("a client")
}

/// A program of somebody's own that calls.
#[derive(Clone)]
pub(crate) struct Caller {
    http: reqwest::Client,
    url: String,
    session: Option<String>,
}

pub(crate) struct Said {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Said {
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or("")
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        self.body["data"].clone()
    }

    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status.as_u16(), self.code()),
            (status, code),
            "{}",
            self.text
        );
    }
}

pub(crate) fn http() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl Caller {
    pub(crate) fn new(relay: &Relay, user: &str) -> Caller {
        Caller::with(relay, Some(session(user)))
    }

    pub(crate) fn with(relay: &Relay, session: Option<String>) -> Caller {
        let url = relay.url.clone();
        Caller {
            http: http(),
            url,
            session,
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.session {
            Some(session) => request.bearer_auth(session),
            None => request,
        }
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Said {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap_or_default();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Said {
            status,
            headers,
            body,
            text,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Said {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Said {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Said {
        self.send(self.request(Method::PUT, path).body(body.to_string()))
            .await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Said {
        self.send(self.request(Method::POST, path).body(body.to_string()))
            .await
    }

    pub(crate) fn file(&self, reference: &str, key: &str, bytes: &[u8]) -> RequestBuilder {
        let key = key.replace('$', "%24");
        self.request(Method::PUT, &format!("/submissions/{reference}/files/{key}"))
            .header("content-type", "application/pdf")
            .header("x-file-name", "identit%C3%A0.pdf")
            .header("x-file-sha256", sha256(bytes))
            .body(bytes.to_vec())
    }

    /// What the form asks for, as the relay says.
    pub(crate) async fn service(&self) -> Service {
        let builder = Client::builder(Environment::Sandbox).provider(ProviderKind::Relay);
        let builder = builder.base_url(&self.url).token(self.session.clone().unwrap());
        let client = builder.memory_journal().build().unwrap();
        client.service(SERVICE).await.unwrap()
    }

    /// The key of a field for a file.
    pub(crate) async fn file_key(&self) -> String {
        let service = self.service().await;
        let field = service
            .form
            .fields
            .iter()
            .find(|field| field.kind == sportello::FieldKind::File);
        field.unwrap().key.clone()
    }

    /// Everything up to the commit.
    pub(crate) async fn fill(&self, reference: &str) -> Service {
        self.fill_for(reference, CODICE_FISCALE).await
    }

    pub(crate) async fn fill_for(&self, reference: &str, codice_fiscale: &str) -> Service {
        let application = AssegnoUnico {
            codice_fiscale: codice_fiscale.to_owned(),
            ..application()
        };
        self.fill_as(reference, application).await
    }

    /// Everything up to the commit, for this applicant.
    pub(crate) async fn fill_as(&self, reference: &str, application: AssegnoUnico) -> Service {
        let at = format!("/submissions/{reference}");
        self.put(&at, json!({ "serviceId": SERVICE, "correlation": "c-1" }))
            .await
            .ok();
        let service = self.service().await;
        let answers = application.answers(&service.form).unwrap();
        let (mut texts, mut files) = (serde_json::Map::new(), Vec::new());
        for (key, answer) in answers.iter() {
            let field = service.form.field(key).unwrap();
            match answer.as_text() {
                Some(text) => {
                    texts.insert(field.key.clone(), json!(text));
                }
                None => files.push(field.key.clone()),
            }
        }
        self.put(&format!("{at}/answers"), json!({ "texts": texts }))
            .await
            .ok();
        for key in files {
            self.send(self.file(reference, &key, &pdf_bytes())).await.ok();
        }
        service
    }

    pub(crate) async fn commit(&self, reference: &str, price: &str) -> Said {
        let at = format!("/submissions/{reference}/commit");
        self.post(&at, json!({ "confirmPrice": price })).await
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => found.push(entry.path()),
            }
        }
    }
    found
}

/// Which files below a folder hold these bytes.
pub(crate) fn holding(folder: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.windows(needle.len()).any(|window| window == needle)
    };
    files(folder).into_iter().filter(holds).collect()
}

/// Waits until something is so; panics when it does not become so.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    for _ in 0..400 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it never came: {what}");
}

/// What the relay's own ledger says is spent or reserved, in cents.
pub(crate) fn spent(relay: &Relay) -> i64 {
    use sportello_relay::ledger::{Ledger as _, SqliteLedger};
    let ledger = SqliteLedger::open(&relay.shared.path().join("ledger.sqlite")).unwrap();
    ledger.spent(None, 0).unwrap().cents().unwrap()
}
