//! Fetching: a list of files at addresses that run out, and what is journalled of what came.

use std::sync::Arc;

use serde_json::{Value, json};
use sportello::flow::{Event, FetchFlow, Machine as _, Policy};
use sportello::http::{Failure, HttpResponse, SinkReceipt};
use sportello::journal::{Entry, FetchedFile, PurchaseKind, PurchaseState, Recorded};
use sportello::provider::Provider;
use sportello::provider::docuengine::DocuEngine;
use sportello::provider::relay::Relay;

use super::support::*;

/// Unix seconds.
const NOW_S: u64 = 1_790_000_000;
const MD5: &str = "IPJJgdrAt4xrvGR4ve7oTg==";

fn fetch_from(provider: Arc<dyn Provider>, policy: Policy) -> Run<FetchFlow> {
    Run::start(FetchFlow::new(provider, policy, entry()), NOW_S * 1000)
}

fn fetch() -> Run<FetchFlow> {
    fetch_from(Arc::new(DocuEngine), policy())
}

fn file(name: &str, expires_at: u64) -> Value {
    json!({"fileName": name, "mimeType": "application/pdf", "fileSize": 10, "md5": MD5, "urlExpire": expires_at,
        "downloadUrl": format!("https://storage.example/{name}")})
}

#[track_caller]
fn lists(run: &mut Run<FetchFlow>, files: &[Value]) {
    run.sends("get_document");
    run.answers(
        200,
        json!({"data": files, "success": true, "message": "", "error": null}).to_string(),
    );
}

fn sunk(len: u64, md5: &str) -> HttpResponse {
    HttpResponse {
        status: 200,
        sink: Some(SinkReceipt {
            len,
            sha256: "AB".repeat(32),
            md5: Some(md5.to_owned()),
        }),
        ..HttpResponse::default()
    }
}

#[track_caller]
fn comes(run: &mut Run<FetchFlow>) {
    run.on(Event::Responded(sunk(10, MD5)));
}

#[test]
fn every_file_is_fetched_in_its_turn_and_journalled_at_the_end() {
    let mut run = fetch();
    lists(&mut run, &[file("a.pdf", NOW_S + 60), file("b.pdf", NOW_S + 60)]);
    run.sends("get_file");
    comes(&mut run);
    run.sends("get_file");
    comes(&mut run);
    let names: Vec<_> = run
        .records()
        .files
        .iter()
        .map(|file| (file.name.clone(), file.len, file.fetched_at))
        .collect();
    assert_eq!(
        names,
        [
            ("a.pdf".to_owned(), 10, NOW_S * 1000),
            ("b.pdf".to_owned(), 10, NOW_S * 1000)
        ]
    );
    run.written();
    assert_eq!(run.output().len(), 2);
}

#[test]
fn what_the_journal_has_of_other_files_stays() {
    let known = |name: &str| FetchedFile {
        name: name.to_owned(),
        len: 1,
        sha256: "old".to_owned(),
        fetched_at: 1,
    };
    let mut old = entry();
    old.files = vec![known("a.pdf"), known("z.pdf")];
    let mut run = Run::start(FetchFlow::new(Arc::new(DocuEngine), policy(), old), NOW_S * 1000);
    lists(&mut run, &[file("a.pdf", NOW_S + 60)]);
    comes(&mut run);
    let names: Vec<_> = run
        .records()
        .files
        .iter()
        .map(|file| (file.name.as_str(), file.len))
        .collect();
    assert_eq!(names, [("z.pdf", 1), ("a.pdf", 10)]);
}

#[test]
fn an_address_that_has_run_out_is_asked_for_anew_three_times_at_the_most() {
    let mut run = fetch();
    // Within five seconds is too late.
    lists(&mut run, &[file("a.pdf", NOW_S + 5)]);
    lists(&mut run, &[file("a.pdf", NOW_S - 1)]);
    // Then it is tried as it is.
    lists(&mut run, &[file("a.pdf", NOW_S - 1)]);
    run.sends("get_file");
    // Refused as if it had run out, and no list is left.
    run.answers(403, "");
    run.fails("delivery.link_refused", "no");
    let mut run = fetch();
    lists(&mut run, &[file("a.pdf", NOW_S + 6)]);
    run.sends("get_file");
}

#[test]
fn an_address_that_is_refused_is_asked_for_anew_and_other_refusals_are_not() {
    for status in [400, 401, 403, 404, 410] {
        let mut run = fetch();
        lists(&mut run, &[file("a.pdf", NOW_S + 60)]);
        run.answers(status, "");
        lists(&mut run, &[file("a.pdf", NOW_S + 60)]);
        run.answers(status, "");
        lists(&mut run, &[file("a.pdf", NOW_S + 60)]);
        run.answers(status, "");
        run.fails("delivery.link_refused", "no");
    }
    let mut run = fetch();
    lists(&mut run, &[file("a.pdf", NOW_S + 60)]);
    run.answers(302, "");
    run.fails("network.redirect", "no");
    for (status, code) in [
        (429, "provider.rate_limited"),
        (500, "provider.unavailable"),
        (418, "provider.unavailable"),
    ] {
        let mut run = fetch();
        lists(&mut run, &[file("a.pdf", NOW_S + 60)]);
        run.answers(status, "");
        run.on(Event::Elapsed).sends("get_file");
        run.answers(status, "");
        run.fails(code, "no");
    }
}

