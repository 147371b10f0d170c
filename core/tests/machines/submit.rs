//! Handing in: what the stories of `vectors/flow` don't say — what goes over the wire, what is journalled beside the stage, how often it is tried.

use std::sync::Arc;

use serde_json::{Value, json};
use sportello::flow::{Event, Machine as _, Policy, Prepared, SubmitFlow, SubmitPlan, WaitReason};
use sportello::http::{Body, Failure, Segment};
use sportello::journal::{Duplicates, Entry, PurchaseKind, PurchaseState, Recorded, Stage};
use sportello::model::{Money, Source};
use sportello::provider::docuengine::DocuEngine;
use sportello::provider::relay::Relay;
use sportello::provider::visengine::Visengine;
use sportello::provider::{PreparedFile, Provider};

use super::support::*;

const NOW: u64 = 1_000_000;

fn plan() -> SubmitPlan {
    let file = PreparedFile {
        key: "$5".to_owned(),
        name: "id.pdf".to_owned(),
        mime: "application/pdf".to_owned(),
        size: 4,
        source: Source::Bytes(b"%PDF".as_slice().into()),
        sha256: "ab".repeat(32),
    };
    SubmitPlan {
        key: entry().key,
        service_id: SERVICE.to_owned(),
        service_name: "a service".to_owned(),
        has_search: false,
        is_synchronous: false,
        key_id: "k".to_owned(),
        duplicate_mark: Some("mark".to_owned()),
        allow_duplicate: false,
        options: Vec::new(),
        correlation: "ours".to_owned(),
        callback_url: None,
        callback_proof: String::new(),
        accept_warnings: Vec::new(),
        notify_email: None,
        confirmed_price: Money::from_cents(1900),
        answers: Some(Prepared {
            texts: map(&[("$0", ""), ("$1", "Ada"), ("$5", ""), ("$6", "")]),
            files: vec![file],
            digests: map(&[("$0", "d0"), ("$1", "d1"), ("$5", "d5"), ("$6", "d6")]),
            digest: "all".to_owned(),
        }),
    }
}

fn without_answers() -> SubmitPlan {
    SubmitPlan {
        answers: None,
        ..plan()
    }
}

/// What the journal holds at this stage, everything filled.
fn at(stage: Stage) -> Entry {
    Entry {
        stage,
        filled: plan().answers.unwrap().digests,
        ..entry()
    }
}

/// A commit that was journalled half an hour ago and whose outcome nobody knows.
fn committing() -> Entry {
    let mut entry = at(Stage::Committing);
    entry.set_purchase(sportello::journal::Purchase {
        price: Money::from_cents(1900),
        ..purchase(PurchaseKind::Submit, PurchaseState::Sending, NOW - 500_000)
    });
    entry
}

fn start(
    provider: impl Provider + 'static,
    policy: Policy,
    plan: SubmitPlan,
    entry: Option<Entry>,
) -> Run<SubmitFlow> {
    Run::start(SubmitFlow::new(Arc::new(provider), policy, plan, entry), NOW)
}

fn go_on(entry: Entry) -> Run<SubmitFlow> {
    start(Visengine, policy(), plan(), Some(entry))
}

fn open(over: Value) -> Value {
    let mut data =
        json!({"state": 0, "ricerca": false, "ricerche": [], "prezzo_visura": 19, "prezzo_ricerca": 0});
    data.as_object_mut()
        .unwrap()
        .extend(over.as_object().unwrap().clone());
    data
}

fn done() -> Value {
    open(json!({"state": 1, "stato_richiesta": "In erogazione"}))
}

/// The text of a body; files as `<file>`.
fn text(body: Option<&Body>) -> String {
    let segments = body.unwrap().segments().iter();
    let shown = segments.map(|segment| match segment {
        Segment::Text(text) => text.clone(),
        Segment::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Segment::Base64 { .. } | Segment::File { .. } => "<file>".to_owned(),
    });
    shown.collect()
}

