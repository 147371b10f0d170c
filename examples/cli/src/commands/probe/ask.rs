//! The questions that cost nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use sportello::client::transport::{Authorization, Perform, Transport};
use sportello::client::{ProviderKind, SecretToken};
use sportello::http::{Body, Call, HttpRequest, Method};
use sportello::model::Phase;
use sportello::provider::{DraftSpec, Provider};
use sportello::{FieldKind, Money, Service};

use super::Finding;
use crate::exit::Stop;

/// Nobody's correlation: what comes back is compared with it.
const CORRELATION: &str = "sportello-probe";

/// A PDF of nothing, in base64, as a form takes a file.
const FILE: &str = "probe.pdf|data:application/pdf;base64,JVBERi0xLjcKMSAwIG9iago8PD4+CmVuZG9iagolJUVPRgo=";

/// A draft that this run opened.
pub(crate) struct Draft {
    pub(crate) id: String,
    /// Unix milliseconds.
    pub(crate) opened_at: u64,
    /// When it was last seen open, Unix milliseconds.
    pub(crate) open_at: u64,
}

/// An answer, as far as questions go.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The provider's error code; 0 where there is none.
    pub(crate) code: i64,
    pub(crate) data: Value,
    /// What the library reads in it.
    pub(crate) remote: Option<sportello::model::RemoteSubmission>,
}

impl Answer {
    /// In words, without anything of the body.
    pub(crate) fn told(&self) -> String {
        match self.code {
            0 => format!("HTTP {}", self.status),
            code => format!("HTTP {}, code {code}", self.status),
        }
    }

    pub(crate) fn is(&self, known: &[(u16, i64)]) -> bool {
        known.contains(&(self.status, self.code))
    }
}

/// A run of the probe.
pub(crate) struct Probe {
    pub(crate) transport: Transport,
    token: SecretToken,
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) docuengine: bool,
    pub(crate) findings: Vec<Finding>,
    pub(crate) drafts: Vec<Draft>,
    /// Net.
    pub(crate) spent_at_most: Money,
}

