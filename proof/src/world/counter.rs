//! Who takes what the caller sends: a provider, or a relay with a provider behind it.

use sportello::flow::Event;
use sportello::http::HttpResponse;
use sportello_simulator::{Engine, SimRequest, Switches};

use super::story::Api;
use crate::relay::Relay;

/// Who takes what the caller sends.
pub(crate) enum Counter {
    /// The simulator's engine, as a value.
    Provider(Box<Engine>),
    /// A real relay.
    Relay(Box<Relay>),
}

impl Counter {
    /// The same in another world; a relay can't be in two.
    pub(crate) fn fork(&self) -> Counter {
        match self {
            Counter::Provider(engine) => Counter::Provider(engine.clone()),
            Counter::Relay(_) => panic!("a relay is not forked"),
        }
    }

    pub(crate) fn relay(&mut self) -> Option<&mut Relay> {
        match self {
            Counter::Provider(_) => None,
            Counter::Relay(relay) => Some(relay),
        }
    }

    pub(crate) fn is_relay(&self) -> bool {
        matches!(self, Counter::Relay(_))
    }

    /// Takes one call.
    pub(crate) fn take(&mut self, now: u64, request: &SimRequest) -> Event {
        match self {
            Counter::Provider(engine) => {
                let response = engine.handle(now, request);
                Event::Responded(HttpResponse {
                    status: response.status,
                    headers: response.headers,
                    body: response.body,
                    sink: None,
                })
            }
            Counter::Relay(relay) => relay.call(now, request),
        }
    }

    /// What the provider holds.
    pub(crate) fn with_engine<R>(&self, look: impl FnOnce(&Engine) -> R) -> R {
        match self {
            Counter::Provider(engine) => look(engine),
            Counter::Relay(relay) => look(&relay.behind.engine()),
        }
    }

    /// Changes what the provider holds.
    pub(crate) fn change<R>(&mut self, change: impl FnOnce(&mut Engine) -> R) -> R {
        match self {
            Counter::Provider(engine) => change(engine),
            Counter::Relay(relay) => change(&mut relay.behind.engine()),
        }
    }

    pub(crate) fn switches(&self) -> Switches {
        self.with_engine(|engine| engine.switches().clone())
    }

    /// The ids of everything that was opened with the provider.
    pub(crate) fn ids(&self, api: Api) -> Vec<String> {
        self.with_engine(|engine| match api {
            Api::Visengine => engine.submissions().map(|seen| seen.id).collect(),
            Api::DocuEngine => engine.requests().map(|seen| seen.id).collect(),
        })
    }

    /// Time passes without a call.
    pub(crate) fn wait_until(&mut self, now: u64) {
        if let Counter::Relay(relay) = self {
            relay.wait_until(now);
        }
    }

    /// True while a paid call of a relay is on its way.
    pub(crate) fn owes(&self) -> bool {
        match self {
            Counter::Provider(_) => false,
            Counter::Relay(relay) => relay.behind.owes(),
        }
    }
}
