//! The list of documents, and the place they are fetched from.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::{COMPANY, ESTRATTO, STATUTO, desk, with};
use crate::{
    Api, Call, Fault, Hostility, Outcome, Rule, SimRequest, SimResponse, Storage, Switches, tests::Desk,
};

fn listed(desk: &mut Desk, id: &str) -> Vec<Value> {
    let request = desk.request("GET", &format!("/requests/{id}/documents"), &Value::Null);
    let answer = desk
        .engine
        .exchange(desk.now_ms, &request)
        .outcome
        .answer()
        .unwrap();
    assert_eq!(answer.status, 200, "{}", answer.value());
    answer.value()["data"].as_array().unwrap().clone()
}

fn one(desk: &mut Desk) -> Value {
    let id = desk.delivered(STATUTO, json!({"field0": COMPANY}));
    listed(desk, &id).remove(0)
}

/// A download address as a request, without a token.
fn fetch(url: &str) -> SimRequest {
    let (_, rest) = url.split_once("://").unwrap();
    let (path, query) = rest[rest.find('/').unwrap()..].split_once('?').unwrap();
    SimRequest {
        query: Some(query.to_owned()),
        ..SimRequest::new("GET", path)
    }
}

fn get(desk: &mut Desk, url: &Value) -> SimResponse {
    let request = fetch(url.as_str().unwrap());
    desk.engine
        .exchange(desk.now_ms, &request)
        .outcome
        .answer()
        .unwrap()
}

fn whole(response: SimResponse) -> Vec<u8> {
    let rest = response
        .stream
        .into_iter()
        .flat_map(crate::Stream::chunks)
        .flatten();
    response.body.into_iter().chain(rest).collect()
}

fn keeps_its_promise(file: &Value, bytes: &[u8]) -> (bool, bool) {
    let md5 = file["md5"] == STANDARD.encode(Md5::digest(bytes));
    let size = file["fileSize"].as_str().map(str::parse);
    (size == Some(Ok(bytes.len())), md5)
}

#[test]
fn a_delivery_is_what_the_list_promises() {
    let mut desk = desk();
    let answers = json!({"field0": "Chiara", "field1": "Prova", "field2": "RSSMRA85M01H501Q", "field4": "JVBERi0xLjQK"});
    let id = desk.delivered(ESTRATTO, answers);
    let files = listed(&mut desk, &id);
    assert_eq!(files.len(), 2);
    let mut seen = Vec::new();
    for (at, file) in files.iter().enumerate() {
        assert_eq!(file["fileName"], format!("{id}_{at}.pdf"));
        assert!(
            file["downloadUrl"]
                .as_str()
                .unwrap()
                .starts_with("https://storage.example.com/storage/")
        );
        assert_eq!(file["urlExpire"], (desk.now_ms + 86_400_000) / 1_000);
        let answer = get(&mut desk, &file["downloadUrl"]);
        assert_eq!(answer.header("content-type"), Some("application/pdf"));
        let bytes = whole(answer);
        assert!(bytes.starts_with(b"%PDF-"));
        assert_eq!(keeps_its_promise(file, &bytes), (true, true));
        seen.push(bytes);
    }
    assert_ne!(seen[0], seen[1]);
    let log: Vec<_> = desk
        .engine
        .log()
        .iter()
        .filter(|call| call.api == Some(Api::Storage))
        .collect();
    assert!(
        log.len() == 2
            && log
                .iter()
                .all(|call| !call.authorization && !call.path.contains('?'))
    );
}

#[test]
fn a_token_at_the_storage_is_noticed() {
    let mut desk = desk();
    let file = one(&mut desk);
    let request = fetch(file["downloadUrl"].as_str().unwrap()).bearer("anything");
    assert_eq!(desk.engine.handle(desk.now_ms, &request).status, 200);
    assert!(desk.engine.log().last().unwrap().authorization);
}