/// Unix milliseconds.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Probe {
    pub(super) fn new(transport: Transport, token: SecretToken, kind: ProviderKind) -> Probe {
        Probe {
            transport,
            token,
            provider: kind.provider(),
            docuengine: kind == ProviderKind::DocuEngine,
            findings: Vec::new(),
            drafts: Vec::new(),
            spent_at_most: Money::ZERO,
        }
    }

    /// A service with two text fields, and with a file where the provider has one.
    pub(super) fn usual_service(&self) -> &'static str {
        match self.docuengine {
            true => "663df75d19a52195e23e315c",
            false => "224fcc49770edad354cdd9c480a7e50e",
        }
    }

    /// Makes one call, once.
    pub(crate) async fn call(&self, request: &HttpRequest) -> Result<Answer, Stop> {
        let perform = Perform {
            authorization: Some(Authorization::Bearer(&self.token)),
            ..Perform::default()
        };
        let answered = self.transport.perform(request, perform).await;
        let answer =
            answered.map_err(|failure| Stop::trouble(format!("no answer to {request:?}: {failure:?}")))?;
        if answer.status == 401 {
            return Err(Stop::trouble("the token was refused (HTTP 401)"));
        }
        let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let code = value.get("error");
        let code = code.and_then(|code| code.as_i64().or_else(|| code.as_str()?.parse().ok()));
        Ok(Answer {
            status: answer.status,
            code: code.unwrap_or_default(),
            data: value.get("data").cloned().unwrap_or_default(),
            remote: self.provider.read_submission(request, None, &answer).ok(),
        })
    }

    pub(super) async fn service(&self, id: &str) -> Result<Service, Stop> {
        let request = self.provider.get_service(id);
        let perform = Perform {
            authorization: Some(Authorization::Bearer(&self.token)),
            ..Perform::default()
        };
        let answered = self.transport.perform(&request, perform).await;
        let answer =
            answered.map_err(|failure| Stop::trouble(format!("no answer to {request:?}: {failure:?}")))?;
        Ok(self.provider.read_service(id, &answer)?)
    }

    pub(crate) fn found(
        &mut self,
        switch: &'static str,
        question: &'static str,
        value: Option<Value>,
        evidence: impl Into<String>,
    ) {
        self.findings.push(Finding {
            question,
            switch,
            value,
            evidence: evidence.into(),
        });
    }

    /// Opens a draft by a request of the library's or our own.
    pub(crate) async fn open(&mut self, request: &HttpRequest) -> Result<Answer, Stop> {
        let answer = self.call(request).await?;
        if let Some(remote) = &answer.remote {
            self.drafts.push(Draft {
                id: remote.id.clone(),
                opened_at: now(),
                open_at: now(),
            });
            if remote.phase == Phase::Committed {
                return Err(Stop::person(format!(
                    "`{}` was committed by the call that opens a draft: stop, and ask the provider",
                    remote.id
                )));
            }
        }
        Ok(answer)
    }

    pub(crate) fn spec<'a>(
        &self,
        service: &'a Service,
        texts: Option<&'a BTreeMap<String, String>>,
    ) -> DraftSpec<'a> {
        DraftSpec {
            reference: CORRELATION,
            service_id: &service.id,
            options: &[],
            correlation: CORRELATION,
            callback: None,
            notify_email: None,
            texts,
            files: &[],
            without_callback: true,
        }
    }

    pub(crate) async fn look(&self, id: &str) -> Result<Answer, Stop> {
        self.call(&self.provider.get_submission(id)).await
    }

    /// Every free question.
    pub(super) async fn free(&mut self, service: &Service) -> Result<(), Stop> {
        let texts: Vec<&str> = (service.form.fields.iter())
            .filter(|field| field.kind != FieldKind::File)
            .map(|field| field.key.as_str())
            .collect();
        let Some(first) = texts.first() else {
            return Err(Stop::usage(
                "--service must name a service with a field that is not a file",
            ));
        };
        let second = texts.get(1).copied();
        let one: BTreeMap<String, String> = [((*first).to_owned(), "PROVA".to_owned())].into();
        let empty = self.empty_drafts(service).await?;
        self.callbacks(service, &one).await?;
        if !self.docuengine {
            self.test_runs(service, &one).await?;
        }
        let draft = match empty {
            Some(id) => Some(id),
            None => {
                let request = self.provider.open_draft(&self.spec(service, Some(&one)));
                self.open(&request).await?.remote.map(|remote| remote.id)
            }
        };
        match draft {
            Some(id) => self.fields(service, &id, first, second).await,
            None => Err(Stop::trouble("no draft could be opened")),
        }
    }

    /// Are drafts accepted that hold nothing? The draft, where they are.
    async fn empty_drafts(&mut self, service: &Service) -> Result<Option<String>, Stop> {
        let request = self.provider.open_draft(&self.spec(service, None));
        let answer = self.open(&request).await?;
        let refused = answer.is(&[(412, 250), (428, 224), (406, 205)]);
        let value = match &answer.remote {
            Some(_) => Some(json!(false)),
            None => refused.then_some(json!(true)),
        };
        let question = "Is a draft with no fields refused?";
        self.found("refuse_empty_drafts", question, value, answer.told());
        Ok(answer.remote.map(|remote| remote.id))
    }

    /// What becomes of a callback without a URL, and of one without headers?
    async fn callbacks(&mut self, service: &Service, texts: &BTreeMap<String, String>) -> Result<(), Stop> {
        let spec = DraftSpec {
            without_callback: false,
            ..self.spec(service, Some(texts))
        };
        let request = self.provider.open_draft(&spec);
        let opened = self.open(&request).await?;
        let seen = match &opened.remote {
            Some(remote) => Some(self.look(&remote.id).await?),
            None => None,
        };
        let kept = (seen.as_ref().and_then(|seen| seen.remote.as_ref()))
            .map(|remote| remote.correlation.as_deref() == Some(CORRELATION));
        let evidence = match kept {
            Some(true) => "what was given with it came back".to_owned(),
            Some(false) => format!("{}, and it is gone", opened.told()),
            None => opened.told(),
        };
        let question = "What becomes of a callback without a URL?";
        if !self.docuengine {
            let value = kept.map(|kept| json!(!kept));
            self.found("drop_callback_without_url", question, value, evidence);
            return Ok(());
        }
        let value = match kept {
            Some(true) => Some("kept"),
            Some(false) => Some("dropped"),
            None => opened.is(&[(428, 311)]).then_some("refused"),
        };
        self.found(
            "callback_without_url",
            question,
            value.map(|value| json!(value)),
            evidence,
        );
        // A draft that is never committed calls nobody; and this name leads nowhere.
        let body = json!({
            "state": "NEW",
            "documentId": service.id,
            "search": texts,
            "callback": { "method": "JSON", "url": "https://callback.invalid/", "field": "data", "data": {} },
        });
        let request =
            HttpRequest::new(Call::OpenDraft, Method::Post, "/requests").with_body(Body::json(&body));
        let answer = self.open(&request).await?;
        let value = match &answer.remote {
            Some(_) => Some(json!(false)),
            None => answer.is(&[(428, 311)]).then_some(json!(true)),
        };
        let question = "Must a callback have headers?";
        self.found("callback_needs_headers", question, value, answer.told());
        Ok(())
    }

    /// Is `test` a dry run for this account?
    async fn test_runs(&mut self, service: &Service, texts: &BTreeMap<String, String>) -> Result<(), Stop> {
        let Some(request) = self.provider.dry_run(&self.spec(service, Some(texts))) else {
            return Ok(());
        };
        let answer = self.open(&request).await?;
        let opened = answer.data.get("_id").is_some_and(|id| !id.is_null());
        let value = match opened {
            true => Some(json!(false)),
            // Validated, as a draft is not, or priced and nothing opened.
            false => (answer.status == 200 || answer.is(&[(412, 250), (412, 229)])).then_some(json!(true)),
        };
        let evidence = match opened {
            true => "a draft was opened".to_owned(),
            false => format!("{}, nothing was opened", answer.told()),
        };
        self.found("test_is_free", "Is `test` a dry run?", value, evidence);
        Ok(())
    }

    /// Does a change of fields merge or replace, and what does a look tell of them?
    async fn fields(
        &mut self,
        service: &Service,
        id: &str,
        first: &str,
        second: Option<&str>,
    ) -> Result<(), Stop> {
        let file = (service.form.fields.iter()).find(|field| field.kind == FieldKind::File);
        if let Some(file) = file {
            let (state, key) = match self.docuengine {
                true => (None, format!("search.{}", file.key)),
                false => (Some(0), format!("json_visura.{}", file.key)),
            };
            let mut body = Map::new();
            body.extend(state.map(|state| ("state".to_owned(), json!(state))));
            body.insert(key, json!(FILE));
            let whole = self.provider.fill_texts(id, &BTreeMap::new());
            let request = HttpRequest::new(Call::Fill, whole.method, whole.path);
            let answer = self
                .call(&request.with_body(Body::json(&Value::Object(body))))
                .await?;
            if answer.remote.is_none() {
                return Err(Stop::trouble(format!("a file was not taken: {}", answer.told())));
            }
        }
        let before = echo(&self.look(id).await?.data);
        let file_came_back =
            file.is_some_and(|file| before.get(&file.key).is_some_and(|text| text.contains("base64")));
        let both: BTreeMap<String, String> = [(Some(first), "UNO"), (second, "DUE")]
            .into_iter()
            .filter_map(|(key, value)| Some((key?.to_owned(), value.to_owned())))
            .collect();
        let alone: BTreeMap<String, String> = [(first.to_owned(), "TRE".to_owned())].into();
        for texts in [&both, &alone] {
            let answer = self.call(&self.provider.fill_texts(id, texts)).await?;
            if answer.remote.is_none() {
                return Err(Stop::trouble(format!("fields were not taken: {}", answer.told())));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let after = echo(&self.look(id).await?.data);
        let text_came_back = after.get(first).is_some_and(|text| text == "TRE");
        let (value, evidence) = match (file_came_back, text_came_back) {
            (true, _) => (Some("all"), "a file's content came back"),
            (false, true) if file.is_some() => (Some("text"), "texts came back, a file did not"),
            // The form has no file, so that it can't be told from `all`.
            (false, true) => (Some("text"), "texts came back; the form has no file to look for"),
            (false, false) => (Some("none"), "no text came back"),
        };
        let question = "What does a look at a draft tell of its fields?";
        self.found("echo", question, value.map(|value| json!(value)), evidence);
        let kept = second.map(|second| after.get(second).is_some_and(|text| text == "DUE"));
        let (value, evidence) = match (text_came_back, kept) {
            (true, Some(true)) => (Some("merge"), "a field that was not named stayed"),
            (true, Some(false)) => (Some("replace"), "a field that was not named is gone"),
            (true, None) => (None, "the form has one field only"),
            (false, _) => (None, "nothing comes back to tell it by"),
        };
        let question = "Do new fields merge with those that are there, or replace them?";
        self.found("json_visura", question, value.map(|value| json!(value)), evidence);
        Ok(())
    }
}

/// The fields that a look tells of.
fn echo(data: &Value) -> BTreeMap<String, String> {
    let inside = data.pointer("/ricerche/0/json_ricerca").and_then(Value::as_str);
    let read: Option<Value> = inside.and_then(|text| serde_json::from_str(text).ok());
    let fields = read.as_ref().or_else(|| data.get("search"));
    let fields = fields.and_then(Value::as_object).into_iter().flatten();
    fields
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}