fn submit(entry: &Entry) -> &sportello::journal::Purchase {
    entry.purchase(PurchaseKind::Submit).unwrap()
}

/// The commit was just sent.
fn paying(policy: Policy, entry: Entry) -> Run<SubmitFlow> {
    let mut run = start(Visengine, policy, plan(), Some(entry));
    run.shows(open(json!({}))).sends("get_submission");
    run.shows(open(json!({}))).written();
    run.sends("commit");
    run
}

#[test]
fn the_first_word_of_an_intention_may_be_another_s_and_later_ones_may_not() {
    let mut run = start(Visengine, policy(), plan(), None);
    assert_eq!((run.duplicates(), run.records().seq), (Duplicates::Refuse, 1));
    assert_eq!(
        (run.records().created_at, run.records().stage),
        (NOW, Stage::Intent)
    );
    run.written().sends("open_draft");
    run.shows(open(json!({})));
    assert_eq!((run.duplicates(), run.records().seq), (Duplicates::Allow, 2));
    let meant = SubmitPlan {
        allow_duplicate: true,
        ..plan()
    };
    assert_eq!(
        start(Visengine, policy(), meant, None).duplicates(),
        Duplicates::Allow
    );
}

#[test]
fn a_draft_is_opened_empty_and_with_more_each_time_that_is_not_accepted() {
    let opened = |run: &Run<SubmitFlow>| text(run.sends("open_draft").body.as_ref());
    let mut run = start(Visengine, policy(), plan(), None);
    run.written();
    assert!(!opened(&run).contains("json_visura"), "{}", opened(&run));
    run.refuses(412, 250);
    assert!(
        opened(&run).contains("Ada") && !opened(&run).contains("<file>"),
        "{}",
        opened(&run)
    );
    run.refuses(412, 250);
    assert!(
        opened(&run).contains("Ada") && opened(&run).contains("<file>"),
        "{}",
        opened(&run)
    );
    run.refuses(412, 250).fails("submit.data_refused", "no");
}

#[test]
fn a_callback_without_an_address_is_left_out_where_it_is_not_accepted_and_only_then() {
    let opened = |run: &Run<SubmitFlow>| text(run.sends("open_draft").body.as_ref());
    let mut run = start(DocuEngine, policy(), plan(), None);
    run.written();
    assert!(opened(&run).contains("ours"));
    run.refuses(428, 311);
    assert!(!opened(&run).contains("callback"), "{}", opened(&run));
    run.refuses(428, 311).fails("provider.refused", "no");
    // With an address it is what the caller wants.
    let called = SubmitPlan {
        callback_url: Some("https://example.org/called".to_owned()),
        ..plan()
    };
    let mut run = start(DocuEngine, policy(), called, None);
    run.written();
    assert!(opened(&run).contains("https://example.org/called"));
    run.refuses(428, 311).fails("provider.refused", "no");
}

#[test]
fn files_are_filled_by_themselves_and_what_was_filled_is_not_filled_again() {
    let mut run = start(Visengine, policy(), plan(), None);
    run.written().shows(open(json!({}))).written();
    let filled = text(run.sends("fill").body.as_ref());
    assert!(
        filled.contains("Ada") && filled.contains("$6") && !filled.contains("$5"),
        "{filled}"
    );
    run.shows(open(json!({})));
    let known: Vec<_> = run.records().filled.keys().cloned().collect();
    assert_eq!(known, ["$0", "$1", "$6"]);
    run.written();
    assert!(text(run.sends("fill").body.as_ref()).contains("<file>"));
    run.shows(open(json!({})));
    assert_eq!(run.records().filled.get("$5").map(String::as_str), Some("d5"));
    run.written().sends("get_submission");
    // All but the file, all but a text.
    for (missing, shown) in [("$5", "<file>"), ("$1", "Ada")] {
        let mut entry = at(Stage::Draft);
        entry.filled.remove(missing);
        let mut run = go_on(entry);
        run.shows(open(json!({})));
        assert!(text(run.sends("fill").body.as_ref()).contains(shown));
    }
}

