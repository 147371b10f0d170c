//! The worlds: every reading of what the providers' documents leave open.

use std::sync::Arc;

use sportello::provider::Provider;
use sportello::provider::docuengine::DocuEngine;
use sportello::provider::relay::Relay;
use sportello::provider::visengine::Visengine;
use sportello_simulator::{Config, Echo, JsonVisura, RepeatedCommit, Switches, UrllessCallback};

use super::story::{Api, Goal};

/// One world, one goal, one kind of caller.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) name: &'static str,
    pub(crate) api: Api,
    /// A relay stands before the provider.
    pub(crate) through_relay: bool,
    pub(crate) goal: Goal,
    pub(crate) config: Config,
    /// The caller who tries again gives the answers again; otherwise only once the library asks for them.
    pub(crate) answers_again: bool,
    /// A token that was refused is replaced by a fresh one.
    pub(crate) renewable: bool,
}

impl Setup {
    pub(crate) fn title(&self) -> String {
        let answers = match (self.goal, self.answers_again) {
            (Goal::Submit, true) => ", answers given again",
            (Goal::Submit, false) => ", answers given when asked for",
            _ => "",
        };
        let relay = if self.through_relay { "relay before " } else { "" };
        format!("{relay}{:?}, {:?}: {}{answers}", self.api, self.goal, self.name)
    }

    /// Whom the caller speaks to.
    pub(crate) fn provider(&self) -> Arc<dyn Provider> {
        match (self.through_relay, self.api) {
            (true, _) => Arc::new(Relay),
            (false, Api::Visengine) => Arc::new(Visengine),
            (false, Api::DocuEngine) => Arc::new(DocuEngine),
        }
    }
}

/// Every setup of a caller who speaks to the provider.
pub(crate) fn all() -> Vec<Setup> {
    every(false)
}

/// Every setup of a caller who speaks to a relay.
pub(crate) fn through_relay() -> Vec<Setup> {
    every(true)
}

fn every(through_relay: bool) -> Vec<Setup> {
    let mut setups = Vec::new();
    for api in [Api::Visengine, Api::DocuEngine] {
        for (name, config) in worlds(api) {
            for answers_again in [true, false] {
                setups.push(Setup {
                    name,
                    api,
                    through_relay,
                    goal: Goal::Submit,
                    config: config.clone(),
                    answers_again,
                    renewable: name != FRIENDLIEST,
                });
            }
        }
        for (name, config) in choices(api) {
            for goal in [Goal::Choice, Goal::Search] {
                // DocuEngine has no call that adds a search.
                if goal == Goal::Search && api == Api::DocuEngine {
                    continue;
                }
                setups.push(Setup {
                    name,
                    api,
                    through_relay,
                    goal,
                    config: config.clone(),
                    answers_again: true,
                    renewable: true,
                });
            }
        }
    }
    setups
}

pub(crate) const FRIENDLIEST: &str = "friendliest";

fn with(change: impl FnOnce(&mut Switches)) -> Config {
    let mut config = Config::default();
    change(&mut config.switches);
    config
}

fn worlds(api: Api) -> Vec<(&'static str, Config)> {
    let loose = Config {
        loose: true,
        ..Config::default()
    };
    let mut worlds = vec![
        (FRIENDLIEST, Config::default()),
        ("typed loosely", loose),
        (
            "empty drafts refused",
            with(|switches| switches.refuse_empty_drafts = true),
        ),
        (
            "fields replaced",
            with(|switches| switches.json_visura = JsonVisura::Replace),
        ),
        ("echo of nothing", with(|switches| switches.echo = Echo::None)),
        ("echo of all", with(|switches| switches.echo = Echo::All)),
        (
            "drafts expire",
            with(|switches| switches.draft_lifetime_ms = Some(90_000)),
        ),
        (
            "bare commit refused",
            with(|switches| switches.refuse_bare_commit = true),
        ),
        ("racy commit", with(|switches| switches.racy_commit = true)),
        (
            "credit looked at on opening",
            with(|switches| switches.wallet_checked_at_commit = false),
        ),
    ];
    match api {
        Api::Visengine => worlds.push((
            "callback dropped",
            with(|switches| switches.drop_callback_without_url = true),
        )),
        Api::DocuEngine => worlds.extend([
            (
                "callback dropped",
                with(|switches| switches.callback_without_url = UrllessCallback::Dropped),
            ),
            (
                "callback refused",
                with(|switches| switches.callback_without_url = UrllessCallback::Refused),
            ),
            (
                "callback needs headers",
                with(|switches| switches.callback_needs_headers = true),
            ),
            (
                "second commit is not acceptable",
                with(|switches| switches.repeated_commit = RepeatedCommit::NotAcceptable),
            ),
            (
                "second commit is the same",
                with(|switches| switches.repeated_commit = RepeatedCommit::Same),
            ),
        ]),
    }
    worlds
}

fn choices(api: Api) -> Vec<(&'static str, Config)> {
    let mut worlds = vec![
        (FRIENDLIEST, Config::default()),
        (
            "a repeated choice charges",
            with(|switches| switches.repeated_choice_charges = true),
        ),
    ];
    if api == Api::DocuEngine {
        worlds.push((
            "results while waiting",
            with(|switches| switches.results_in_wait = true),
        ));
    }
    worlds
}

/// The setups in which it matters that there are two.
pub(crate) fn for_pairs(setup: &Setup) -> bool {
    let worlds = [
        FRIENDLIEST,
        "racy commit",
        "drafts expire",
        "callback dropped",
        "bare commit refused",
        "fields replaced",
    ];
    worlds.contains(&setup.name)
}
