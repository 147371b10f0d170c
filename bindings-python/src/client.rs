//! The client: every verb starts an operation.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pyo3::prelude::*;
use serde_json::{Value, json};
use sportello::client::{
    CallOptions, Client as Core, ClientBuilder, Environment, OAuthConfig, ProviderKind, SecretToken,
    SubmitRequest, Wait,
};
use sportello::flow::Update;
use sportello::model::ResultId;
use sportello::provider::oauth::Credentials;
use sportello::{Answers, SportelloError};

use crate::convert;
use crate::form::Service;
use crate::operation::{Operation, Outcome};

/// The compiled half of `Client` and `AsyncClient`.
#[pyclass(frozen, module = "sportello._native")]
pub(crate) struct Client(Core);

fn wrong(text: &str) -> PyErr {
    pyo3::exceptions::PyValueError::new_err(text.to_owned())
}

fn outcome(value: &impl serde::Serialize) -> Result<Outcome, SportelloError> {
    serde_json::to_string(value)
        .map(Outcome::Json)
        .map_err(|_| sportello::ErrorCode::Internal.into())
}

fn update(update: &Update) -> Value {
    json!({
        "reference": update.reference,
        "remote": update.remote,
        "nextStep": update.remote.next_step().as_str(),
        "seenAt": update.seen_at,
        "expected": update.expected,
    })
}