#[test]
fn a_draft_that_closes_or_goes_while_it_is_filled_is_looked_at() {
    for (status, code) in [(404, 228), (400, 239)] {
        let mut run = start(Visengine, policy(), plan(), None);
        run.written().shows(open(json!({}))).written().sends("fill");
        run.refuses(status, code).sends("get_submission");
    }
    let mut run = start(Visengine, policy(), plan(), None);
    run.written().shows(open(json!({}))).written();
    run.refuses(412, 229).fails("submit.data_refused", "no");
}

#[test]
fn no_more_than_three_drafts_are_opened_in_a_run() {
    let mut run = start(Visengine, policy(), plan(), None);
    for _ in 0..2 {
        run.written().shows(open(json!({}))).written().sends("fill");
        run.refuses(404, 228).refuses(404, 202);
        assert_eq!(
            (run.records().stage, run.records().id.as_deref()),
            (Stage::Intent, None)
        );
        assert!(run.records().filled.is_empty());
    }
    run.written().shows(open(json!({}))).written().sends("fill");
    run.refuses(404, 228)
        .refuses(404, 202)
        .written()
        .fails("submit.draft_dead", "no");
}

#[test]
fn an_old_draft_is_gone_on_with_only_when_it_is_still_what_was_asked_for() {
    let with_mark = |mark: &str| open(json!({"callback_data": {"data": {"sportello": mark}}}));
    // Ours, or without a mark.
    for over in [open(json!({})), with_mark("ours")] {
        go_on(at(Stage::Draft)).shows(over).sends("get_submission");
    }
    // Another's mark, or other options: another draft, for nothing was sent about this one.
    let mut other = at(Stage::Draft);
    other.options = vec!["opzione_0".to_owned()];
    for (entry, over) in [(at(Stage::Draft), with_mark("theirs")), (other, open(json!({})))] {
        let mut run = go_on(entry);
        run.shows(over);
        assert_eq!(
            (run.records().stage, run.records().id.as_deref()),
            (Stage::Intent, None)
        );
    }
    // Unless a paid send of the old one may have had an effect.
    let mut ambiguous = at(Stage::Refused);
    ambiguous.set_purchase(sportello::journal::Purchase {
        ambiguous: true,
        ..purchase(PurchaseKind::Submit, PurchaseState::Refused, 5)
    });
    let mut run = go_on(ambiguous);
    run.shows(with_mark("theirs"));
    assert_eq!(
        (run.records().stage, submit(run.records()).state),
        (Stage::NeedsPerson, PurchaseState::Unknown)
    );
    run.written().fails("submit.needs_person", "unknown");
    // A look that fails says nothing; a state that nobody knows is for a person.
    let mut run = go_on(at(Stage::Draft));
    run.never_gets_through();
    run.fails("network.unreachable", "no");
    let mut run = go_on(at(Stage::Draft));
    run.shows(open(json!({"state": 7})));
    assert_eq!(run.records().stage, Stage::NeedsPerson);
    // Handed in by somebody: with our mark by us, else by another.
    let mut mine = with_mark("ours");
    mine["state"] = json!(1);
    let mut run = go_on(at(Stage::Draft));
    run.shows(mine);
    assert_eq!(
        (run.records().stage, submit(run.records()).state),
        (Stage::Committed, PurchaseState::Paid)
    );
    let mut run = go_on(at(Stage::Draft));
    run.shows(done());
    assert_eq!(run.records().stage, Stage::NeedsPerson);
}

#[test]
fn a_refused_draft_that_is_still_there_is_not_left_for_another() {
    // "Gone", said to the commit, and it is there: the same draft stays bound.
    let mut run = paying(policy(), at(Stage::Draft));
    run.refuses(404, 228);
    assert_eq!(
        (run.records().stage, submit(run.records()).state),
        (Stage::Refused, PurchaseState::Refused)
    );
    run.written().sends("get_submission");
    run.shows(open(json!({}))).fails("submit.draft_dead", "no");
    let mut run = paying(policy(), at(Stage::Draft));
    run.refuses(404, 228).written().refuses(404, 202);
    assert_eq!(run.records().id, None);
    let mut run = paying(policy(), at(Stage::Draft));
    run.refuses(404, 228).written().never_gets_through();
    run.fails("network.unreachable", "no");
}

