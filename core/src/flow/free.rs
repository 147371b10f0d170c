use std::sync::Arc;

use super::retry::{Retry, RetryBudget, RetryPolicy};
use super::{Event, FlowError, Machine, Policy, Step, WaitReason, failure_code};
use crate::error::SportelloError;
use crate::http::{Failure, HttpRequest, HttpResponse};
use crate::provider::{CallError, Hint, Provider};

/// A free call under way within a machine: sent, and sent again while that may help.
#[derive(Clone)]
pub(crate) struct Free {
    request: HttpRequest,
    retry: Retry,
    waiting: bool,
}

/// Where a free call stands after an event.
pub(crate) enum Turn<R> {
    /// Do this next.
    Go(Go),
    /// It brought this.
    Done(R),
    /// It failed for good.
    Gone(CallFailure),
}

/// The steps a free call can ask for; a machine turns them into its own.
pub(crate) enum Go {
    Send(Box<HttpRequest>),
    Wait(u64),
}

impl Go {
    pub(crate) fn step<T>(self) -> Step<T> {
        match self {
            Go::Send(request) => Step::Send {
                request,
                once: false,
                timeout_ms: None,
            },
            Go::Wait(millis) => Step::Wait {
                millis,
                reason: WaitReason::Retry,
            },
        }
    }
}

/// Why a call brought nothing.
#[derive(Clone, Debug)]
pub(crate) enum CallFailure {
    /// The provider, or the shape of its answer.
    Call(CallError),
    /// The network.
    Network(Failure),
}

impl CallFailure {
    pub(crate) fn hint(&self) -> Hint {
        match self {
            CallFailure::Call(error) => error.hint,
            CallFailure::Network(_) => Hint::None,
        }
    }
}

impl From<CallFailure> for SportelloError {
    fn from(failure: CallFailure) -> SportelloError {
        match failure {
            CallFailure::Call(error) => error.into(),
            CallFailure::Network(failure) => failure_code(failure).into(),
        }
    }
}

impl Free {
    /// Begins the call: the first step is to send it.
    pub(crate) fn begin(request: HttpRequest, policy: &Policy, salt: u64) -> (Free, Go) {
        Free::begin_with(request, policy.retry.clone(), policy, salt)
    }

    /// Begins the call with other patience than the policy's.
    pub(crate) fn begin_with(
        request: HttpRequest,
        retry: RetryPolicy,
        policy: &Policy,
        salt: u64,
    ) -> (Free, Go) {
        debug_assert!(!request.call.is_paid(), "a paid call is never repeated by itself");
        let retry = Retry::new(retry, policy.budget.clone(), policy.seed ^ salt);
        let send = Go::Send(Box::new(request.clone()));
        (
            Free {
                request,
                retry,
                waiting: false,
            },
            send,
        )
    }

    /// Everything that decides what it does next, save the jitter.
    pub(crate) fn standing(&self) -> (String, u32, bool) {
        (format!("{:?}", self.request), self.retry.sent(), self.waiting)
    }

    /// For a machine that was forked.
    pub(crate) fn spend_from(&mut self, budget: &RetryBudget) {
        self.retry.spend_from(budget);
    }

    pub(crate) fn on<R>(
        &mut self,
        now: u64,
        event: Event,
        read: impl FnOnce(&HttpRequest, &HttpResponse) -> Result<R, CallError>,
    ) -> Result<Turn<R>, FlowError> {
        match (self.waiting, event) {
            (true, Event::Elapsed) => {
                self.waiting = false;
                Ok(Turn::Go(Go::Send(Box::new(self.request.clone()))))
            }
            (false, Event::Responded(response)) => Ok(match read(&self.request, &response) {
                Ok(answer) => {
                    self.retry.succeeded();
                    Turn::Done(answer)
                }
                Err(error) => {
                    // A success that can't be read was cut on its way; so was an error without its envelope.
                    let again = error.hint == Hint::Transient
                        || matches!(
                            error.code,
                            crate::error::ErrorCode::AnswerUnreadable
                                | crate::error::ErrorCode::DeliveryCorrupt
                        );
                    let wait = again
                        .then(|| self.retry.again(None, response.retry_after(now)))
                        .flatten();
                    self.wait_or(wait, CallFailure::Call(error))
                }
            }),
            (false, Event::Failed(failure)) => {
                let wait = failure
                    .is_transient()
                    .then(|| self.retry.again(Some(failure), None))
                    .flatten();
                Ok(self.wait_or(wait, CallFailure::Network(failure)))
            }
            _ => Err(FlowError),
        }
    }

    fn wait_or<R>(&mut self, wait: Option<u64>, failure: CallFailure) -> Turn<R> {
        match wait {
            Some(millis) => {
                self.waiting = true;
                Turn::Go(Go::Wait(millis))
            }
            None => Turn::Gone(failure),
        }
    }
}

type Read<T> = dyn Fn(&dyn Provider, &HttpRequest, &HttpResponse) -> Result<T, SportelloError> + Send;

/// One free call as a machine of its own: the catalogue, a service, a status, the list.
pub struct FreeFlow<T> {
    provider: Arc<dyn Provider>,
    policy: Policy,
    request: HttpRequest,
    read: Box<Read<T>>,
    call: Option<Free>,
}

impl<T> FreeFlow<T> {
    /// A free call and how its answer is read.
    pub fn new(
        provider: Arc<dyn Provider>,
        policy: Policy,
        request: HttpRequest,
        read: impl Fn(&dyn Provider, &HttpRequest, &HttpResponse) -> Result<T, SportelloError> + Send + 'static,
    ) -> FreeFlow<T> {
        FreeFlow {
            provider,
            policy,
            request,
            read: Box::new(read),
            call: None,
        }
    }
}

impl<T> Machine for FreeFlow<T> {
    type Output = T;

    fn advance(&mut self, now: u64, event: Event) -> Result<Step<T>, FlowError> {
        if let Event::Cancelled = event {
            return Ok(Step::Finished(Err(crate::error::ErrorCode::Cancelled.into())));
        }
        let Some(call) = &mut self.call else {
            let Event::Started = event else {
                return Err(FlowError);
            };
            let (call, go) = Free::begin(self.request.clone(), &self.policy, 0);
            self.call = Some(call);
            return Ok(go.step());
        };
        let (provider, read) = (&*self.provider, &self.read);
        // The reader's own error is richer than the classification that decides about repeating, so both are kept.
        let mut full = None;
        let turn = call.on(now, event, |request, response| {
            read(provider, request, response).map_err(|error| {
                let details = error.details();
                let transient = matches!(details.http_status, Some(408 | 425 | 429 | 500..=504));
                let unreadable = details.code == crate::error::ErrorCode::AnswerUnreadable.as_str();
                let classified = CallError {
                    code: if unreadable {
                        crate::error::ErrorCode::AnswerUnreadable
                    } else {
                        crate::error::ErrorCode::ProviderRefused
                    },
                    http_status: response.status,
                    api_code: details.api_code,
                    definite: false,
                    hint: if transient { Hint::Transient } else { Hint::None },
                    fields: Vec::new(),
                };
                full = Some(error);
                classified
            })
        })?;
        Ok(match turn {
            Turn::Go(go) => go.step(),
            Turn::Done(answer) => Step::Finished(Ok(answer)),
            Turn::Gone(failure) => Step::Finished(Err(full.unwrap_or_else(|| failure.into()))),
        })
    }
}
