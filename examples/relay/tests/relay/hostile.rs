//! Callers who mean harm.

use std::sync::Arc;

use axum::http::HeaderMap;
use reqwest::Method;
use serde_json::json;
use sportello_relay::session::Authorizing;
use sportello_relay::{Authorize, Denied, Services, SessionKeys, SetupError, relay};

use super::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn only_a_good_session_gets_in() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let good = session("u");
    let (payload, tag) = good.split_once('.').unwrap();
    let keys = SessionKeys::parse(KEY).unwrap();
    let others = SessionKeys::parse("another-key-of-somebody-else-0123456789").unwrap();
    let bad = [
        None,
        Some(String::new()),
        Some("x".into()),
        Some(payload.to_owned()),
        Some(format!("{payload}.AAAA")),
        Some(format!("eyJ1c2VyIjoiYWRtaW4iLCJleHAiOjk5OTk5OTk5OTl9.{tag}")),
        Some(keys.sign("u", seconds() - 1, None).unwrap()),
        Some(others.sign("u", seconds() + 60, None).unwrap()),
        // What looks like, and is, a token of the provider's.
        Some(simulator.token().to_owned()),
        Some("65f1a2b3c4d5e6f708192a3b".into()),
        Some("a".repeat(5000)),
    ];
    for session in bad {
        let caller = Caller::with(&relay, session.clone());
        for path in [
            "/services",
            "/submissions/x",
            "/submissions/x/delivery",
            "/submissions/x/events",
        ] {
            let said = caller.get(path).await;
            said.refused(401, "auth.token_rejected");
            assert_eq!(said.headers["www-authenticate"], "Bearer");
        }
        caller
            .commit("x", "19.00")
            .await
            .refused(401, "auth.token_rejected");
    }
    let caller = Caller::with(&relay, None);
    let basic = caller
        .request(Method::GET, "/services")
        .header("authorization", format!("Basic {good}"));
    caller.send(basic).await.refused(401, "auth.token_rejected");
    let twice = caller
        .request(Method::GET, "/services")
        .bearer_auth("x")
        .header("authorization", format!("Bearer {good}"));
    caller.send(twice).await.refused(401, "auth.token_rejected");
    // In the address it does not count: it would stand in every log on the way.
    caller
        .get(&format!("/services?token={good}"))
        .await
        .refused(401, "auth.token_rejected");
    assert!(
        Caller::with(&relay, Some(good))
            .get("/services")
            .await
            .status
            .is_success()
    );
}

struct Moody;