#[test]
fn the_last_look_before_the_commit() {
    let looking = || {
        let mut run = go_on(at(Stage::Draft));
        run.shows(open(json!({}))).sends("get_submission");
        run
    };
    looking().refuses(404, 202).written().sends("open_draft");
    let mut blind = looking();
    blind.never_gets_through();
    blind.fails("network.unreachable", "no");
    looking().refuses(400, 201).fails("provider.not_found", "no");
    // Text that the provider echoes must be ours, whatever its case; blanks need no echo.
    let echo = |terms: Value| open(json!({"ricerche": [{"id_ricerca": "x_0", "json_ricerca": terms}]}));
    looking().shows(echo(json!({"$1": " ADA "}))).records();
    looking()
        .shows(echo(json!({"$1": "Eva"})))
        .fails("submit.echo_mismatch", "no");
    looking()
        .shows(echo(json!({"$0": ""})))
        .fails("submit.echo_mismatch", "no");
    looking()
        .shows(echo(json!({"$1": "Ada", "$0": "x"})))
        .fails("submit.echo_mismatch", "no");
    // The file's key is compared by nobody: it was sent by itself.
    looking()
        .shows(echo(json!({"$1": "Ada", "$5": "whatever"})))
        .records();
}

#[test]
fn a_provider_that_commits_by_itself_stops_everything_and_is_written_down_with_its_price() {
    let policy = policy();
    let breaker = policy.breaker.clone();
    let mut run = start(Visengine, policy, plan(), None);
    run.written()
        .shows(open(json!({"state": 1, "prezzo_visura": 21})));
    assert!(breaker.is_tripped());
    let paid = submit(run.records());
    assert_eq!(
        (paid.state, paid.price.to_string()),
        (PurchaseState::Paid, "21.00".to_owned())
    );
    run.written().fails("submit.commits_stopped", "yes");
}

#[test]
fn what_opens_by_reference_may_find_what_was_handed_in() {
    let remote = json!({"data": {"id": "story", "serviceId": SERVICE, "serviceName": "a", "phase": "committed", "progress": "processing",
        "status": "", "price": "19.00", "searchPrice": null, "hasSearch": false, "options": [], "optionsPrice": null, "searches": [],
        "chosen": null, "files": [], "timeline": [], "createdAt": null, "updatedAt": null, "correlation": "ours", "note": null}});
    let mut run = start(Relay, policy(), plan(), None);
    run.written().answers(200, remote.to_string());
    assert_eq!(
        (
            run.records().stage,
            run.records().seq,
            run.records().id.as_deref()
        ),
        (Stage::Committed, 2, Some("story"))
    );
    run.written();
    assert!(run.output().remote.is_some());
}

