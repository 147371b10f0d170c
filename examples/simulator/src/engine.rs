//! The pure engine: state, time passed in, no clock, no I/O, no chance.

use std::sync::Arc;

use crate::{
    callbacks::{CallbackCall, Callbacks},
    config::Config,
    context::{Api, Context, Refusal, Tamper, call_of, first_segment},
    delivery::DeliveryFault,
    docuengine::DocuEngine,
    exchange::{Exchange, Outcome, SimRequest, SimResponse},
    faults::{Call, Fault, Rule, Script},
    ledger::{Charge, Ledger},
    oauth::{self, Tokens},
    switches::{Storage, Switches},
    tamper,
    view::{RequestView, SubmissionView},
    visengine::Visengine,
};

/// What the APIs share: one wallet, one set of switches, one source of ids.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) config: Arc<Config>,
    pub(crate) switches: Switches,
    pub(crate) ledger: Ledger,
    pub(crate) callbacks: Callbacks,
    pub(crate) tokens: Tokens,
    /// The latest moment seen.
    now_ms: u64,
    ids: u32,
}

impl Shared {
    /// 24 hexadecimal digits made as MongoDB makes them: seconds, machine (here the seed), counter.
    pub(crate) fn next_id(&mut self, now_ms: u64) -> String {
        self.ids = self.ids.wrapping_add(1) & 0x00ff_ffff;
        let seconds = (now_ms / 1_000) & 0xffff_ffff;
        let machine = self.config.seed & 0xff_ffff_ffff;
        format!("{seconds:08x}{machine:010x}{:06x}", self.ids)
    }

    /// Takes money from the wallet, on the account of the token that makes the call.
    pub(crate) fn charge(&mut self, charge: Charge) {
        self.tokens.spend(charge.amount_cents);
        self.ledger.charge(charge);
    }

    /// Notes a callback to be made, where there is one.
    pub(crate) fn call_back(&mut self, now_ms: u64, call: Option<CallbackCall>) {
        if let Some(call) = call {
            let id = self.next_id(now_ms);
            self.callbacks.push(now_ms, CallbackCall { id, ..call });
        }
    }
}

/// One call the engine has seen, for tests that ask what was sent.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Logged {
    /// When it arrived.
    pub at_ms: u64,
    /// The HTTP method.
    pub method: String,
    /// The path, without its query. A token in it reads `***`.
    pub path: String,
    /// Whose path it is; `None` when it is nobody's.
    pub api: Option<Api>,
    /// Whether an `Authorization` header came.
    pub authorization: bool,
    /// What it does; `None` for a path that is none of the API's.
    pub call: Option<Call>,
    /// The status it was answered with by the service; `None` when a fault kept it from arriving.
    pub status: Option<u16>,
}

/// What the wire does to one call, settled before the call is made.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// How long the request is under way.
    pub delay_before_ms: u64,
    /// How long the answer is under way.
    pub delay_after_ms: u64,
    faults: Vec<Fault>,
}

/// The provider, whole. Cloning one is cheap, so a test can go back to any moment.
#[derive(Clone, Debug)]
pub struct Engine {
    shared: Shared,
    visengine: Visengine,
    docuengine: DocuEngine,
    script: Script,
    late: Vec<(u64, SimRequest)>,
    log: Vec<Logged>,
}

