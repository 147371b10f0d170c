//! The calls on requests: open, edit, commit, choose.

use serde_json::{Value, json};

use super::{
    DocuEngine,
    body::Body,
    request::{Request, RequestState},
    wire,
};
use crate::{
    callbacks, checks,
    context::{Answer, Api, Context, Refusal, is_id},
    ledger::{Charge, ChargeKind, decimal},
    switches::{JsonVisura, RepeatedCommit, UrllessCallback},
    value::FieldValue,
};

const NOTHING_TO_CHOOSE: &str =
    "the request does not produce results to choose from, it is processed directly with the POST";

/// Which numbers one "no" has in a `POST` and in a `PATCH`.
#[derive(Clone, Copy)]
struct Codes {
    not_acceptable: i64,
    unavailable: i64,
}

const POST: Codes = Codes {
    not_acceptable: 205,
    unavailable: 208,
};
const PATCH: Codes = Codes {
    not_acceptable: 210,
    unavailable: 316,
};

impl DocuEngine {
    /// `POST /requests`. Without `state` `NEW` it is paid at once: that is the provider's default.
    pub(super) fn open(&mut self, context: &mut Context<'_>, body: &Body) -> Answer {
        let document = body
            .text("documentId")
            .and_then(|id| self.catalogue.get(id))
            .cloned()
            .ok_or_else(|| Refusal::new(400, 202, "wrong documentId"))?;
        let commits = body.text("state") != Some("NEW");
        let id = context.shared.next_id(context.now_ms);
        let mut request = Request::new(id, document, context.now_ms);
        edit(&mut request, context, body, POST)?;
        if context.shared.switches.refuse_empty_drafts && request.fields.values().all(FieldValue::is_empty) {
            return Err(Refusal::new(
                406,
                205,
                "search must be a key value object, and not empty",
            ));
        }
        if commits {
            commit(&mut request, context, POST)?;
        } else {
            let checked_here = !context.shared.switches.wallet_checked_at_commit;
            if checked_here && !context.shared.ledger.affords(request.commit_cents()) {
                return Err(no_credit(context, request.commit_cents()));
            }
            request.enter(RequestState::New, context.now_ms);
        }
        let id = request.id.clone();
        self.requests.push(request);
        self.show(context, &id)
    }

    /// `PATCH /requests/{id}`: edits an open request, closes it, or chooses a result of its search.
    pub(super) fn patch(&mut self, context: &mut Context<'_>, id: &str, body: Option<&Body>) -> Answer {
        if id.is_empty() {
            return Err(Refusal::new(428, 209, "id required"));
        }
        let not_valid = || Refusal::new(406, 210, "id not valid");
        let request = self.find_mut(id).filter(|_| is_id(id)).ok_or_else(not_valid)?;
        let body = body.ok_or_else(nothing_accepted)?;
        if body.has("resultId") {
            choose(request, context, body)?;
            return self.show(context, id);
        }
        let commits = body.text("state") == Some("SEARCH");
        if !request.is_open() {
            if commits {
                commit_again(request, context)?;
                return self.show(context, id);
            }
            return Err(Refusal::new(422, 213, NOTHING_TO_CHOOSE));
        }
        let edited = edit(request, context, body, PATCH)?;
        let bare_is_refused = context.shared.switches.refuse_bare_commit;
        if !edited && (!commits || bare_is_refused) {
            return Err(nothing_accepted());
        }
        if commits {
            commit(request, context, PATCH)?;
        }
        self.show(context, id)
    }

    /// The request after what has just happened to it.
    fn show(&mut self, context: &mut Context<'_>, id: &str) -> Answer {
        self.advance(context.shared, context.now_ms);
        self.find(id)
            .map(|request| wire::detail(request, &context.shared.switches))
            .ok_or_else(nothing_accepted)
    }
}

fn nothing_accepted() -> Refusal {
    Refusal::new(400, 300, "no fields were accepted, check the search object")
}

/// Takes over what the body says. Returns whether it said anything.
fn edit(request: &mut Request, context: &Context<'_>, body: &Body, codes: Codes) -> Result<bool, Refusal> {
    let switches = &context.shared.switches;
    let refuse = |message: &str| Refusal::new(406, codes.not_acceptable, message);
    let dropped = context.tamper.drop_field.as_deref();
    let (whole, single) = body
        .fields(&request.document, switches.echo, dropped)
        .ok_or_else(|| refuse("search must be a key value object"))?;
    let email = body.text("notifyEmail");
    if email.is_some_and(|address| !checks::email(address)) {
        return Err(refuse("notifyEmail not valid"));
    }
    let callback = match body.member("callback") {
        None | Some(Value::Null) => None,
        Some(given) => Some(callback(given, context)?),
    };
    let options = body.list("selectedOptions");
    let says_something = whole.as_ref().is_some_and(|fields| !fields.is_empty())
        || !single.is_empty()
        || email.is_some()
        || callback.is_some()
        || options.is_some();
    if let Some(fields) = whole {
        if switches.json_visura == JsonVisura::Replace {
            request.fields.clear();
        }
        request.fields.extend(fields);
    }
    request.fields.extend(single);
    if let Some(email) = email {
        request.email = Some(email.to_owned());
    }
    if let Some(callback) = callback {
        request.callback = callback;
    }
    if let Some(names) = options {
        // Options the document doesn't have are passed over.
        let offered = |name: &String| request.document.options.iter().any(|option| option.name == *name);
        request.options = names.into_iter().filter(offered).collect();
    }
    request.updated_ms = context.now_ms;
    Ok(says_something)
}