#[test]
fn a_field_that_the_commit_wants_is_one_that_is_there() {
    let mut run = paying(policy(), at(Stage::Draft));
    run.refuses(400, 300);
    let again = submit(run.records());
    // Definitely refused, so the next send starts from a clean slate.
    assert_eq!((again.sends, again.ambiguous), (2, false));
    run.written();
    let body = text(run.sends("commit").body.as_ref());
    assert!(
        body.contains("$1") && body.contains("Ada") && !body.contains("$0"),
        "{body}"
    );
    // And no more often than any other commit of a run.
    run.refuses(400, 300).written().sends("commit");
    run.refuses(400, 300);
    assert_eq!(submit(run.records()).refused_with, Some(300));
    run.written().fails("submit.data_refused", "no");
    // Without the answers the draft's own echo has one, or nobody has.
    for (terms, code) in [
        (json!({"$1": "Ada"}), None),
        (json!({"$1": " "}), Some("submit.needs_answers")),
    ] {
        let mut run = start(Visengine, policy(), without_answers(), Some(committing()));
        let echo = open(json!({"ricerche": [{"id_ricerca": "x_0", "json_ricerca": terms}]}));
        run.shows(open(json!({}))).sends("get_submission");
        run.shows(echo).written().sends("commit");
        run.refuses(400, 300).written();
        match code {
            None => assert!(text(run.sends("commit").body.as_ref()).contains("Ada")),
            Some(code) => {
                run.fails(code, "no");
            }
        }
    }
    // Once wanted, it goes with every further commit of the same draft.
    let mut wanted = committing();
    wanted.purchases[0].refused_with = Some(300);
    let mut run = go_on(wanted);
    run.shows(open(json!({}))).shows(open(json!({}))).written();
    assert!(text(run.sends("commit").body.as_ref()).contains("Ada"));
    let mut run = go_on(committing());
    run.shows(open(json!({}))).shows(open(json!({}))).written();
    assert!(!text(run.sends("commit").body.as_ref()).contains("Ada"));
}

#[test]
fn a_token_that_ended_is_renewed_once() {
    let renewing = || Policy {
        renewable_token: true,
        ..policy()
    };
    let mut run = paying(renewing(), at(Stage::Draft));
    run.refuses(401, 401);
    assert_eq!(
        (submit(run.records()).sends, submit(run.records()).ambiguous),
        (2, false)
    );
    run.written().sends("commit");
    run.refuses(401, 401).written().fails("auth.token_rejected", "no");
    let mut run = paying(policy(), at(Stage::Draft));
    run.refuses(401, 401).written().fails("auth.token_rejected", "no");
    let mut run = paying(renewing(), at(Stage::Draft));
    run.refuses(402, 211)
        .written()
        .fails("submit.credit_insufficient", "no");
    // A proxy's 401 says nothing.
    let mut run = paying(renewing(), at(Stage::Draft));
    run.answers(401, "<html>").sends("get_submission");
}

#[test]
fn after_a_refusal_of_the_data_all_is_filled_again_and_after_others_nothing() {
    let mut run = paying(policy(), at(Stage::Draft));
    let body =
        json!({"data": null, "success": false, "message": "error in the input data: $1", "error": 229});
    run.answers(412, body.to_string());
    assert!(run.records().filled.is_empty());
    let told = run
        .written()
        .fails("submit.data_refused", "no")
        .details()
        .detail
        .clone();
    assert_eq!(told.as_deref(), Some("the provider names $1"));
    let mut run = paying(policy(), at(Stage::Draft));
    run.refuses(402, 211);
    assert_eq!(run.records().filled.len(), 4);
    let told = run
        .written()
        .fails("submit.credit_insufficient", "no")
        .details()
        .clone();
    assert_eq!(
        (told.detail, told.api_code, told.http_status),
        (None, Some(211), Some(402))
    );
}

/// A relay's draft, open.
fn relay_shows() -> String {
    json!({"data": {"id": "story", "serviceId": SERVICE, "serviceName": "a", "phase": "open", "progress": "draft",
        "status": "", "price": "19.00", "searchPrice": null, "hasSearch": false, "options": [], "optionsPrice": null, "searches": [],
        "chosen": null, "files": [], "timeline": [], "createdAt": null, "updatedAt": null, "correlation": "ours", "note": null}})
    .to_string()
}

fn relay_says(code: &str) -> String {
    json!({"error": {"code": code, "text": "", "retryable": true, "charged": "no"}}).to_string()
}

/// A commit that was sent to a relay.
fn relay_commits() -> Run<SubmitFlow> {
    let mut entry = at(Stage::Draft);
    entry.id = Some("story".to_owned());
    let mut run = start(Relay, policy(), plan(), Some(entry));
    run.answers(200, relay_shows())
        .answers(200, relay_shows())
        .written();
    run.sends("commit");
    run
}

/// A commit of a relay's that it refuses in these words.
fn relay_refuses(status: u16, code: &str) -> Run<SubmitFlow> {
    let mut run = relay_commits();
    run.answers(status, relay_says(code));
    run
}