impl Engine {
    /// A provider with an empty book and a full wallet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            script: Script::new(config.faults.clone()),
            shared: Shared {
                switches: config.switches.clone(),
                ledger: Ledger::new(config.wallet_cents),
                callbacks: Callbacks::default(),
                tokens: Tokens::default(),
                now_ms: 0,
                ids: 0,
                config: Arc::new(config),
            },
            visengine: Visengine::new(),
            docuengine: DocuEngine::new(),
            late: Vec::new(),
            log: Vec::new(),
        }
    }

    /// Answers one call, with no regard to the faults that are set.
    pub fn handle(&mut self, now_ms: u64, request: &SimRequest) -> SimResponse {
        self.apply(now_ms, request, &Tamper::default())
    }

    /// Makes one call as the wire would: plan and effect in one step, the delays told but not waited for.
    pub fn exchange(&mut self, now_ms: u64, request: &SimRequest) -> Exchange {
        let plan = self.plan(request);
        let outcome = self.carry_out(now_ms.saturating_add(plan.delay_before_ms), request, &plan);
        Exchange {
            delay_before_ms: plan.delay_before_ms,
            delay_after_ms: plan.delay_after_ms,
            outcome,
        }
    }

    /// Settles what the wire does to this call. Each rule that matches counts the call as seen.
    pub fn plan(&mut self, request: &SimRequest) -> Plan {
        if self.script.is_empty() {
            return Plan::default();
        }
        let faults = self.script.meet(&request.method, &request.path, call_of(request));
        let mut plan = Plan::default();
        for fault in &faults {
            if let Fault::Latency { before_ms, after_ms } = fault {
                plan.delay_before_ms += before_ms;
                plan.delay_after_ms += after_ms;
            }
        }
        plan.faults = faults;
        plan
    }

    /// Makes the call as planned, once its delay is over.
    pub fn carry_out(&mut self, now_ms: u64, request: &SimRequest, plan: &Plan) -> Outcome {
        let mut tamper = Tamper::default();
        let mut copies = 1;
        for fault in &plan.faults {
            match fault {
                Fault::CutBefore => {
                    self.note(now_ms, request, None);
                    return Outcome::CutBefore;
                }
                Fault::Late { after_ms } => {
                    self.late
                        .push((now_ms.saturating_add(*after_ms), request.clone()));
                    return Outcome::CutBefore;
                }
                Fault::Status {
                    status,
                    retry_after_s,
                    after_effect: false,
                } => {
                    self.note(now_ms, request, None);
                    return Outcome::Answer(tamper::proxy_page(*status, *retry_after_s));
                }
                Fault::EmptyWallet => self.shared.ledger.set_wallet(now_ms, 0),
                Fault::DropField { key } => tamper.drop_field = Some(key.clone()),
                Fault::LargeDelivery { bytes } => {
                    tamper.delivery = Some(DeliveryFault::Large { bytes: *bytes });
                }
                Fault::HostileDelivery { hostility } => {
                    tamper.delivery = Some(DeliveryFault::Hostile(*hostility));
                }
                Fault::Duplicate { .. } => copies = 2,
                _ => {}
            }
        }
        let mut response = self.apply(now_ms, request, &tamper);
        if copies == 2 {
            let second = self.apply(now_ms, request, &tamper);
            if plan.faults.contains(&Fault::Duplicate { show_second: true }) {
                response = second;
            }
        }
        let outcome = if self.stops_in_the_middle(request, &response) {
            let half = response.body.len() / 2;
            Outcome::Truncated(response, half)
        } else {
            Outcome::Answer(response)
        };
        plan.faults.iter().fold(outcome, tamper::spoil)
    }

    fn stops_in_the_middle(&self, request: &SimRequest, response: &SimResponse) -> bool {
        self.shared.switches.storage == Storage::Cut
            && Api::of(&request.path) == Some(Api::Storage)
            && response.status == 200
    }

    fn apply(&mut self, now_ms: u64, request: &SimRequest, tamper: &Tamper) -> SimResponse {
        self.advance(now_ms);
        let api = Api::of(&request.path);
        self.shared.tokens.begin();
        let response = match self.admit(now_ms, request, api) {
            Err(refusal) => refusal.response(self.shared.config.loose),
            Ok(()) => self.serve(now_ms, request, api, tamper),
        };
        self.shared.tokens.end(response.status);
        self.note(now_ms, request, Some(response.status));
        response
    }

    /// Lets the call happen. What a token's limits forbid shows only when the money is taken, and then
    /// nothing must have happened: the engine goes back to where it was.
    fn serve(&mut self, now_ms: u64, request: &SimRequest, api: Option<Api>, tamper: &Tamper) -> SimResponse {
        let before = self.shared.tokens.is_limited().then(|| {
            (
                self.shared.clone(),
                self.visengine.clone(),
                self.docuengine.clone(),
            )
        });
        let mut context = Context {
            shared: &mut self.shared,
            now_ms,
            tamper,
        };
        let response = match api {
            Some(Api::Docuengine) => self.docuengine.answer(&mut context, request),
            Some(Api::Storage) => self.docuengine.download(&context, request),
            Some(Api::Oauth) => oauth::answer(&mut context, request),
            Some(Api::Visengine) | None => self.visengine.answer(&mut context, request),
        };
        match before {
            Some(before) if self.shared.tokens.went_over() => {
                (self.shared, self.visengine, self.docuengine) = before;
                oauth::over_limit().response(self.shared.config.loose)
            }
            _ => response,
        }
    }

    /// The token: none, unknown or expired is 401, too narrow a scope is 403. OAuth has its own credentials,
    /// and the storage none.
    fn admit(&mut self, now_ms: u64, request: &SimRequest, api: Option<Api>) -> Result<(), Refusal> {
        if matches!(api, Some(Api::Oauth | Api::Storage)) {
            return Ok(());
        }
        let token =
            oauth::credentials(request, "bearer").ok_or_else(|| Refusal::new(401, 401, "Missing token"))?;
        if token == self.shared.config.token {
            return Ok(());
        }
        if let Some(verdict) = self.shared.tokens.admit(now_ms, token, api, request) {
            return verdict;
        }
        let scoped = self
            .shared
            .config
            .scoped_tokens
            .iter()
            .find(|scoped| scoped.token == token)
            .ok_or_else(|| Refusal::new(401, 401, "Wrong token"))?;
        let segment = first_segment(&request.path);
        let allowed = scoped.scopes.iter().any(|scope| {
            scope.split_once(':').is_some_and(|(method, place)| {
                method.eq_ignore_ascii_case(&request.method)
                    && place.rsplit_once('/').is_some_and(|(_, first)| first == segment)
            })
        });
        if allowed {
            Ok(())
        } else {
            Err(Refusal::new(403, 403, "Scope not allowed for this token"))
        }
    }

    fn note(&mut self, at_ms: u64, request: &SimRequest, status: Option<u16>) {
        self.log.push(Logged {
            at_ms,
            method: request.method.clone(),
            path: oauth::masked(&request.path),
            api: Api::of(&request.path),
            authorization: request.header("authorization").is_some(),
            call: call_of(request),
            status,
        });
    }

    /// Lets time pass: states move on, drafts die, late requests arrive. Every call does this first.
    pub fn advance(&mut self, now_ms: u64) {
        while let Some(at) = self.late.iter().position(|(due_ms, _)| *due_ms <= now_ms) {
            let (due_ms, request) = self.late.remove(at);
            let _lost = self.apply(due_ms, &request, &Tamper::default());
        }
        self.shared.now_ms = self.shared.now_ms.max(now_ms);
        self.visengine.advance(&mut self.shared, now_ms);
        self.docuengine.advance(&mut self.shared, now_ms);
    }

    /// Every charge, oldest first.
    #[must_use]
    pub fn ledger(&self) -> &[Charge] {
        self.shared.ledger.charges()
    }

    /// The charges of one request.
    #[must_use]
    pub fn charges(&self, id: &str) -> Vec<&Charge> {
        self.ledger()
            .iter()
            .filter(|charge| charge.submission == id)
            .collect()
    }

    /// The wallet, in cents.
    #[must_use]
    pub fn wallet_cents(&self) -> i64 {
        self.shared.ledger.wallet_cents()
    }

    /// Fills or empties the wallet. What it gains shows as a top-up in `GET /wallet/transactions`, at the
    /// latest moment the engine has seen.
    pub fn set_wallet(&mut self, cents: i64) {
        self.shared.ledger.set_wallet(self.shared.now_ms, cents);
    }

    /// The switches in force.
    #[must_use]
    pub fn switches(&self) -> &Switches {
        &self.shared.switches
    }

    /// Sets all switches.
    pub fn set_switches(&mut self, switches: Switches) {
        self.shared.switches = switches;
    }

    /// Adds a fault to those in force.
    pub fn add_fault(&mut self, rule: Rule) {
        self.script.push(rule);
    }

    /// Takes all faults away. Requests already under way still arrive late.
    pub fn clear_faults(&mut self) {
        self.script.clear();
    }

    /// Every request of Visengine, oldest first.
    pub fn submissions(&self) -> impl Iterator<Item = SubmissionView> {
        self.visengine.submissions().iter().map(SubmissionView::of)
    }

    /// One request of Visengine.
    #[must_use]
    pub fn submission(&self, id: &str) -> Option<SubmissionView> {
        self.visengine.find(id).map(SubmissionView::of)
    }

    /// Every request of DocuEngine, oldest first.
    pub fn requests(&self) -> impl Iterator<Item = RequestView> {
        self.docuengine.requests().iter().map(RequestView::of)
    }

    /// One request of DocuEngine.
    #[must_use]
    pub fn request(&self, id: &str) -> Option<RequestView> {
        self.docuengine.find(id).map(RequestView::of)
    }

    /// Takes every issued token away, in the middle of whatever it is used for, and says how many there were.
    /// The tokens of the configuration stay.
    pub fn revoke_tokens(&mut self) -> usize {
        self.shared.tokens.revoke_all()
    }

    /// The office gives a request up. DocuEngine tells `info` only. `false` when there is no such request or it has ended.
    pub fn cancel(&mut self, now_ms: u64, id: &str, code: &str, info: &str) -> bool {
        self.visengine.cancel(&mut self.shared, now_ms, id, code, info)
            || self.docuengine.cancel(&mut self.shared, now_ms, id, info)
    }

    /// The callbacks due since the last time this was asked.
    pub fn take_callbacks(&mut self) -> Vec<CallbackCall> {
        self.shared.callbacks.take()
    }

    /// What became of a callback: the status it was answered with, `None` where nobody answered. It shows in
    /// `GET /callbacks`.
    pub fn callback_answered(&mut self, now_ms: u64, id: &str, status: Option<u16>) {
        self.shared.callbacks.answered(now_ms, id, status);
    }

    /// Every call seen, oldest first.
    #[must_use]
    pub fn log(&self) -> &[Logged] {
        &self.log
    }
}