#[test]
fn an_address_is_good_as_it_was_given_and_until_it_expires() {
    let mut desk = with(Switches {
        url_ttl_ms: 500,
        ..Switches::default()
    });
    let file = one(&mut desk);
    let url = file["downloadUrl"].as_str().unwrap().to_owned();
    for broken in [
        url.replace("_0.pdf", "_1.pdf"),
        url.replace("X-Expires=1", "X-Expires=2"),
        url[..url.len() - 1].to_owned(),
        url.replace("X-Signature", "X-Nothing"),
        format!("{}?a", url.split_once('?').unwrap().0),
    ] {
        assert_eq!(get(&mut desk, &json!(broken)).status, 403, "{broken}");
    }
    let posted = SimRequest {
        method: "POST".to_owned(),
        ..fetch(&url)
    };
    assert_eq!(desk.engine.handle(desk.now_ms, &posted).status, 403);
    desk.now_ms += 499;
    assert_eq!(get(&mut desk, &json!(url)).status, 200);
    desk.now_ms += 1;
    assert_eq!(get(&mut desk, &json!(url)).status, 400);
}

#[test]
fn a_list_may_promise_something_else() {
    for (storage, kept) in [
        (Storage::WrongMd5, (true, false)),
        (Storage::WrongSize, (false, true)),
    ] {
        let mut desk = with(Switches {
            storage,
            ..Switches::default()
        });
        let file = one(&mut desk);
        let bytes = whole(get(&mut desk, &file["downloadUrl"]));
        assert_eq!(keeps_its_promise(&file, &bytes), kept);
    }
    for (hostility, kept) in [
        (Hostility::WrongDigest, (true, false)),
        (Hostility::WrongLength, (false, true)),
    ] {
        let mut desk = desk();
        desk.engine
            .add_fault(Rule::on(Call::Document, Fault::HostileDelivery { hostility }));
        let file = one(&mut desk);
        let bytes = whole(get(&mut desk, &file["downloadUrl"]));
        assert_eq!(keeps_its_promise(&file, &bytes), kept);
    }
}

#[test]
fn a_download_may_stop_lead_away_or_be_an_attack() {
    let mut desk = with(Switches {
        storage: Storage::Cut,
        ..Switches::default()
    });
    let file = one(&mut desk);
    let request = fetch(file["downloadUrl"].as_str().unwrap());
    let Outcome::Truncated(response, keep) = desk.engine.exchange(desk.now_ms, &request).outcome else {
        panic!("it was not cut")
    };
    assert_eq!(keep, response.body.len() / 2);
    let to = "http://169.254.169.254/latest/".to_owned();
    desk.engine.set_switches(Switches {
        storage: Storage::Redirect { to: to.clone() },
        ..Switches::default()
    });
    let away = get(&mut desk, &file["downloadUrl"]);
    assert_eq!((away.status, away.header("location")), (302, Some(to.as_str())));
    desk.engine.set_switches(Switches::default());
    let hostility = Hostility::NotZip;
    desk.engine
        .add_fault(Rule::on(Call::Download, Fault::HostileDelivery { hostility }));
    let bytes = whole(get(&mut desk, &file["downloadUrl"]));
    assert_eq!(keeps_its_promise(&file, &bytes), (false, false));
}

#[test]
fn an_address_may_point_inside() {
    let mut desk = with(Switches {
        download_base: Some("http://10.0.0.1".to_owned()),
        ..Switches::default()
    });
    let file = one(&mut desk);
    assert!(
        file["downloadUrl"]
            .as_str()
            .unwrap()
            .starts_with("http://10.0.0.1/storage/")
    );
}

#[test]
fn a_large_delivery_is_made_while_it_is_sent_and_true_to_its_list() {
    let mut desk = desk();
    desk.engine.add_fault(Rule::on(
        Call::Document,
        Fault::LargeDelivery { bytes: 3_000_001 },
    ));
    let file = one(&mut desk);
    let answer = get(&mut desk, &file["downloadUrl"]);
    assert!(answer.stream.is_some());
    let announced = answer.content_length().unwrap();
    let bytes = whole(answer);
    assert_eq!(bytes.len() as u64, announced);
    assert_eq!(keeps_its_promise(&file, &bytes), (true, true));
}