#[test]
fn a_refusal_says_nothing_about_charges_while_the_commit_before_may_still_arrive() {
    // After a second: the first commit is on its way for two minutes.
    for (passed, charged) in [(1_000, "unknown"), (120_000, "no")] {
        let mut run = relay_commits();
        let sent = run.now;
        run.on(Event::Failed(Failure::Timeout))
            .answers(200, relay_shows());
        assert_eq!(run.waits(WaitReason::QuietPeriod), 1_000);
        run.at(sent + passed)
            .on(Event::Elapsed)
            .answers(200, relay_shows())
            .written();
        run.sends("commit");
        run.answers(402, relay_says("spend.limit"))
            .written()
            .fails("spend.limit", charged);
    }
}

#[test]
fn a_relay_that_misses_answers_gets_them_again() {
    let run = relay_refuses(422, "check.errors");
    assert!(run.records().filled.is_empty() && run.records().stage == Stage::Refused);
    let run = relay_refuses(402, "spend.limit");
    assert_eq!(run.records().filled.len(), 4);
    // In trouble itself: whatever it did on another delivery of the same call shows.
    relay_refuses(500, "internal").sends("get_submission");
    relay_refuses(503, "relay.busy").sends("get_submission");
}

#[test]
fn a_refusal_whose_words_also_answer_a_second_commit_is_believed_after_a_look() {
    let data = |state: &str, fields: Value| {
        let mut data = json!({"id": ID, "documentId": SERVICE, "state": state, "documentPrice": 19, "hasSearch": false,
            "selectedOptions": null, "timestamps": {"NEW": 1}});
        data["timestamps"]
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        json!({"data": data, "success": true, "message": "", "error": null}).to_string()
    };
    let refused = || {
        let mut run = start(DocuEngine, policy(), plan(), Some(at(Stage::Draft)));
        run.answers(200, data("NEW", json!({})))
            .answers(200, data("NEW", json!({})))
            .written();
        run.sends("commit");
        run.refuses(406, 210).sends("get_submission");
        run
    };
    let mut run = refused();
    run.answers(200, data("WAIT", json!({"WAIT": 2})));
    assert_eq!(submit(run.records()).state, PurchaseState::Paid);
    let mut run = refused();
    run.answers(200, data("NEW", json!({})));
    assert_eq!(
        (run.records().stage, submit(run.records()).refused_with),
        (Stage::Refused, Some(210))
    );
    assert!(run.records().filled.is_empty());
    run.written().fails("submit.data_refused", "no");
    let mut run = refused();
    run.never_gets_through();
    assert_eq!(run.waits(WaitReason::QuietPeriod), 120_000);
    // Definite, and not doubtful: believed at once.
    let mut run = start(DocuEngine, policy(), plan(), Some(at(Stage::Draft)));
    run.answers(200, data("NEW", json!({})))
        .answers(200, data("NEW", json!({})))
        .written();
    run.refuses(400, 300).records();
}

#[test]
fn a_commit_is_sent_no_more_than_three_times_in_a_run() {
    let mut run = paying(policy(), at(Stage::Draft));
    for send in 2..=3u32 {
        run.on(Event::Failed(Failure::Timeout)).shows(open(json!({})));
        let end = run.now + run.waits(WaitReason::QuietPeriod);
        run.at(end).on(Event::Elapsed).shows(open(json!({})));
        assert_eq!(
            (submit(run.records()).sends, submit(run.records()).ambiguous),
            (send, true)
        );
        run.written().sends("commit");
    }
    run.on(Event::Failed(Failure::Timeout)).shows(open(json!({})));
    let end = run.now + run.waits(WaitReason::QuietPeriod);
    run.at(end).on(Event::Elapsed).shows(open(json!({})));
    run.fails("submit.outcome_unknown", "unknown");
    // "Fine", and yet not committed.
    paying(policy(), at(Stage::Draft))
        .shows(open(json!({})))
        .sends("get_submission");
}

