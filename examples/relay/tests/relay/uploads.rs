//! Files: gone on with after a cut, checked, private, gone after the commit, swept when they are old.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use sportello_simulator::{Fault, Rule};
use tokio::io::AsyncWriteExt;

use super::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_after_a_cut() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let caller = Caller::new(&relay, "u");
    caller
        .put("/submissions/x", json!({ "serviceId": SERVICE }))
        .await
        .ok();
    let key = caller.file_key().await;
    let path = format!("/submissions/x/files/{}", key.replace('$', "%24"));
    let bytes: Vec<u8> = b"%PDF-1.7\n"
        .iter()
        .copied()
        .chain((0..200_000u32).map(|n| (n * 31 % 251) as u8))
        .collect();

    let head = format!(
        "PUT {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/pdf\r\nx-file-name: a.pdf\r\n\
         x-file-sha256: {}\r\ncontent-length: {}\r\n\r\n",
        session("u"),
        sha256(&bytes),
        bytes.len()
    );
    let mut cut = tokio::net::TcpStream::connect(relay.url.trim_start_matches("http://"))
        .await
        .unwrap();
    cut.write_all(head.as_bytes()).await.unwrap();
    cut.write_all(&bytes[..120_000]).await.unwrap();
    cut.flush().await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(cut);

    let offset = || async {
        let said = caller.send(caller.request(Method::HEAD, &path)).await;
        let number = |name: &str| said.headers[name].to_str().unwrap().parse::<usize>().unwrap();
        assert_eq!(number("upload-length"), bytes.len());
        number("upload-offset")
    };
    until("what came before the cut", || async { offset().await == 120_000 }).await;
    assert!(caller.get("/submissions/x").await.ok().get("filesHeld").is_none());
    let piece = |from: usize, to: usize| {
        let request = caller
            .request(Method::PATCH, &path)
            .header("upload-offset", from.to_string());
        request.body(bytes[from..to].to_vec())
    };
    let wrong = caller.send(piece(100_000, 130_000)).await;
    wrong.refused(409, "relay.offset");
    assert_eq!(wrong.headers["upload-offset"], "120000");
    let said = caller.send(piece(120_000, 150_000)).await;
    assert_eq!(said.headers["upload-offset"], "150000");
    said.ok();
    let too_much = caller
        .request(Method::PATCH, &path)
        .header("upload-offset", "150000")
        .body(vec![0; 100_000]);
    caller.send(too_much).await.refused(413, "relay.too_large");
    assert_eq!(offset().await, 150_000);
    let done = caller.send(piece(150_000, bytes.len())).await.ok();
    assert_eq!(done["filesHeld"][&key], json!(sha256(&bytes)));
    assert_eq!(offset().await, bytes.len());
    // Whole in one call as well, in place of what is there.
    let done = caller.send(caller.file("x", &key, &bytes)).await.ok();
    assert_eq!(done["filesHeld"][&key], json!(sha256(&bytes)));
    // Nothing begun, nothing to go on with.
    let begun = caller.send(piece(0, 10)).await;
    begun.refused(404, "relay.no_upload");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_the_one_that_was_announced() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let caller = Caller::new(&relay, "u");
    caller
        .put("/submissions/x", json!({ "serviceId": SERVICE }))
        .await
        .ok();
    let key = caller.file_key().await;
    let request = || {
        caller.request(
            Method::PUT,
            &format!("/submissions/x/files/{}", key.replace('$', "%24")),
        )
    };
    let full = || {
        let request = request()
            .header("content-type", "application/pdf")
            .header("x-file-name", "a.pdf");
        request.header("x-file-sha256", sha256(b"abc"))
    };
    caller.send(full().body("abd")).await.refused(422, "relay.digest");
    assert!(caller.get("/submissions/x").await.ok().get("filesHeld").is_none());
    caller
        .send(full().header("x-file-sha256", "abc").body("abc"))
        .await
        .ok();
    for (what, request) in [
        (
            "no name",
            request()
                .header("content-type", "application/pdf")
                .header("x-file-sha256", sha256(b"abc")),
        ),
        (
            "no digest",
            request()
                .header("content-type", "application/pdf")
                .header("x-file-name", "a.pdf"),
        ),
        (
            "no type",
            request()
                .header("x-file-name", "a.pdf")
                .header("x-file-sha256", sha256(b"abc")),
        ),
        (
            "a name that is none",
            request()
                .header("content-type", "application/pdf")
                .header("x-file-name", "%FF")
                .header("x-file-sha256", sha256(b"abc")),
        ),
        (
            "a type with more",
            request()
                .header("content-type", "text/html; charset=x")
                .header("x-file-name", "a")
                .header("x-file-sha256", sha256(b"abc")),
        ),
    ] {
        assert_eq!(
            caller.send(request.body("abc")).await.status.as_u16(),
            400,
            "{what}"
        );
    }
    // A field for texts takes no file.
    let service = caller.service().await;
    let text = service.form.field("codice_fiscale").unwrap().key.clone();
    caller
        .send(caller.file("x", &text, b"abc"))
        .await
        .refused(400, "relay.malformed");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let caller = Caller::new(&relay, "u");
    caller.fill("x").await;
    let root = relay.shared.path();
    assert!(
        !holding(&root, CODICE_FISCALE.as_bytes()).is_empty(),
        "this test looks at the wrong folder"
    );
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for path in files(&root) {
        let of_the_ledger = path
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("ledger.sqlite");
        assert!(
            of_the_ledger || mode(&path) == 0o600,
            "{path:?} {:o}",
            mode(&path)
        );
        let mut folder = path.parent().unwrap();
        while folder.starts_with(&root) {
            assert_eq!(mode(folder), 0o700, "{folder:?}");
            folder = folder.parent().unwrap();
        }
    }
    // Names say nothing either.
    for path in files(&root) {
        let path = path.to_string_lossy();
        assert!(
            !path.contains("identi") && !path.contains('$') && !path.contains("/x/"),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_is_swept() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_with(&simulator, |config| {
        config.limits.draft_age = Duration::from_millis(1_500);
        config.limits.delivery_age = Duration::from_millis(1_500);
        config.limits.sweep_every = Duration::from_millis(50);
    })
    .await;
    let caller = Caller::new(&relay, "u");
    // Handed in, and fetched: the documents go, the submission stays.
    caller.fill("paid").await;
    caller.commit("paid", "19.00").await.ok();
    until("ready", || async {
        caller.get("/submissions/paid/delivery").await.status.is_success()
    })
    .await;
    // Refused for credit: its draft with the provider holds the answers.
    simulator.with_engine(|engine| engine.set_wallet(0));
    caller.fill("refused").await;
    let body = json!({ "confirmPrice": "19.00", "allowDuplicate": true });
    let said = caller.post("/submissions/refused/commit", body).await;
    said.refused(402, "submit.credit_insufficient");
    let held_by_provider = || {
        simulator.with_engine(|engine| {
            let mut all = engine.submissions();
            all.by_ref()
                .filter(|one| !one.committed)
                .any(|one| format!("{:?}", one.fields).contains(CODICE_FISCALE))
        })
    };
    assert!(held_by_provider(), "this test looks at the wrong place");
    let root = relay.shared.path();
    assert!(!holding(&root, CODICE_FISCALE.as_bytes()).is_empty());
    until("swept", || async {
        holding(&root, CODICE_FISCALE.as_bytes()).is_empty()
            && !files(&root)
                .iter()
                .any(|path| path.to_string_lossy().contains("/delivery/"))
    })
    .await;
    until("blanked", || async { !held_by_provider() }).await;
    until("forgotten", || async {
        caller.get("/submissions/refused").await.status.as_u16() == 404
    })
    .await;
    assert_eq!(spent(&relay), 1900);
    // Fetched anew when they are asked for again.
    let files = caller.get("/submissions/paid/delivery").await.ok();
    let said = caller
        .send(caller.request(Method::GET, "/submissions/paid/delivery/0"))
        .await;
    assert!(
        said.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    assert_eq!(
        said.headers["content-length"].to_str().unwrap(),
        files[0]["len"].to_string()
    );
    assert_eq!(
        caller.get("/submissions/paid/delivery/7").await.status.as_u16(),
        404
    );
    assert_eq!(
        caller.get("/submissions/paid/delivery/x").await.status.as_u16(),
        404
    );
    assert_eq!(caller.get("/submissions/paid").await.ok()["phase"], "committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_can_not_be_blanked_now_is_blanked_later_and_gone_from_here_at_once() {
    let simulator = simulator(Vec::new()).await;
    simulator.with_engine(|engine| engine.set_wallet(0));
    let relay = relay_with(&simulator, |config| {
        config.limits.draft_age = Duration::from_millis(600);
        config.limits.sweep_every = Duration::from_millis(50);
    })
    .await;
    let caller = Caller::new(&relay, "u");
    caller.fill("r").await;
    caller
        .commit("r", "19.00")
        .await
        .refused(402, "submit.credit_insufficient");
    let down = Fault::Status {
        status: 502,
        retry_after_s: None,
        after_effect: false,
    };
    simulator.with_engine(|engine| engine.add_fault(Rule::new(down).times(0)));
    let root = relay.shared.path();
    until("gone from here", || async {
        holding(&root, CODICE_FISCALE.as_bytes()).is_empty()
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let blanked = || {
        simulator.with_engine(|engine| {
            engine
                .submissions()
                .all(|one| !format!("{:?}", one.fields).contains(CODICE_FISCALE))
        })
    };
    assert!(!blanked());
    simulator.with_engine(|engine| engine.clear_faults());
    until("blanked", || async { blanked() }).await;
    until("forgotten", || async {
        caller.get("/submissions/r").await.status.as_u16() == 404
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_not_ready_is_waited_for() {
    let office = sportello_simulator::Stages {
        searching_ms: 1,
        working_ms: 60_000,
        ready_ms: 1,
    };
    let config = sportello_simulator::Config {
        stages: office,
        ..Default::default()
    };
    let simulator = sportello_simulator::Simulator::start(config).await.unwrap();
    let relay = relay_over(&simulator).await;
    let caller = Caller::new(&relay, "u");
    caller.fill("d").await;
    caller
        .get("/submissions/d/delivery")
        .await
        .refused(409, "submission.not_committed");
    caller.commit("d", "19.00").await.ok();
    let said = caller.get("/submissions/d/delivery").await;
    said.refused(409, "delivery.not_ready");
    assert_eq!(said.body["error"]["retryable"], true);
    simulator.skip(Duration::from_secs(120));
    until("ready", || async {
        caller.get("/submissions/d/delivery").await.status.is_success()
    })
    .await;
}
