//! The calls that open and edit a request. What they charge is in `paid`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Visengine,
    body::{Body, is_true},
    catalogue::Service,
    read::wrong_hash,
    submission::Submission,
    wire,
};
use crate::{
    callbacks, checks,
    context::{Answer, Context, Refusal},
    switches::JsonVisura,
    value::FieldValue,
};

impl Visengine {
    /// `POST /richiesta`. Without `state` it is paid at once: that is the provider's default.
    pub(super) fn open(&mut self, context: &mut Context<'_>, body: Body) -> Answer {
        let hash = body
            .text("hash_visura")
            .ok_or_else(|| Refusal::new(428, 204, "hash_visura required"))?;
        let service = self.catalogue.get(hash).cloned().ok_or_else(wrong_hash)?;
        let email = body.text("email_target").map(str::to_owned);
        if email.as_deref().is_some_and(|address| !checks::email(address)) {
            return Err(Refusal::new(400, 209, "email is considered invalid!"));
        }
        let commits = body.state() != Some(0);
        let is_test = body.flag("test") && context.shared.switches.test_is_free;
        let fields: BTreeMap<String, FieldValue> = body
            .fields
            .iter()
            .flatten()
            .chain(&body.single)
            .cloned()
            .collect();
        let faults = Submission::faults_in(&service, &fields);
        if (commits || is_test) && !faults.is_empty() {
            return Err(insufficient(&faults));
        }
        if context.shared.switches.refuse_empty_drafts && fields.values().all(FieldValue::is_empty) {
            return Err(insufficient(&faults));
        }
        let id = context.shared.next_id(context.now_ms);
        let mut submission = Submission::draft(id, service, context.now_ms);
        submission.options = chosen_options(&submission.service, body.members.get("opzioni"));
        submission.fields = fields;
        submission.email = email;
        submission.callback = callback_data(&body, context.shared.switches.drop_callback_without_url);
        if is_test {
            return Ok(quotation(&submission));
        }
        let checked_here = commits || !context.shared.switches.wallet_checked_at_commit;
        if checked_here && !context.shared.ledger.affords(submission.commit_cents()) {
            return Err(context.no_credit(211));
        }
        if commits {
            context.charge_commit(&submission, "");
            submission.commit(context.now_ms);
        }
        self.submissions.push(submission);
        self.advance(context.shared, context.now_ms);
        self.submissions
            .last()
            .map(|submission| wire::detail(submission, &context.shared.switches))
            .ok_or_else(wrong_hash)
    }

    /// `PUT /richiesta/{id}`: edits an open request, and with `state` 1 closes and charges it.
    pub(super) fn edit(&mut self, context: &mut Context<'_>, id: &str, body: Body) -> Answer {
        if id.is_empty() {
            return Err(Refusal::new(428, 226, "id required"));
        }
        let (now_ms, switches) = (context.now_ms, context.shared.switches.clone());
        let submission = self
            .find_mut(id)
            .ok_or_else(|| Refusal::new(404, 228, format!("no requests matches this id: {id}")))?;
        let commits = body.state() == Some(1);
        if !submission.is_open() {
            let raced = submission
                .committed_ms
                .is_some_and(|at_ms| now_ms.saturating_sub(at_ms) <= switches.race_window_ms);
            if commits && raced && switches.racy_commit {
                // Both commits read the request as open before either had closed it.
                context.charge_commit(submission, "second commit of a request already charged");
                return Ok(wire::detail(submission, &switches));
            }
            return Err(Refusal::new(400, 239, "the request has already been closed"));
        }
        let email = body.text("email_target");
        let says_nothing =
            body.fields.is_none() && body.single.is_empty() && !body.members.contains_key("email_target");
        if says_nothing && switches.refuse_bare_commit {
            return Err(Refusal::new(400, 300, "no fields to update"));
        }
        if email.is_some_and(|address| !checks::email(address)) {
            return Err(Refusal::new(412, 229, "error in the input data: email_target"));
        }
        if email.is_some() {
            submission.email = email.map(str::to_owned);
        }
        if let Some(fields) = body.fields {
            if switches.json_visura == JsonVisura::Replace {
                submission.fields.clear();
            }
            submission.fields.extend(fields);
        }
        submission.fields.extend(body.single);
        submission.updated_ms = now_ms;
        if commits {
            // Nothing was validated until now, so this is where a draft learns what is wrong with it.
            let faults = Submission::faults_in(&submission.service, &submission.fields);
            if !faults.is_empty() {
                return Err(Refusal::new(
                    412,
                    229,
                    format!("error in the input data: {}", faults.join(", ")),
                ));
            }
            let affords = context.shared.ledger.affords(submission.commit_cents());
            if switches.wallet_checked_at_commit && !affords {
                return Err(context.no_credit(211));
            }
            context.charge_commit(submission, if affords { "" } else { "overdraws the wallet" });
            submission.commit(now_ms);
        }
        self.advance(context.shared, now_ms);
        self.read(context, id)
    }
}

pub(super) fn insufficient(faults: &[String]) -> Refusal {
    Refusal::new(
        412,
        250,
        format!("Insufficient data to validate the request: {}", faults.join(", ")),
    )
}

/// `{"opzione_0": true}`; options the service doesn't have are passed over.
fn chosen_options(service: &Service, given: Option<&Value>) -> Vec<usize> {
    service
        .options
        .iter()
        .enumerate()
        .filter(|(_, option)| {
            given
                .and_then(|given| given.get(&option.nome))
                .is_some_and(is_true)
        })
        .map(|(at, _)| at)
        .collect()
}

/// What is kept of `callback_data`, with its defaults filled in.
fn callback_data(body: &Body, drop_without_url: bool) -> Value {
    let Some(Value::Object(given)) = body.members.get("callback_data") else {
        return Value::Null;
    };
    let has_url = given
        .get("url")
        .and_then(Value::as_str)
        .is_some_and(|url| !url.is_empty());
    if given.is_empty() || (drop_without_url && !has_url) {
        return Value::Null;
    }
    let kept = callbacks::kept(given, &["method", "url", "field", "data"]);
    Value::Object(kept)
}

/// The answer of `test`: nothing is stored, so there is no id.
fn quotation(submission: &Submission) -> Value {
    let options: Vec<_> = submission
        .options
        .iter()
        .filter_map(|at| submission.service.options.get(*at))
        .collect();
    json!({
        "hash_visura": submission.service.hash,
        "nome": submission.service.name,
        "ricerca": submission.service.has_search,
        "sincrona": submission.service.synchronous,
        "prezzo_visura": submission.service.price,
        "prezzo_ricerca": submission.service.search_price,
        "opzioni": if options.is_empty() { Value::Null } else { json!(options) },
    })
}