/// After the quiet period, with these particulars.
fn again(plan: SubmitPlan, entry: Entry, over: Value) -> Run<SubmitFlow> {
    let mut run = start(Visengine, policy(), plan, Some(entry));
    run.shows(open(json!({}))).sends("get_submission");
    run.shows(open(over));
    run
}

#[test]
fn it_is_sent_again_only_for_what_was_confirmed_and_not_for_ever() {
    again(plan(), committing(), json!({})).records();
    again(plan(), committing(), json!({"prezzo_visura": 18})).records();
    again(plan(), committing(), json!({"prezzo_visura": 20})).fails("price.raised", "no");
    again(plan(), committing(), json!({"prezzo_visura": null})).fails("price.missing", "no");
    // Where it searches, the search is what is due, whoever knows of it.
    let searching = SubmitPlan {
        has_search: true,
        ..plan()
    };
    let dear_document = json!({"prezzo_visura": 100, "prezzo_ricerca": 2});
    again(searching.clone(), committing(), dear_document.clone()).records();
    let mut said = dear_document.clone();
    said["ricerca"] = json!(true);
    again(plan(), committing(), said).records();
    again(plan(), committing(), dear_document).fails("price.raised", "no");
    // Without the caller's word of now, for a day from the word of then, at the price of then.
    let day = 24 * 3_600_000;
    for (age, goes_on) in [(day, true), (day + 1, false)] {
        let mut old = committing();
        (old.purchases[0].intended_at, old.purchases[0].price) =
            (NOW.wrapping_sub(age), Money::from_cents(1800));
        let run_at = day * 2;
        old.purchases[0].intended_at = run_at - age;
        let machine = SubmitFlow::new(Arc::new(Visengine), policy(), without_answers(), Some(old));
        let mut run = Run::start(machine, run_at);
        run.shows(open(json!({})))
            .shows(open(json!({"prezzo_visura": 18})));
        if goes_on {
            let again = submit(run.records());
            assert_eq!(
                (again.intended_at, again.price.to_string()),
                (run_at - age, "18.00".to_owned())
            );
        } else {
            run.fails("submit.needs_answers", "no");
        }
    }
    let tripped = policy();
    tripped.breaker.trip();
    let mut run = start(Visengine, tripped, plan(), Some(committing()));
    run.shows(open(json!({}))).shows(open(json!({})));
    run.fails("submit.commits_stopped", "no");
}

#[test]
fn what_is_seen_committed_is_written_as_paid_whatever_id_was_tried_before() {
    let mut run = go_on(committing());
    run.shows(done());
    let paid = submit(run.records());
    assert_eq!(
        (paid.state, paid.sends, paid.sent_at),
        (PurchaseState::Paid, 1, NOW - 500_000)
    );
    // The purchase that is known was of another draft: this one begins its own.
    let mut other = committing();
    other.purchases[0].id = "another".to_owned();
    let mut run = go_on(other);
    run.shows(done());
    let paid = submit(run.records());
    assert_eq!((paid.id.as_str(), paid.sends, paid.sent_at), (ID, 0, NOW));
}

#[test]
fn a_person_is_told_what_is_known_of_the_charge() {
    let mut paid = at(Stage::NeedsPerson);
    paid.set_purchase(purchase(PurchaseKind::Submit, PurchaseState::Paid, 5));
    let mut run = go_on(paid);
    run.shows(open(json!({}))).fails("submit.needs_person", "yes");
    // Paid, and then seen dead: what was paid stays paid.
    let mut paid = at(Stage::Draft);
    paid.set_purchase(purchase(PurchaseKind::Submit, PurchaseState::Paid, 5));
    let mut run = go_on(paid);
    run.shows(open(json!({"state": 7})));
    assert_eq!(submit(run.records()).state, PurchaseState::Paid);
    run.written().fails("submit.needs_person", "yes");
}

