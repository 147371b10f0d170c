//! The provider against `vectors/api`: what goes on the wire, and what answers mean.
#![cfg(feature = "flow")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use std::collections::BTreeMap;

use serde_json::Value;
use sportello::error::ErrorCode;
use sportello::http::{Body, Call, HttpRequest, HttpResponse, Segment};
use sportello::model::Money;
use sportello::model::{ResultId, Source};
use sportello::provider::docuengine::{self, DocuEngine};
use sportello::provider::visengine::{self, Visengine};
use sportello::provider::{
    CallError, CallbackSpec, CommitSpec, Documents, DraftSpec, PreparedFile, Provider, SearchSpec,
};

fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("JSON");
    file["cases"].as_array().expect("cases").clone()
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_default()
}

fn texts(case: &Value) -> BTreeMap<String, String> {
    serde_json::from_value(case["texts"].clone()).unwrap_or_default()
}

fn file(case: &Value) -> Option<PreparedFile> {
    let file = case.get("file")?;
    let content = text(file, "text").as_bytes().to_vec();
    Some(PreparedFile {
        key: text(file, "key").to_owned(),
        name: text(file, "name").to_owned(),
        mime: text(file, "mime").to_owned(),
        size: content.len() as u64,
        source: Source::Bytes(content.into()),
        sha256: String::new(),
    })
}

fn request(provider: &dyn Provider, case: &Value) -> HttpRequest {
    let id = text(case, "id");
    let price = Money::from_cents(1900);
    let options: Vec<String> = serde_json::from_value(case["options"].clone()).unwrap_or_default();
    let (filled, files) = (texts(case), file(case).map(|file| vec![file]).unwrap_or_default());
    let draft = DraftSpec {
        reference: text(case, "reference"),
        service_id: text(case, "service"),
        options: &options,
        correlation: text(case, "correlation"),
        callback: case["callback_url"].as_str().map(|url| CallbackSpec {
            url,
            proof: text(case, "proof"),
        }),
        without_callback: case["without_callback"] == true,
        notify_email: case["notify_email"].as_str(),
        texts: case.get("texts").map(|_| &filled),
        files: &files,
    };
    match text(case, "call") {
        "list_services" => provider.list_services(),
        "get_service" => provider.get_service(id),
        "list_submissions" => provider.list_submissions().unwrap(),
        "get_submission" => provider.get_submission(id),
        "open_draft" => provider.open_draft(&draft),
        "dry_run" => provider.dry_run(&draft).unwrap(),
        "fill_texts" => provider.fill_texts(id, &filled),
        "fill_file" => provider.fill_file(id, &files[0]),
        "commit" => {
            let with_field = case["with_field"]
                .as_array()
                .map(|f| (f[0].as_str().unwrap(), f[1].as_str().unwrap()));
            let commit = CommitSpec {
                price,
                with_field,
                accept_warnings: &[],
                allow_duplicate: false,
            };
            provider.commit(id, &commit)
        }
        "choose" => provider.choose(id, &ResultId::new(text(case, "result")), price),
        "add_search" => {
            let search = SearchSpec {
                number: 2,
                texts: &filled,
                price,
            };
            provider.add_search(id, &search).unwrap()
        }
        "get_document" => provider.get_documents(id),
        other => panic!("no call `{other}`"),
    }
}

fn body(body: &Body) -> Value {
    use base64::Engine as _;
    let mut out = String::new();
    for segment in body.segments() {
        match segment {
            Segment::Text(text) => out.push_str(text),
            Segment::Bytes(bytes) => out.push_str(std::str::from_utf8(bytes).unwrap()),
            Segment::File { .. } => panic!("these providers take base64"),
            Segment::Base64 { source, .. } => {
                let mut content = Vec::new();
                std::io::Read::read_to_end(&mut source.open().unwrap(), &mut content).unwrap();
                out.push_str(&base64::engine::general_purpose::STANDARD.encode(content));
            }
        }
    }
    assert_eq!(out.len() as u64, body.content_length());
    serde_json::from_str(&out).expect("the body is JSON")
}

fn requests_are(provider: &dyn Provider, vectors: &str) {
    let cases = cases(vectors);
    for case in &cases {
        let (request, expect) = (request(provider, case), &case["expect"]);
        let name = text(case, "name");
        assert_eq!(request.method.as_str(), expect["method"], "{name}");
        assert_eq!(request.path, expect["path"].as_str().unwrap(), "{name}");
        assert_eq!(
            request.body.as_ref().map(body),
            expect.get("body").cloned(),
            "{name}"
        );
        // The table of scopes says of each call what the call really does.
        let (method, segment) = provider.scope(request.call).expect(name);
        assert_eq!(method, request.method, "{name}");
        assert_eq!(Some(segment), request.path.split('/').nth(1), "{name}");
        assert_eq!(request.price.is_some(), request.call.is_paid(), "{name}");
    }
    println!("{} requests", cases.len());
    assert!(cases.len() > 10);
}

