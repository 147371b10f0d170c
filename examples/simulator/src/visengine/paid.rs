//! What costs money: the commit, another search, the choice of a result.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Visengine,
    body::Body,
    calls::insufficient,
    submission::{Found, Status, Submission},
    wire,
};
use crate::{
    context::{Answer, Api, Context, Refusal, is_id},
    ledger::{Charge, ChargeKind, euros},
    value::FieldValue,
};

impl Context<'_> {
    pub(super) fn charge_commit(&mut self, submission: &Submission, note: &str) {
        self.charge(submission, ChargeKind::Submit, submission.commit_cents(), note);
    }

    fn charge(&mut self, submission: &Submission, kind: ChargeKind, amount_cents: i64, note: &str) {
        self.shared.charge(Charge {
            api: Api::Visengine,
            at_ms: self.now_ms,
            submission: submission.id.clone(),
            service: submission.service.name.clone(),
            kind,
            amount_cents,
            note: note.to_owned(),
        });
    }

    pub(super) fn no_credit(&self, code: i64) -> Refusal {
        let credit = euros(self.shared.ledger.wallet_cents());
        Refusal::new(402, code, format!("Insufficient Credit in Wallet: {credit}"))
    }
}

impl Visengine {
    /// `POST /richiesta/{id}`: another search in a request whose service has one.
    pub(super) fn add_search(&mut self, context: &mut Context<'_>, id: &str, body: Body) -> Answer {
        if !is_id(id) {
            return Err(Refusal::new(400, 219, "Invalid id"));
        }
        let now_ms = context.now_ms;
        // The documents list 219 and 221 around it and leave this one out; 220 is what lies between.
        let submission = self
            .find_mut(id)
            .ok_or_else(|| Refusal::new(404, 220, format!("no requests matches this id: {id}")))?;
        if !submission.is_committed() {
            return Err(Refusal::new(
                404,
                221,
                "the request is in state 0, not yet finalized",
            ));
        }
        if !submission.service.has_search
            || submission.chosen.is_some()
            || submission.status == Status::Cancelled
        {
            return Err(Refusal::new(
                409,
                222,
                "this request does not allow the addition of a search",
            ));
        }
        let fields: BTreeMap<String, FieldValue> = body
            .fields
            .ok_or_else(|| Refusal::new(428, 224, "json_visura required"))?
            .into_iter()
            .chain(body.single)
            .collect();
        let faults = Submission::faults_in(&submission.service, &fields);
        if !faults.is_empty() {
            return Err(insufficient(&faults));
        }
        let price = submission.service.search_cents();
        if !context.shared.ledger.affords(price) {
            return Err(context.no_credit(225));
        }
        context.charge(submission, ChargeKind::Search, price, "");
        submission.search(fields, now_ms);
        self.advance(context.shared, now_ms);
        self.read(context, id)
    }

    /// `PUT /richiesta/{id}/ricerche`: the choice of a result, which buys the document.
    pub(super) fn choose(&mut self, context: &mut Context<'_>, id: &str, body: &Body) -> Answer {
        let now_ms = context.now_ms;
        let repeated = context.shared.switches.repeated_choice_charges;
        let submission = self
            .find_mut(id)
            .ok_or_else(|| Refusal::new(404, 228, format!("no requests matches this id: {id}")))?;
        let nothing_to_choose = !submission.service.has_search
            || !submission.is_committed()
            || submission.status == Status::Cancelled
            || (submission.chosen.is_some() && !repeated);
        if nothing_to_choose {
            return Err(Refusal::new(
                409,
                230,
                "the request does not produce results to choose from, it is processed directly with the POST",
            ));
        }
        let required = || Refusal::new(428, 233, "indice not valid or required");
        let index = match body.members.get("indice") {
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.trim().parse::<i64>().ok(),
            _ => None,
        }
        .ok_or_else(required)?;
        let index = usize::try_from(index).map_err(|_| Refusal::new(400, 234, "indice must be >= 0"))?;
        let search_id = body.text("id_ricerca").ok_or_else(required)?;
        let search = (0..submission.searches.len())
            .find(|at| submission.search_id(*at) == search_id)
            .ok_or_else(required)?;
        let offered = match submission.searches.get(search).map(|search| &search.found) {
            Some(Found::Done(Some(results))) => results.len(),
            _ => 0,
        };
        if index >= offered {
            return Err(required());
        }
        let price = submission.document_cents();
        if !context.shared.ledger.affords(price) {
            return Err(context.no_credit(237));
        }
        let note = if submission.chosen.is_some() {
            "second choice of a request already charged"
        } else {
            ""
        };
        context.charge(submission, ChargeKind::Choice, price, note);
        submission.choose(search, index, now_ms);
        self.advance(context.shared, now_ms);
        self.submissions
            .iter()
            .find(|submission| submission.id == id)
            .map(|submission| wire::detail(submission, &context.shared.switches))
            .ok_or_else(required)
    }
}