/// Where a function of Python's gives the tokens.
fn token_provider(function: Py<PyAny>) -> impl Fn() -> Option<SecretToken> + Send + Sync + 'static {
    move || {
        Python::attach(|py| {
            let token = function.call0(py).ok()?;
            let token: Option<String> = token.extract(py).ok()?;
            token.map(SecretToken::new)
        })
    }
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (*, environment, base_url=None, oauth_url=None, provider="visengine", token=None, token_provider=None,
        credentials=None, journal=None, account="default", timeout=None, max_spend=None, commit_timeout=None, quiet_margin=None,
        one_token_per_purchase=false))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments, named at every call")]
    fn new(
        py: Python<'_>,
        environment: &str,
        base_url: Option<String>,
        oauth_url: Option<String>,
        provider: &str,
        token: Option<String>,
        token_provider: Option<Py<PyAny>>,
        credentials: Option<(String, String)>,
        journal: Option<String>,
        account: &str,
        timeout: Option<f64>,
        max_spend: Option<String>,
        commit_timeout: Option<f64>,
        quiet_margin: Option<f64>,
        one_token_per_purchase: bool,
    ) -> PyResult<Client> {
        let environment = match (environment, &base_url) {
            ("production", _) => Environment::Production,
            ("sandbox", _) => Environment::Sandbox,
            ("simulator", Some(base_url)) => Environment::Simulator {
                base_url: base_url.clone(),
            },
            ("simulator", None) => return Err(wrong("environment=\"simulator\" needs its base_url")),
            _ => {
                return Err(wrong(
                    "environment is \"production\", \"sandbox\" or \"simulator\"",
                ));
            }
        };
        let kind = ProviderKind::of(provider)
            .ok_or_else(|| wrong("provider is \"visengine\", \"docuengine\" or \"relay\""))?;
        let mut builder = Core::builder(environment).provider(kind).account(account);
        if let Some(url) = base_url {
            builder = builder.base_url(url);
        }
        if let Some(url) = oauth_url {
            builder = builder.oauth_url(url);
        }
        if let Some(token) = token {
            builder = builder.token(token);
        }
        if let Some(function) = token_provider {
            builder = builder.token_provider(self::token_provider(function));
        }
        if let Some((email, key)) = credentials {
            let config = OAuthConfig {
                one_token_per_purchase,
                ..OAuthConfig::default()
            };
            builder = builder.credentials(Credentials::new(email, key), config);
        }
        builder = match journal.as_deref() {
            None => builder,
            Some(":memory:") => builder.memory_journal(),
            Some(path) => builder.journal_path(path),
        };
        if let Some(limit) = max_spend {
            let limit = limit
                .parse()
                .map_err(|_| wrong("max_spend is an amount such as \"100.00\""))?;
            builder = builder.max_spend(limit);
        }
        builder = limits(builder, commit_timeout, quiet_margin)?;
        let built = py.detach(|| builder.build());
        let client = built.map_err(|error| convert::error(py, &error))?;
        Client(client).with_options(timeout, None)
    }

    /// The same client with other limits for its free calls.
    #[pyo3(signature = (timeout=None, attempts=None))]
    fn with_options(&self, timeout: Option<f64>, attempts: Option<u32>) -> PyResult<Client> {
        if attempts == Some(0) {
            return Err(wrong("attempts is a number from 1"));
        }
        if timeout.is_none() && attempts.is_none() {
            return Ok(Client(self.0.clone()));
        }
        Ok(Client(self.0.with(CallOptions {
            deadline: timeout.map(seconds).transpose()?,
            attempts,
        })))
    }

    #[pyo3(signature = (search=None))]
    fn services(&self, search: Option<String>) -> PyResult<Operation> {
        let client = self.0.clone();
        Operation::start(|_| async move { outcome(&client.services(search.as_deref()).await?) })
    }

    fn service(&self, query: String) -> PyResult<Operation> {
        let client = self.0.clone();
        Operation::start(|_| async move { Ok(Outcome::Service(Box::new(client.service(&query).await?))) })
    }

    fn quote(&self, service: &Service, options: Vec<String>) -> PyResult<Operation> {
        let (client, service) = (self.0.clone(), sportello::Service::clone(&service.0));
        Operation::start(|_| async move { outcome(&client.quote_with_credit(&service, &options).await?) })
    }

    fn credit(&self) -> PyResult<Operation> {
        let client = self.0.clone();
        Operation::start(|_| async move { outcome(&client.credit().await?) })
    }

    #[pyo3(signature = (service, answers, *, reference, confirm_price, options, callback_url, notify_email, accept_warnings,
        allow_duplicate))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments, named at every call")]
    fn submit(
        &self,
        service: &Service,
        answers: &Bound<'_, PyAny>,
        reference: String,
        confirm_price: Option<String>,
        options: Vec<String>,
        callback_url: Option<String>,
        notify_email: Option<String>,
        accept_warnings: Vec<String>,
        allow_duplicate: bool,
    ) -> PyResult<Operation> {
        let answers: Answers = convert::answers(&service.0, answers)?;
        let mut request = SubmitRequest::new(sportello::Service::clone(&service.0), answers, reference);
        if let Some(price) = confirm_price {
            request = request.confirm_price(price);
        }
        if let Some(url) = callback_url {
            request = request.callback_url(url);
        }
        if let Some(email) = notify_email {
            request = request.notify_email(email);
        }
        for option in options {
            request = request.option(option);
        }
        for code in accept_warnings {
            request = request.accept_warning(code);
        }
        if allow_duplicate {
            request = request.allow_duplicate();
        }
        let client = self.0.clone();
        Operation::start(|outbox| {
            let outbox = Arc::clone(&outbox);
            let request = request.on_progress(move |progress| {
                let told = json!({ "doing": progress.doing, "sent": progress.sent, "total": progress.total });
                outbox.progress(progress.doing, told.to_string());
            });
            async move { outcome(&client.submit(request).await?) }
        })
    }

    fn submissions(&self) -> PyResult<Operation> {
        let client = self.0.clone();
        Operation::start(|_| async move { outcome(&client.submissions().await?) })
    }

    fn status(&self, reference: String) -> PyResult<Operation> {
        let client = self.0.clone();
        Operation::start(|_| async move { outcome(&client.status(&reference).await?) })
    }

    fn watch(&self, reference: String) -> PyResult<Operation> {
        let client = self.0.clone();
        Operation::start(|outbox| async move {
            let mut watch = client.watch(&reference).await?;
            while let Some(seen) = watch.next().await {
                outbox.item(update(&seen?).to_string());
            }
            outcome(&())
        })
    }

    fn wait(&self, reference: String, timeout: f64) -> PyResult<Operation> {
        let timeout = seconds(timeout)?;
        let client = self.0.clone();
        Operation::start(|_| async move {
            match client.wait(&reference, timeout).await? {
                Wait::Ended(seen) => outcome(&update(&seen)),
                Wait::Deadline => outcome(&Value::Null),
            }
        })
    }

    fn choose(&self, reference: String, result: String, confirm_price: String) -> PyResult<Operation> {
        let client = self.0.clone();
        Operation::start(|_| async move {
            outcome(
                &client
                    .choose(&reference, ResultId::new(result), &confirm_price)
                    .await?,
            )
        })
    }

    fn search_again(
        &self,
        reference: String,
        number: u32,
        service: &Service,
        answers: &Bound<'_, PyAny>,
        confirm_price: String,
    ) -> PyResult<Operation> {
        let answers = convert::answers(&service.0, answers)?;
        let (client, service) = (self.0.clone(), sportello::Service::clone(&service.0));
        Operation::start(|_| async move {
            outcome(
                &client
                    .search_again(&reference, number, &service, answers, &confirm_price)
                    .await?,
            )
        })
    }

    fn delivery(&self, reference: String, folder: PathBuf) -> PyResult<Operation> {
        let client = self.0.clone();
        Operation::start(|_| async move {
            let delivery = client.delivery(&reference, &folder).await?;
            let files: Vec<Value> = (delivery.files.iter())
                .map(|file| {
                    json!({
                        "path": file.path,
                        "name": file.name,
                        "mime": file.mime,
                        "size": file.len,
                        "sha256": file.sha256,
                        "isArchive": file.is_archive(),
                    })
                })
                .collect();
            outcome(&files)
        })
    }

    #[pyo3(signature = (folder=None))]
    fn resume(&self, folder: Option<PathBuf>) -> PyResult<Operation> {
        let client = self.0.clone();
        Operation::start(|_| async move { outcome(&client.resume_into(folder.as_deref()).await?) })
    }

    fn abandon(&self, reference: String) -> PyResult<Operation> {
        let client = self.0.clone();
        Operation::start(|_| async move {
            client.abandon(&reference).await?;
            outcome(&())
        })
    }

    fn receive_callback(&self, headers: Vec<(String, String)>, body: Vec<u8>) -> PyResult<Operation> {
        let client = self.0.clone();
        Operation::start(|_| async move {
            let event = client.receive_callback(&headers, &body).await?;
            outcome(&json!({ "submission": event.submission, "changed": event.changed }))
        })
    }

    fn revoke_tokens(&self) -> PyResult<Operation> {
        let client = self.0.clone();
        Operation::start(|_| async move { outcome(&client.revoke_tokens().await?) })
    }

    fn __repr__(&self) -> String {
        let scope = self.0.scope();
        format!(
            "Client(provider={:?}, origin={:?}, account={:?})",
            scope.provider, scope.origin, scope.account
        )
    }
}

fn seconds(seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(|_| wrong("a time limit is a number of seconds, 0 or more"))
}

fn limits(
    mut builder: ClientBuilder,
    commit_timeout: Option<f64>,
    quiet_margin: Option<f64>,
) -> PyResult<ClientBuilder> {
    if let Some(timeout) = commit_timeout {
        builder = builder.commit_timeout(seconds(timeout)?);
    }
    if let Some(margin) = quiet_margin {
        builder = builder.quiet_margin(seconds(margin)?);
    }
    Ok(builder)
}

/// Refuses what can't be a reference: another shape, or one that names somebody.
#[pyfunction]
pub(crate) fn check_reference(py: Python<'_>, reference: &str) -> PyResult<()> {
    sportello::client::check_reference(reference).map_err(|refused| convert::error(py, &refused))
}