#[test]
fn what_is_not_what_was_announced_is_asked_for_again_and_then_refused() {
    let mut short = sunk(9, MD5);
    short.status = 200;
    for wrong in [
        short,
        sunk(10, "other"),
        sunk(0, MD5),
        HttpResponse {
            sink: None,
            ..sunk(10, MD5)
        },
    ] {
        let mut run = fetch();
        lists(&mut run, &[file("a.pdf", NOW_S + 60)]);
        run.on(Event::Responded(wrong.clone()))
            .on(Event::Elapsed)
            .sends("get_file");
        run.on(Event::Responded(wrong)).fails("delivery.corrupt", "no");
    }
    // Nothing was announced, and there is nothing: not believed either.
    let bare = json!({"fileName": "a.pdf", "downloadUrl": "https://storage.example/a.pdf"});
    let mut run = fetch();
    lists(&mut run, std::slice::from_ref(&bare));
    run.on(Event::Responded(sunk(0, MD5))).on(Event::Elapsed);
    comes(&mut run);
    run.records();
}

#[test]
fn a_digest_is_compared_whatever_its_case() {
    let listed =
        |sha256: String| json!({"data": [{"name": "a.zip", "len": 10, "sha256": sha256}]}).to_string();
    let mut run = fetch_from(Arc::new(Relay), policy());
    run.answers(200, listed("ab".repeat(32))).sends("get_file");
    comes(&mut run);
    run.records();
    let mut run = fetch_from(Arc::new(Relay), policy());
    run.answers(200, listed("cd".repeat(32)));
    comes(&mut run);
    run.on(Event::Elapsed);
    comes(&mut run);
    run.fails("delivery.corrupt", "no");
}

/// The first of two files came; the address of the second has run out, and this is the list then.
fn second_list(files: &[Value]) -> Run<FetchFlow> {
    let mut run = fetch();
    lists(&mut run, &[file("a.pdf", NOW_S + 60), file("b.pdf", NOW_S + 60)]);
    comes(&mut run);
    run.answers(410, "");
    lists(&mut run, files);
    run
}

#[test]
fn a_new_list_of_the_same_files_goes_on_and_one_of_others_begins_anew() {
    let same = second_list(&[file("a.pdf", NOW_S + 60), file("b.pdf", NOW_S + 60)]);
    let mut run = same;
    comes(&mut run);
    assert_eq!(run.records().files.len(), 2);
    // As many as came: nothing is left to fetch.
    assert_eq!(second_list(&[file("a.pdf", NOW_S + 60)]).records().files.len(), 1);
    // Other names, and fewer: what came belongs to none of them.
    let mut run = second_list(&[file("c.pdf", NOW_S + 60), file("b.pdf", NOW_S + 60)]);
    comes(&mut run);
    comes(&mut run);
    let names: Vec<_> = run.records().files.iter().map(|file| file.name.clone()).collect();
    assert_eq!(names, ["c.pdf", "b.pdf"]);
}

#[test]
fn fewer_files_than_came_begin_anew() {
    let three = |last: u64| {
        [
            file("a.pdf", NOW_S + 60),
            file("b.pdf", NOW_S + 60),
            file("c.pdf", last),
        ]
    };
    let mut run = fetch();
    lists(&mut run, &three(NOW_S + 60));
    comes(&mut run);
    comes(&mut run);
    run.answers(410, "");
    // One of the same name is left: its file may be another, so it is fetched again.
    lists(&mut run, &[file("a.pdf", NOW_S + 60)]);
    run.sends("get_file");
    comes(&mut run);
    assert_eq!(run.records().files.len(), 1);
}

#[test]
fn what_came_is_told_whoever_writes_the_journal() {
    let fetched = || {
        let mut run = fetch();
        lists(&mut run, &[file("a.pdf", NOW_S + 60)]);
        comes(&mut run);
        run
    };
    let mut run = fetched();
    run.conflicts_with(Entry { seq: 30, ..entry() });
    assert_eq!((run.records().seq, run.records().files.len()), (31, 1));
    assert_eq!(run.written().output().len(), 1);
    assert_eq!(
        fetched()
            .on(Event::Recorded(Recorded::Conflict(None)))
            .output()
            .len(),
        1
    );
    let reference = "other".to_owned();
    assert_eq!(
        fetched()
            .on(Event::Recorded(Recorded::Duplicate { reference }))
            .output()
            .len(),
        1
    );
    fetched().disk_is_full().fails("journal.full", "no");
}

#[test]
fn without_an_id_there_is_nothing_to_fetch_and_events_have_their_turn() {
    let none = Entry { id: None, ..entry() };
    let mut paid = none.clone();
    paid.set_purchase(purchase(PurchaseKind::Submit, PurchaseState::Paid, 5));
    for (entry, charged) in [(none, "no"), (paid, "yes")] {
        let machine = FetchFlow::new(Arc::new(DocuEngine), policy(), entry);
        Run::start(machine, NOW_S * 1000).fails("submission.not_committed", charged);
    }
    let mut machine = FetchFlow::new(Arc::new(DocuEngine), policy(), entry());
    assert!(machine.advance(0, Event::Elapsed).is_err());
    let mut run = fetch();
    run.on(Event::Cancelled).fails("call.cancelled", "no");
    let mut run = fetch();
    run.never_gets_through();
    run.fails("network.unreachable", "no");
    let mut run = fetch();
    lists(&mut run, &[file("a.pdf", NOW_S + 60)]);
    run.on(Event::Failed(Failure::SinkFailed))
        .fails("file.write", "no");
}

#[test]
fn every_call_has_waits_of_its_own() {
    let mut run = fetch_from(Arc::new(DocuEngine), Policy::default());
    let mut waits = Vec::new();
    for _ in 0..3 {
        run.on(Event::Failed(Failure::Unreachable));
        if let sportello::flow::Step::Wait { millis, .. } = run.step {
            waits.push(millis);
        }
        run.on(Event::Elapsed);
    }
    lists(&mut run, &[file("a.pdf", NOW_S + 60)]);
    assert_ne!(run.never_gets_through()[..3], waits[..]);
}
