//! Caps, and one charge whatever anybody does.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sportello::Money;
use sportello_relay::SessionKeys;
use sportello_simulator::{Call, Fault, Rule};

use super::support::*;

fn euro(amount: &str) -> Option<Money> {
    Some(amount.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_spends_more_than_their_cap_nor_all_together_more_than_theirs() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_with(&simulator, |config| {
        (config.caps.user, config.caps.total) = (euro("38.00"), euro("60.00"));
    })
    .await;
    let (anna, bruno) = (Caller::new(&relay, "anna"), Caller::new(&relay, "bruno"));
    // Four at once, two of which fit.
    let mut tries = Vec::new();
    for number in 0..4 {
        let (anna, reference) = (anna.clone(), format!("a{number}"));
        anna.fill_for(&reference, CODICE_FISCALE).await;
        tries.push(tokio::spawn(async move {
            let body = json!({ "confirmPrice": "19.00", "allowDuplicate": true });
            anna.post(&format!("/submissions/{reference}/commit"), body).await
        }));
    }
    let mut refused = 0;
    for one in tries {
        let said = one.await.unwrap();
        if !said.status.is_success() {
            said.refused(402, "spend.limit");
            assert_eq!(said.body["error"]["charged"], "no");
            refused += 1;
        }
    }
    assert_eq!((refused, simulator.ledger().len()), (2, 2));
    bruno.fill("b0").await;
    bruno.commit("b0", "19.00").await.ok();
    let carla = Caller::new(&relay, "carla");
    carla.fill("c0").await;
    let said = carla.commit("c0", "19.00").await;
    said.refused(402, "spend.limit");
    assert!(
        !said.text.contains("60.00") && !said.text.contains("57.00"),
        "others' spending was told"
    );
    assert_eq!(simulator.ledger().len(), 3);
    // What was handed in before is still the same answer.
    bruno.commit("b0", "19.00").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_can_narrow_its_cap_and_not_widen_it() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_with(&simulator, |config| config.caps.user = euro("20.00")).await;
    let keys = SessionKeys::parse(KEY).unwrap();
    for (cap, fits) in [("18.99", false), ("19.00", true), ("500.00", true)] {
        let user = format!("user-{cap}");
        let session = keys.sign(&user, seconds() + 60, euro(cap)).unwrap();
        let caller = Caller::with(&relay, Some(session));
        caller.fill("one").await;
        assert_eq!(
            caller.commit("one", "19.00").await.status.is_success(),
            fits,
            "{cap}"
        );
        caller.fill("two").await;
        let body = json!({ "confirmPrice": "19.00", "allowDuplicate": true });
        caller
            .post("/submissions/two/commit", body)
            .await
            .refused(402, "spend.limit");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_can_not_be_chosen() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let caller = Caller::new(&relay, "u");
    caller.fill("p").await;
    for (price, code) in [
        ("0.01", "price.differs"),
        ("18.99", "price.differs"),
        ("19.01", "price.differs"),
        ("1900", "price.differs"),
        ("23.18", "price.is_gross"),
        ("-19.00", "price.unconfirmed"),
        ("", "price.unconfirmed"),
        ("free", "price.unconfirmed"),
    ] {
        let said = caller.commit("p", price).await;
        assert_eq!(
            (said.status.as_u16(), said.code()),
            (422, code),
            "{price}: {}",
            said.text
        );
    }
    let said = caller.post("/submissions/p/commit", json!({})).await;
    said.refused(400, "relay.malformed");
    assert!(simulator.ledger().is_empty());
    assert_eq!(spent(&relay), 0, "a refused try stays reserved");
    caller.commit("p", "19.00").await.ok();
    assert_eq!((simulator.ledger().len(), spent(&relay)), (1, 1900));
}

#[tokio::test(flavor = "multi_thread")]
async fn twice_or_twenty_times_at_once_is_one_charge_and_one_answer() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let caller = Caller::new(&relay, "u");
    caller.fill("once").await;
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let caller = caller.clone();
            tokio::spawn(async move { caller.commit("once", "19.00").await })
        })
        .collect();
    for one in tries {
        let data = one.await.unwrap().ok();
        assert_eq!(
            (data["phase"].as_str(), data["id"].as_str()),
            (Some("committed"), Some("once"))
        );
    }
    caller.commit("once", "19.00").await.ok();
    assert_eq!((simulator.ledger().len(), spent(&relay)), (1, 1900));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_on_one_journal_and_folder_charge_once() {
    let simulator = simulator(Vec::new()).await;
    let shared = Shared::on_disk();
    let mut relays = Vec::new();
    for _ in 0..2 {
        relays.push(start(config(&simulator, &shared), shared.clone()).await);
    }
    // Begun with one, gone on with at the other.
    let callers: Vec<Caller> = relays.iter().map(|relay| Caller::new(relay, "u")).collect();
    callers[0].fill("both").await;
    assert_eq!(
        callers[1].get("/submissions/both").await.ok()["filesHeld"]
            .as_object()
            .unwrap()
            .len(),
        2
    );
    let tries: Vec<_> = (0..20)
        .map(|number| {
            let caller = callers[number % 2].clone();
            tokio::spawn(async move { caller.commit("both", "19.00").await })
        })
        .collect();
    for one in tries {
        one.await.unwrap().ok();
    }
    assert_eq!((simulator.ledger().len(), spent(&relays[0])), (1, 1900));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_hangs_up_has_handed_in_all_the_same() {
    let slow = Rule::on(
        Call::Commit,
        Fault::Latency {
            before_ms: 400,
            after_ms: 200,
        },
    );
    let simulator = simulator(vec![slow]).await;
    let relay = relay_over(&simulator).await;
    let caller = Caller::new(&relay, "u");
    caller.fill("gone").await;
    let request = caller.request(reqwest::Method::POST, "/submissions/gone/commit");
    let request = request.body(json!({ "confirmPrice": "19.00" }).to_string());
    let hung_up = request.timeout(Duration::from_millis(150)).send().await;
    assert!(hung_up.unwrap_err().is_timeout());
    until("handed in", || async {
        caller.get("/submissions/gone").await.body["data"]["phase"] == "committed"
    })
    .await;
    caller.commit("gone", "19.00").await.ok();
    assert_eq!((simulator.ledger().len(), spent(&relay)), (1, 1900));
    assert!(holding(&relay.shared.path(), CODICE_FISCALE.as_bytes()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_settled_and_reserved_meanwhile() {
    for fault in [Fault::CutAfter, Fault::CutBefore, Fault::GarbageJson] {
        // The looks right after the commit fail too, so that it stays open for a while.
        let blind = Rule::on(
            Call::Read,
            Fault::Status {
                status: 502,
                retry_after_s: None,
                after_effect: false,
            },
        );
        let simulator = simulator(vec![Rule::on(Call::Commit, fault.clone()), blind.nth(2).times(4)]).await;
        let relay = relay_over(&simulator).await;
        let caller = Caller::new(&relay, "u");
        caller.fill("lost").await;
        let mut said = caller.commit("lost", "19.00").await;
        if !said.status.is_success() {
            said.refused(503, "submit.outcome_unknown");
            assert_eq!(
                (said.body["error"]["charged"].as_str(), spent(&relay)),
                (Some("unknown"), 1900)
            );
            said = caller.commit("lost", "19.00").await;
        }
        said.ok();
        assert_eq!((simulator.ledger().len(), spent(&relay)), (1, 1900), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relays_own_troubles_are_not_told_and_not_charged() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let caller = Caller::new(&relay, "u");
    caller.fill("poor").await;
    simulator.with_engine(|engine| engine.set_wallet(500));
    let said = caller.commit("poor", "19.00").await;
    said.refused(402, "submit.credit_insufficient");
    assert!(
        !said.text.contains("5.00") && !said.text.contains("top up"),
        "{}",
        said.text
    );
    assert_eq!(
        (said.body["error"]["charged"].as_str(), spent(&relay)),
        (Some("no"), 0)
    );
    // Still a draft, with everything in it.
    assert_eq!(caller.get("/submissions/poor").await.ok()["phase"], "open");
    simulator.with_engine(|engine| engine.set_wallet(5_000));
    caller.commit("poor", "19.00").await.ok();
    assert_eq!((simulator.ledger().len(), spent(&relay)), (1, 1900));

    // A relay whose token the provider does not accept.
    let relay = relay_with(&simulator, |config| {
        let environment = sportello::client::Environment::Simulator {
            base_url: simulator.base_url(),
        };
        let client = sportello::client::Client::builder(environment)
            .token("another-token")
            .memory_journal();
        config.client = client.build().unwrap();
    })
    .await;
    let said = Caller::new(&relay, "u").get("/services").await;
    said.refused(502, "provider.unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_are_looked_for_among_ones_own_only() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let (anna, bruno) = (Caller::new(&relay, "anna"), Caller::new(&relay, "bruno"));
    anna.fill("first").await;
    anna.commit("first", "19.00").await.ok();
    anna.fill("second").await;
    let said = anna.commit("second", "19.00").await;
    said.refused(409, "submit.duplicate");
    assert!(said.body["error"].get("detail").is_none(), "{}", said.text);
    // The same applicant, handed in by somebody else: they must not learn of the first.
    bruno.fill("first").await;
    bruno.commit("first", "19.00").await.ok();
    let body = json!({ "confirmPrice": "19.00", "allowDuplicate": true });
    anna.post("/submissions/second/commit", body).await.ok();
    assert_eq!(simulator.ledger().len(), 3);

    // The client's own word crosses the wire.
    let client = client(&relay, "bruno");
    let service = client.service(SERVICE).await.unwrap();
    let answers = application().answers(&service.form).unwrap();
    let request = sportello::client::SubmitRequest::new(service, answers, "meant").confirm_price("19.00");
    assert_eq!(
        client.submit(request.clone()).await.unwrap_err().code(),
        "submit.duplicate"
    );
    client.submit(request.allow_duplicate()).await.unwrap();
    assert_eq!(simulator.ledger().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_must_be_accepted_at_the_relay_too() {
    let simulator = simulator(Vec::new()).await;
    let relay = relay_over(&simulator).await;
    let caller = Caller::new(&relay, "u");
    // A number that nobody can call.
    let odd = sportello::AssegnoUnico {
        mobile: "12".into(),
        ..application()
    };
    caller.fill_as("warned", odd).await;
    let said = caller.commit("warned", "19.00").await;
    said.refused(422, "check.warnings");
    let findings = said.body["error"]["findings"].as_array().unwrap().clone();
    assert!(
        !findings.is_empty() && !said.text.contains(EMAIL),
        "{}",
        said.text
    );
    let codes: Vec<_> = findings.iter().map(|finding| finding["code"].clone()).collect();
    let body = json!({ "confirmPrice": "19.00", "acceptWarnings": codes });
    caller.post("/submissions/warned/commit", body).await.ok();
    assert_eq!(simulator.ledger().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_of_ones_own_is_asked() {
    use sportello_relay::ledger::{Caps, Ledger, LedgerError, Spending};
    struct Broke;
    impl Ledger for Broke {
        fn reserve(&self, _: &Spending, _: &Caps) -> Result<(), LedgerError> {
            Err(LedgerError::Unavailable("SECRET-PLACE".into()))
        }
        fn settle(&self, _: &Spending) -> Result<(), LedgerError> {
            Ok(())
        }
        fn release(&self, _: &str) -> Result<(), LedgerError> {
            Ok(())
        }
        fn spent(&self, _: Option<&str>, _: u64) -> Result<Money, LedgerError> {
            Ok(Money::ZERO)
        }
    }
    let simulator = simulator(Vec::new()).await;
    let relay = relay_with(&simulator, |config| config.ledger = Some(Arc::new(Broke))).await;
    let caller = Caller::new(&relay, "u");
    caller.fill("x").await;
    let said = caller.commit("x", "19.00").await;
    said.refused(500, "internal");
    assert!(!said.text.contains("SECRET") && simulator.ledger().is_empty());
}

/// As on several machines: journal and ledger in one database, the folder shared.
#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread")]
async fn two_instances_on_one_database_charge_once() {
    use sportello::journal::PostgresJournal;
    use sportello_relay::ledger::{Ledger, PostgresLedger};
    use std::io::Write as _;
    let Some(url) = std::env::var("SPORTELLO_TEST_POSTGRES")
        .ok()
        .filter(|url| !url.is_empty())
    else {
        let line = "SKIPPED postgres: two relays: SPORTELLO_TEST_POSTGRES names no server\n";
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    };
    let schema = format!("relays_{}_{}", std::process::id(), seconds());
    let own = format!(
        "{url}{}options=-c%20search_path%3D{schema}",
        if url.contains('?') { '&' } else { '?' }
    );
    let make = format!("CREATE SCHEMA {schema}");
    let open = move || {
        let admin = PostgresJournal::connect(&url).unwrap();
        admin
            .with_client(|client| Box::pin(async move { client.batch_execute(&make).await }))
            .unwrap();
        let open = || Arc::new(PostgresJournal::connect(&own).unwrap());
        (admin, [open(), open()])
    };
    let (admin, journals) = tokio::task::spawn_blocking(open).await.unwrap();
    let (simulator, shared) = (simulator(Vec::new()).await, Shared::new());
    let (mut relays, mut ledgers) = (Vec::new(), Vec::new());
    for journal in journals {
        let shared = shared.with_journal(journal.clone());
        let mut config = config(&simulator, &shared);
        let ledger = tokio::task::spawn_blocking(move || PostgresLedger::open(journal).unwrap());
        let ledger: Arc<dyn Ledger> = Arc::new(ledger.await.unwrap());
        ledgers.push(Arc::clone(&ledger));
        config.ledger = Some(ledger);
        relays.push(start(config, shared).await);
    }
    let callers: Vec<Caller> = relays.iter().map(|relay| Caller::new(relay, "u")).collect();
    callers[0].fill("both").await;
    let tries: Vec<_> = (0..20)
        .map(|number| {
            let caller = callers[number % 2].clone();
            tokio::spawn(async move { caller.commit("both", "19.00").await })
        })
        .collect();
    for one in tries {
        one.await.unwrap().ok();
    }
    assert_eq!(simulator.ledger().len(), 1);
    let drop = format!("DROP SCHEMA {schema} CASCADE");
    let end = move || {
        let spent = ledgers[1].spent(None, 0).unwrap();
        admin
            .with_client(|client| Box::pin(async move { client.batch_execute(&drop).await }))
            .unwrap();
        spent
    };
    assert_eq!(
        tokio::task::spawn_blocking(end).await.unwrap().to_string(),
        "19.00"
    );
}