#[test]
fn other_answers_amend_what_was_not_sent_and_conflict_with_what_was() {
    let other = |stage| Entry {
        digest: "other".to_owned(),
        ..at(stage)
    };
    for stage in [Stage::Draft, Stage::Refused] {
        let mut run = go_on(other(stage));
        run.shows(open(json!({}))).sends("fill");
    }
    for stage in [Stage::Committing, Stage::Committed, Stage::NeedsPerson] {
        go_on(other(stage)).fails("submit.reference_conflict", "no");
        // Under another key digests can't be compared.
        let lost = Entry {
            key_id: "lost".to_owned(),
            ..other(stage)
        };
        let run = go_on(lost);
        assert!(
            !matches!(&run.step, sportello::flow::Step::Finished(Err(_))),
            "{}",
            run.step
        );
    }
    // Another service is never meant, unless the first was given up.
    let service = |stage| Entry {
        service_id: "another".to_owned(),
        ..at(stage)
    };
    for stage in [Stage::Intent, Stage::Draft, Stage::Committed] {
        go_on(service(stage)).fails("submit.reference_conflict", "no");
    }
    let given_up = Entry {
        digest: "other".to_owned(),
        ..service(Stage::Abandoned)
    };
    assert_eq!(go_on(given_up).records().service_id, SERVICE);
    // An intention that nobody wrote down yet is whatever the plan says.
    let new = Entry {
        seq: 0,
        ..service(Stage::Intent)
    };
    go_on(new).records();
}

#[test]
fn somebody_else_may_write_first_and_often() {
    let mut run = start(Visengine, policy(), plan(), None);
    for round in 0..16u64 {
        run.conflicts_with(Entry {
            seq: 10 + round,
            ..at(Stage::Draft)
        })
        .sends("get_submission");
        run.shows(open(json!({}))).shows(open(json!({})));
    }
    run.conflicts_with(at(Stage::Draft))
        .fails("submit.outcome_unknown", "no");
    let mut run = start(Visengine, policy(), plan(), None);
    run.on(Event::Recorded(Recorded::Conflict(None)))
        .fails("submit.outcome_unknown", "no");
}

#[test]
fn giving_up_in_the_middle_of_a_commit_leaves_it_open() {
    let mut run = paying(policy(), at(Stage::Draft));
    run.on(Event::Cancelled)
        .fails("submit.outcome_unknown", "unknown");
    let mut run = go_on(at(Stage::Draft));
    run.on(Event::Cancelled).fails("call.cancelled", "no");
}

#[test]
fn where_it_is_has_a_word() {
    let mut machine = SubmitFlow::new(Arc::new(Visengine), policy(), plan(), None);
    assert_eq!(machine.doing(), "starting");
    assert!(machine.advance(0, Event::Elapsed).is_err());
    let mut run = start(Visengine, policy(), plan(), None);
    let mut words = vec![run.machine.doing()];
    run.written();
    words.push(run.machine.doing());
    run.shows(open(json!({}))).written();
    words.push(run.machine.doing());
    run.shows(open(json!({}))).written();
    words.push(run.machine.doing());
    run.shows(open(json!({}))).written();
    words.push(run.machine.doing());
    run.shows(open(json!({}))).written();
    words.push(run.machine.doing());
    run.on(Event::Failed(Failure::Timeout));
    words.push(run.machine.doing());
    run.shows(done()).written();
    words.push(run.machine.doing());
    assert_eq!(
        words,
        [
            "recording",
            "opening",
            "filling",
            "uploading",
            "verifying",
            "committing",
            "settling",
            "over"
        ]
    );
}

#[test]
fn the_early_look_is_not_insisted_upon_and_every_call_has_waits_of_its_own() {
    for seed in [0, 3] {
        let many = Policy {
            seed,
            ..Policy::default()
        };
        let mut run = start(Visengine, many, plan(), Some(committing()));
        let early = run.never_gets_through();
        let late = run.never_gets_through();
        assert_eq!((early.len(), late.len()), (1, 4));
        assert_ne!(early[0], late[0]);
        run.fails("submit.outcome_unknown", "unknown");
    }
}
