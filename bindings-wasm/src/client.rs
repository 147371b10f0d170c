//! The verbs of a relay's client: each gives a [`Run`], which `js/src/client` performs with the browser's network and journal.

use serde_json::Value;
use sportello::flow::{Policy, WatchPolicy};
use sportello::host::{HostClient, HostConfig, HostJournal, relay_only};
use sportello::journal::JournalKey;
use sportello::model::{HostFile, ResultId, Source};
use sportello::verb::SubmitRequest;
use sportello::{Answer, Answers, Service, SportelloError};
use wasm_bindgen::prelude::*;

use crate::files::with_files;
use crate::form::{FREED, with};
use crate::run::Run;
use crate::wire;

/// A relay's client.
#[wasm_bindgen]
pub struct Client {
    client: HostClient,
    origin: String,
}

#[wasm_bindgen]
impl Client {
    /// A client of the relay at this address. `settings` is JSON: `commitTimeoutMs`, `quietMarginMs`, `retryMs`, `watchFirstMs`, `watchCapMs`,
    /// `renewable`; each may be left out.
    ///
    /// # Errors
    /// `config.insecure_url`, `config.invalid_url`, `config.relay_needed`; the key has not 32 bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(origin: String, account: &str, key: &[u8], settings: &str) -> Result<Client, JsValue> {
        check_relay(&origin, "")?;
        let settings: Value = serde_json::from_str(settings).unwrap_or_default();
        let config = configure(HostConfig::relay(origin.clone()), account, &settings);
        let key = <[u8; JournalKey::LEN]>::try_from(key)
            .map_err(|_| wire::failure("journal.key_length", "the journal's key has 32 bytes"))?;
        let key = JournalKey::from_bytes(key);
        let client = HostClient::relay(config, HostJournal::Outside, key).map_err(|error| thrown(&error))?;
        Ok(Client { client, origin })
    }

    /// The session as it is now.
    ///
    /// # Errors
    /// `config.relay_needed`: it reads as the provider's token.
    #[wasm_bindgen(js_name = setToken)]
    pub fn set_token(&self, session: &str) -> Result<(), JsValue> {
        check_relay(&self.origin, session)?;
        self.client.set_token(session);
        Ok(())
    }

    /// See `HostClient::services`.
    #[must_use]
    pub fn services(&self, search: Option<String>) -> Run {
        Run::new(self.client.services(search))
    }

    /// See `HostClient::service`; the form is then had by `Run::form`.
    #[must_use]
    pub fn service(&self, query: &str) -> Run {
        Run::new(self.client.service(query))
    }

    /// See `HostClient::submit`. `pairs` are keys, each followed by its value; `terms` is JSON: `confirmPrice`, `options`, `acceptWarnings`,
    /// `notifyEmail`, `callbackUrl`, `allowDuplicate`.
    ///
    /// # Errors
    /// `form.freed`: there is no form of this number.
    pub fn submit(&self, form: u32, pairs: &str, reference: &str, terms: &str) -> Result<Run, JsValue> {
        let terms: Value = serde_json::from_str(terms).unwrap_or_default();
        let request = SubmitRequest::new(service(form)?, answers(pairs), reference);
        Ok(Run::new(self.client.submit(agreed(request, &terms))))
    }

    /// See `HostClient::submissions`.
    #[must_use]
    pub fn submissions(&self) -> Run {
        Run::new(self.client.submissions())
    }

    /// See `HostClient::status`.
    #[must_use]
    pub fn status(&self, reference: &str) -> Run {
        Run::new(self.client.status(reference))
    }

    /// See `HostClient::watch`.
    #[must_use]
    pub fn watch(&self, reference: &str) -> Run {
        Run::new(self.client.watch(reference))
    }

    /// See `HostClient::choose`.
    #[must_use]
    pub fn choose(&self, reference: &str, result: &str, confirm_price: &str) -> Run {
        Run::new(
            self.client
                .choose(reference, ResultId::new(result), confirm_price),
        )
    }

    /// See `HostClient::search_again`.
    ///
    /// # Errors
    /// `form.freed`: there is no form of this number.
    #[wasm_bindgen(js_name = searchAgain)]
    pub fn search_again(
        &self,
        reference: &str,
        number: u32,
        form: u32,
        pairs: &str,
        confirm_price: &str,
    ) -> Result<Run, JsValue> {
        let (service, answers) = (service(form)?, answers(pairs));
        Ok(Run::new(self.client.search_again(
            reference,
            number,
            service,
            answers,
            confirm_price,
        )))
    }

    /// See `HostClient::delivery`.
    #[must_use]
    pub fn delivery(&self, reference: &str) -> Run {
        Run::new(self.client.delivery(reference))
    }

    /// See `HostClient::resume`; of one reference `resume_one`.
    #[must_use]
    pub fn resume(&self, reference: Option<String>) -> Run {
        Run::new(match reference {
            None => self.client.resume(),
            Some(reference) => self.client.resume_one(reference),
        })
    }

    /// See `HostClient::abandon`.
    #[must_use]
    pub fn abandon(&self, reference: &str) -> Run {
        Run::new(self.client.abandon(reference))
    }
}