#[test]
fn requests_to_visengine_are_exactly_these() {
    requests_are(&Visengine, include_str!("../vectors/api/visengine-requests.json"));
}

#[test]
fn requests_to_docuengine_are_exactly_these() {
    requests_are(
        &DocuEngine,
        include_str!("../vectors/api/docuengine-requests.json"),
    );
}

/// A request of this call, to read an answer by.
fn asked(call: &str) -> HttpRequest {
    let call: Call = serde_json::from_value(Value::String(call.to_owned())).expect("a call");
    HttpRequest::new(call, sportello::http::Method::Get, "/")
}

fn check_error(error: &CallError, expect: &Value, name: &str) {
    assert_eq!(error.code.as_str(), expect["code"], "{name}");
    assert_eq!(error.definite, expect["definite"].as_bool().unwrap(), "{name}");
    let hint: String = format!("{:?}", error.hint)
        .chars()
        .flat_map(|c| {
            if c.is_uppercase() {
                vec!['_', c.to_ascii_lowercase()]
            } else {
                vec![c]
            }
        })
        .collect();
    assert_eq!(hint.trim_start_matches('_'), expect["hint"], "{name}");
    if let Some(fields) = expect.get("fields") {
        assert_eq!(serde_json::to_value(&error.fields).unwrap(), *fields, "{name}");
    }
}

#[test]
fn answers_of_visengine_mean_this() {
    answers_mean(
        &Visengine,
        include_str!("../vectors/api/visengine-answers.json"),
        visengine::documented_errors(),
    );
}

#[test]
fn answers_of_docuengine_mean_this() {
    answers_mean(
        &DocuEngine,
        include_str!("../vectors/api/docuengine-answers.json"),
        docuengine::documented_errors(),
    );
}

fn answers_mean(
    provider: &dyn Provider,
    vectors: &str,
    documented: impl Iterator<Item = (Call, u16, u32, ErrorCode)>,
) {
    let cases = cases(vectors);
    let mut seen = Vec::new();
    for case in &cases {
        let (name, call) = (text(case, "name"), text(case, "call"));
        let body = match case["text"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => case["body"].to_string().into_bytes(),
        };
        let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
        seen.push((call.to_owned(), status, case["body"]["error"].as_u64()));
        let response = HttpResponse {
            status,
            body,
            ..HttpResponse::default()
        };
        if let Some(expect) = case.get("summaries") {
            let summaries = provider.read_submissions(&response).expect(name);
            let summaries: Vec<(String, Value)> = summaries
                .into_iter()
                .map(|one| (one.id, serde_json::to_value(one.phase).unwrap()))
                .collect();
            assert_eq!(serde_json::to_value(summaries).unwrap(), *expect, "{name}");
            continue;
        }
        let read = match call {
            "get_service" => {
                let error = provider.read_service("x", &response).expect_err(name);
                assert_eq!(error.code(), case["error"]["code"], "{name}");
                continue;
            }
            "get_document" if case.get("files").is_some() => {
                let Documents::Listed(files) = provider.read_documents(&response).expect(name) else {
                    panic!("{name}: not a list");
                };
                let files: Vec<Value> = (files.iter())
                    .map(|file| {
                        serde_json::json!([file.name, file.mime, file.len, file.md5, file.expires_at])
                    })
                    .collect();
                assert_eq!(Value::Array(files), case["files"], "{name}");
                continue;
            }
            "get_document" => {
                check_error(
                    &provider.read_documents(&response).expect_err(name),
                    &case["error"],
                    name,
                );
                continue;
            }
            _ => provider.read_submission(&asked(call), case["asked"].as_str(), &response),
        };
        match (read, case.get("submission")) {
            (Err(error), None) => check_error(&error, &case["error"], name),
            (Ok(remote), Some(expect)) => {
                let shown = serde_json::to_value(&remote).unwrap();
                for (key, value) in expect.as_object().unwrap() {
                    let got = match key.as_str() {
                        "due_on_commit" => {
                            serde_json::to_value(remote.due_on_commit(remote.has_search)).unwrap()
                        }
                        "service_name" => shown["serviceName"].clone(),
                        "note" => shown["note"]["code"].clone(),
                        "chosen" => Value::String(remote.chosen.as_ref().unwrap().to_string()),
                        "results" => shown["searches"][0]["results"].clone(),
                        key => shown[key].clone(),
                    };
                    assert_eq!(got, *value, "{name}: {key}");
                }
            }
            (read, _) => panic!("{name}: {read:?}"),
        }
    }
    println!("{} answers", cases.len());
    for (call, status, code, _) in documented {
        let listed = (call.as_str().to_owned(), status, Some(u64::from(code)));
        // A dry run is answered like the opening of a draft; what the list of submissions answers is a summary above.
        let known = call == Call::DryRun || seen.contains(&listed);
        assert!(known, "no vector for {listed:?}");
    }
}