impl Authorize for Moody {
    fn authorize<'a>(&'a self, headers: &'a HeaderMap) -> Authorizing<'a> {
        Box::pin(async move {
            match headers.get("x-mood").and_then(|mood| mood.to_str().ok()) {
                Some("forbidden") => Err(Denied::Forbidden),
                Some("unavailable") => Err(Denied::Unavailable),
                Some(user) => Ok(sportello_relay::Session {
                    user: user.into(),
                    expires_at: None,
                    cap: None,
                }),
                None => Err(Denied::Unknown),
            }
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_integrators_own_hook_decides() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_with(&simulator, |config| config.authorize = Arc::new(Moody)).await;
    let caller = Caller::with(&relay, None);
    for (mood, status) in [("forbidden", 403), ("unavailable", 503), ("anna", 200), ("", 401)] {
        let request = caller.request(Method::GET, "/services").header("x-mood", mood);
        assert_eq!(caller.send(request).await.status.as_u16(), status, "{mood}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_what_another_has_and_nobody_lists() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let (anna, bruno) = (Caller::new(&relay, "anna"), Caller::new(&relay, "bruno"));
    anna.fill("mine").await;
    anna.fill_for("draft", "RSSMRA85M01H501Q").await;
    anna.commit("mine", "19.00").await.ok();
    let key = anna.file_key().await.replace('$', "%24");
    for reference in ["mine", "draft"] {
        let at = format!("/submissions/{reference}");
        for path in [
            at.clone(),
            format!("{at}/delivery"),
            format!("{at}/delivery/0"),
            format!("{at}/events"),
        ] {
            let said = bruno.get(&path).await;
            said.refused(404, "reference.unknown");
            // To the letter as of a reference that nobody has.
            let never = bruno.get(&path.replace(reference, "never")).await;
            assert_eq!((said.status, &said.text), (never.status, &never.text));
        }
        for said in [
            bruno.commit(reference, "19.00").await,
            bruno
                .post(
                    &format!("{at}/choice"),
                    json!({ "result": "1/0", "confirmPrice": "19.00" }),
                )
                .await,
            bruno.put(&format!("{at}/answers"), json!({ "texts": {} })).await,
            bruno.delete(&at).await,
        ] {
            said.refused(404, "reference.unknown");
        }
        let head = bruno
            .send(bruno.request(Method::HEAD, &format!("{at}/files/{key}")))
            .await;
        assert_eq!(head.status.as_u16(), 404);
    }
    // The same reference is another submission.
    bruno
        .put("/submissions/mine", json!({ "serviceId": SERVICE }))
        .await
        .ok();
    let own = bruno.get("/submissions/mine").await.ok();
    assert_eq!((own["phase"].as_str(), own.get("texts")), (Some("open"), None));
    assert_eq!(anna.get("/submissions/mine").await.ok()["phase"], "committed");
    for path in ["/submissions", "/submissions/", "/", "/users"] {
        assert_eq!(anna.get(path).await.status.as_u16(), 404, "{path}");
    }
    let post = anna.post("/submissions/mine", json!({})).await;
    assert_eq!(post.status.as_u16(), 405);
    assert_eq!(simulator.ledger().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_offered_is_not_there() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_with(&simulator, |config| {
        config.services = Services::Only(vec!["Domanda Assegno Unico".into(), "no such service".into()]);
    })
    .await;
    let caller = Caller::new(&relay, "u");
    let offered = caller.get("/services").await.ok();
    assert_eq!(offered.as_array().unwrap().len(), 1);
    assert!(
        caller
            .get(&format!("/services/{SERVICE}"))
            .await
            .status
            .is_success()
    );
    let other = "afa0b4cu7yd06226i5d89p00077c3j6t";
    for id in [other, "assegno", "..%2Fvisure", "%00"] {
        let said = caller.get(&format!("/services/{id}")).await;
        said.refused(404, "service.not_found");
        assert!(said.body["error"].get("detail").is_none(), "{}", said.text);
    }
    caller
        .put("/submissions/x", json!({ "serviceId": other }))
        .await
        .refused(404, "service.not_found");
    let nothing = relay_with(&simulator, |config| config.services = Services::Only(Vec::new())).await;
    assert_eq!(Caller::new(&nothing, "u").get("/services").await.ok(), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn references_keys_and_names_reach_no_path() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let caller = Caller::new(&relay, "u");
    for reference in [
        "..%2F..%2Fetc",
        "%2e%2e%2f",
        "a%00b",
        "a%5C..",
        "x%20y",
        "RSSMRA85M01H501Q",
        &"x".repeat(65),
    ] {
        let said = caller
            .put(
                &format!("/submissions/{reference}"),
                json!({ "serviceId": SERVICE }),
            )
            .await;
        assert!(said.status.is_client_error(), "{reference}: {}", said.status);
        assert!(!said.text.contains("RSSMRA85M01H501Q"));
    }
    // Dots alone are a reference by its letters; it names no folder.
    caller
        .put("/submissions/x", json!({ "serviceId": SERVICE }))
        .await
        .ok();
    for key in [
        "..%2F..%2F..%2Fx",
        "%2Fetc%2Fpasswd",
        "%00",
        "$0%2F..%2F..",
        "%FF",
    ] {
        let said = caller.send(caller.file("x", key, b"%PDF-")).await;
        assert!(
            [404, 400].contains(&said.status.as_u16()),
            "{key}: {} {}",
            said.status,
            said.text
        );
    }
    let key = caller.file_key().await;
    let named = caller.file("x", &key, b"%PDF-1");
    let (client, request) = named.build_split();
    let mut request = request.unwrap();
    request
        .headers_mut()
        .insert("x-file-name", "..%2F..%2F..%2Fescape.pdf".parse().unwrap());
    let said = client.execute(request).await.unwrap();
    assert!(said.status().is_success());
    // Digests only, below the relay's folder only.
    for path in files(relay.shared.folder.path()) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(
            path.starts_with(relay.shared.path()) && !name.contains("escape") && !name.contains(".."),
            "{path:?}"
        );
    }
    for (what, body) in [
        (
            "a long correlation",
            json!({ "serviceId": SERVICE, "correlation": "c".repeat(129) }),
        ),
        (
            "a strange correlation",
            json!({ "serviceId": SERVICE, "correlation": "a\r\nb" }),
        ),
        ("no service", json!({})),
    ] {
        let said = caller.put("/submissions/y", body).await;
        assert_eq!(said.status.as_u16(), 400, "{what}");
    }
    let option = json!({ "serviceId": SERVICE, "options": ["gratis"] });
    caller
        .put("/submissions/y", option)
        .await
        .refused(422, "option.unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_origins_are_not_answered() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_with(&simulator, |config| {
        config.origins = vec!["https://www.example.org".into()]
    })
    .await;
    let caller = Caller::new(&relay, "u");
    for (origin, allowed) in [
        ("https://www.example.org", true),
        ("https://www.example.org.evil.example", false),
        ("http://www.example.org", false),
        ("null", false),
    ] {
        let ask = caller
            .request(Method::OPTIONS, "/submissions/x/files/%244")
            .header("origin", origin)
            .header("access-control-request-method", "PATCH")
            .header(
                "access-control-request-headers",
                "authorization,upload-offset,x-file-sha256",
            );
        let said = caller.send(ask).await;
        let told = said
            .headers
            .get("access-control-allow-origin")
            .map(|value| value.to_str().unwrap());
        assert_eq!(told, allowed.then_some(origin), "{origin}");
        assert!(said.headers.get("access-control-allow-credentials").is_none());
        let said = caller
            .send(caller.request(Method::GET, "/services").header("origin", origin))
            .await;
        assert_eq!(
            said.headers.contains_key("access-control-allow-origin"),
            allowed,
            "{origin}"
        );
    }
    // Every answer, refusals too.
    for path in ["/services", "/nothing", "/submissions/x"] {
        let said = caller.get(path).await;
        assert_eq!(said.headers["cache-control"], "no-store");
        assert_eq!(said.headers["x-content-type-options"], "nosniff");
    }
    for origin in ["*", "https://*", "https://a.example/path", "a.example", ""] {
        let shared = Shared::new();
        let mut config = config(&simulator, &shared);
        config.origins = vec![origin.to_owned()];
        assert!(matches!(relay_of(config), Err(SetupError::Origin(_))), "{origin}");
    }
}

fn relay_of(config: sportello_relay::Config) -> Result<axum::Router, SetupError> {
    relay(config)
}