/// What is kept of `callback`, with its defaults filled in.
fn callback(given: &Value, context: &Context<'_>) -> Answer {
    let switches = &context.shared.switches;
    let refuse =
        |what: &str| Refusal::new(428, 311, format!("object {what} not set in 'callback', required"));
    let given = given.as_object().ok_or_else(|| refuse("url"))?;
    let filled = |name: &str| {
        given
            .get(name)
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    };
    if !filled("url") {
        match switches.callback_without_url {
            UrllessCallback::Kept => {}
            UrllessCallback::Dropped => return Ok(Value::Null),
            UrllessCallback::Refused => return Err(refuse("url")),
        }
    }
    let by_form = given.get("method").and_then(Value::as_str) != Some("JSON");
    // The schema says it of the method POST.
    if filled("url") && by_form && !filled("field") {
        return Err(refuse("field"));
    }
    if switches.callback_needs_headers && !given.contains_key("headers") {
        return Err(refuse("headers"));
    }
    let mut kept = callbacks::kept(given, &["method", "url", "field", "headers", "data"]);
    kept.entry("headers").or_insert_with(|| json!({}));
    kept.entry("data").or_insert_with(|| json!({}));
    Ok(Value::Object(kept))
}

/// Nothing was validated until now, so this is where a draft learns what is wrong with it.
fn commit(request: &mut Request, context: &mut Context<'_>, codes: Codes) -> Result<(), Refusal> {
    if request.document.behaviour.unavailable {
        let name = &request.document.name;
        return Err(Refusal::new(
            417,
            codes.unavailable,
            format!("document {name} not available at the moment, please try again later"),
        ));
    }
    let faults = request.faults();
    if !faults.is_empty() {
        return Err(Refusal::new(
            406,
            codes.not_acceptable,
            format!("search not valid: {}", faults.join(", ")),
        ));
    }
    if request.is_newborn() {
        return Err(Refusal::new(
            422,
            320,
            "the company was born this year, the first balance sheet is not yet available",
        ));
    }
    let price = request.commit_cents();
    let affords = context.shared.ledger.affords(price);
    // A request that was opened and paid in one call has had no earlier moment for it.
    let checked_now =
        context.shared.switches.wallet_checked_at_commit || codes.unavailable == POST.unavailable;
    if checked_now && !affords {
        return Err(no_credit(context, price));
    }
    let note = if affords { "" } else { "overdraws the wallet" };
    charge(request, context, ChargeKind::Submit, price, note);
    request.commit(context.now_ms);
    Ok(())
}

/// The commit of a request that is open no more.
fn commit_again(request: &Request, context: &mut Context<'_>) -> Result<(), Refusal> {
    let switches = &context.shared.switches;
    let Some(committed_ms) = request.committed_ms else {
        return Err(Refusal::new(422, 213, NOTHING_TO_CHOOSE));
    };
    let raced = context.now_ms.saturating_sub(committed_ms) <= switches.race_window_ms;
    if switches.racy_commit && raced {
        // Both commits read the request as open before either had closed it.
        let note = "second commit of a request already charged";
        charge(request, context, ChargeKind::Submit, request.commit_cents(), note);
        return Ok(());
    }
    match switches.repeated_commit {
        RepeatedCommit::NoResults => Err(Refusal::new(422, 213, NOTHING_TO_CHOOSE)),
        RepeatedCommit::NotAcceptable => Err(Refusal::new(406, 210, "the request has already been closed")),
        RepeatedCommit::Same => Ok(()),
    }
}

/// The choice of a result, which buys the document.
fn choose(request: &mut Request, context: &mut Context<'_>, body: &Body) -> Result<(), Refusal> {
    let repeated = context.shared.switches.repeated_choice_charges;
    let nothing_to_choose = request.state == RequestState::Cancelled
        || request.results.as_ref().is_none_or(|found| found.is_empty())
        || (request.chosen.is_some() && !repeated);
    if nothing_to_choose {
        return Err(Refusal::new(422, 213, NOTHING_TO_CHOOSE));
    }
    let found = request.results.as_ref().map_or(0, |found| found.len());
    let wanted = body.text("resultId").unwrap_or_default();
    let index = (0..found)
        .find(|at| request.result_id(*at) == wanted)
        .ok_or_else(|| Refusal::new(406, 210, "resultId not valid"))?;
    let price = request.document_cents();
    if !context.shared.ledger.affords(price) {
        return Err(no_credit(context, price));
    }
    let note = if request.chosen.is_some() {
        "second choice of a request already charged"
    } else {
        ""
    };
    charge(request, context, ChargeKind::Choice, price, note);
    request.choose(index, context.now_ms);
    Ok(())
}

fn no_credit(context: &Context<'_>, price: i64) -> Refusal {
    let (price, credit) = (decimal(price), decimal(context.shared.ledger.wallet_cents()));
    let message =
        format!("Billing error message: Insufficient Credit in Wallet: {price} > {credit} code 810");
    Refusal::new(402, 610, message)
}

fn charge(request: &Request, context: &mut Context<'_>, kind: ChargeKind, amount_cents: i64, note: &str) {
    context.shared.charge(Charge {
        at_ms: context.now_ms,
        api: Api::Docuengine,
        submission: request.id.clone(),
        service: request.document.name.clone(),
        kind,
        amount_cents,
        note: note.to_owned(),
    });
}