/// Refuses the provider's own address and what reads as its token.
///
/// # Errors
/// `config.relay_needed`, `config.insecure_url`, `config.invalid_url`.
#[wasm_bindgen(js_name = checkRelay)]
pub fn check_relay(origin: &str, session: &str) -> Result<(), JsValue> {
    relay_only(origin, session).map_err(|error| thrown(&error))
}

/// The service of a form.
fn service(form: u32) -> Result<Service, JsValue> {
    let (code, detail) = FREED;
    with(form, Service::clone).ok_or_else(|| wire::failure(code, detail))
}

fn thrown(error: &SportelloError) -> JsValue {
    wire::failure(error.code(), &error.to_string())
}

/// Answers whose files are the host's, under the number that their descriptors are kept by.
fn answers(pairs: &str) -> Answers {
    let mut answers = Answers::new();
    with_files(&mut |files| {
        let mut parts = pairs.split('\0');
        while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
            let Some(number) = value.strip_prefix('\u{2}') else {
                answers.set(key, value);
                continue;
            };
            let place = number.parse::<usize>().ok();
            if let Some(file) = place.and_then(|place| files.get(place)?.as_ref()) {
                let mut file = file.clone();
                let handle = number.to_owned();
                file.source = Some(Source::Host(HostFile { handle, sha256: None }));
                answers.set(key, Answer::from(file));
            }
        }
    });
    answers
}

fn agreed(mut request: SubmitRequest, terms: &Value) -> SubmitRequest {
    let text = |name: &str| terms.get(name).and_then(Value::as_str);
    let texts = |name: &str| {
        let list = terms.get(name).and_then(Value::as_array);
        let list = list.into_iter().flatten();
        list.filter_map(Value::as_str).collect::<Vec<_>>()
    };
    if let Some(price) = text("confirmPrice") {
        request = request.confirm_price(price);
    }
    if let Some(email) = text("notifyEmail") {
        request = request.notify_email(email);
    }
    for option in texts("options") {
        request = request.option(option);
    }
    for code in texts("acceptWarnings") {
        request = request.accept_warning(code);
    }
    match terms.get("allowDuplicate") {
        Some(Value::Bool(true)) => request.allow_duplicate(),
        _ => request,
    }
}

fn configure(config: HostConfig, account: &str, settings: &Value) -> HostConfig {
    let Policy {
        mut retry,
        mut commit_timeout_ms,
        mut quiet_margin_ms,
        mut renewable_token,
        ..
    } = config.policy.clone();
    let WatchPolicy {
        mut first_ms,
        mut cap_ms,
        ..
    } = config.rhythm;
    for (name, place) in [
        ("commitTimeoutMs", &mut commit_timeout_ms),
        ("quietMarginMs", &mut quiet_margin_ms),
        ("retryMs", &mut retry.base_ms),
        ("watchFirstMs", &mut first_ms),
        ("watchCapMs", &mut cap_ms),
    ] {
        if let Some(given) = settings.get(name).and_then(Value::as_u64) {
            *place = given;
        }
    }
    renewable_token |= settings.get("renewable") == Some(&Value::Bool(true));
    HostConfig {
        account: account.to_owned(),
        rhythm: WatchPolicy {
            first_ms,
            cap_ms,
            ..config.rhythm
        },
        policy: Policy {
            retry,
            commit_timeout_ms,
            quiet_margin_ms,
            renewable_token,
            ..config.policy
        },
        ..config
    }
}
