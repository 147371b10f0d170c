//! Searches, choices, and other ends than documents.

use std::time::Duration;

use sportello::journal::Stage;
use sportello::model::{Progress, ResultId};
use sportello::{Answers, Charged};
use sportello_simulator::{Call, Cancellation, Config, Fault, Rule};

use super::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_search_a_choice_and_its_delivery_each_paid_once() {
    for fault in [
        None,
        Some(Fault::CutAfter),
        Some(Fault::CutBefore),
        Some(Fault::GarbageJson),
    ] {
        let faults = fault
            .clone()
            .map(|fault| Rule::on(Call::Choose, fault))
            .into_iter()
            .collect();
        let simulator = with_faults(faults).await;
        let client = client(&simulator);
        let (service, _) = searched(&client, "search", TWO_RESULTS, "PROVA").await;
        let status = client.status("search").await.unwrap();
        let remote = status.remote.unwrap();
        assert_eq!(remote.progress, Progress::ChoiceNeeded);
        let result = remote.searches[0].results[1].id.clone();
        let price = client.quote(&service, &[]).unwrap().due_on_choice.to_string();
        let wrong = ResultId::new(format!("{}/99", remote.searches[0].id));
        check(
            &client.choose("search", wrong, &price).await.unwrap_err(),
            "choice.unknown_result",
            Charged::No,
        );
        client
            .choose("search", result.clone(), &price)
            .await
            .unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        // Once more is the same choice; another one is refused.
        client.choose("search", result.clone(), &price).await.unwrap();
        let other = remote.searches[0].results[0].id.clone();
        check(
            &client.choose("search", other, &price).await.unwrap_err(),
            "choice.already_made",
            Charged::Yes,
        );
        client.wait("search", Duration::from_secs(5)).await.unwrap();
        assert_eq!(client.status("search").await.unwrap().stage, Stage::Delivered);
        assert_eq!(simulator.ledger().len(), 2, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_is_lost_is_never_sent_again_by_itself() {
    for (fault, charges, settled) in [(Fault::CutAfter, 2, true), (Fault::CutBefore, 1, false)] {
        let simulator = with_faults(vec![Rule::on(Call::Search, fault.clone())]).await;
        let client = client(&simulator);
        let (service, _) = searched(&client, "again", TWO_RESULTS, "PROVA").await;
        let answers: Answers = service.form.fields.iter().fold(Answers::new(), |answers, field| {
            answers.with(
                &field.key,
                match field.kind {
                    sportello::FieldKind::PartitaIva | sportello::FieldKind::CodiceFiscale => "12345670124",
                    sportello::FieldKind::Province => "MI",
                    _ => "ALTRA",
                },
            )
        });
        let price = service.search_price.unwrap().to_string();
        let outcome = client
            .search_again("again", 2, &service, answers.clone(), &price)
            .await;
        assert_eq!(simulator.ledger().len(), charges, "{fault:?}");
        match (outcome, settled) {
            (Ok(submission), true) => {
                assert_eq!(submission.remote.map_or(2, |remote| remote.searches.len()), 2)
            }
            (Err(error), false) => {
                check(&error, "submit.needs_person", Charged::Unknown);
                assert!(error.details().id.is_some());
                let again = client
                    .search_again("again", 2, &service, answers, &price)
                    .await
                    .unwrap_err();
                check(&again, "submit.needs_person", Charged::Unknown);
                assert_eq!(simulator.ledger().len(), charges);
            }
            (outcome, _) => panic!("{fault:?}: {outcome:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_found_and_cancelled_by_the_office_are_ends() {
    let cancelled = "224fcc49770edad354cdd9c480a7e50e".to_owned();
    let cancellations = vec![Cancellation {
        service: cancelled,
        code: "77".into(),
        info: "documento illeggibile".into(),
    }];
    let simulator = simulator(Config {
        cancellations,
        ..Config::default()
    })
    .await;
    let client = client(&simulator);
    searched(&client, "nothing", TWO_RESULTS, "NESSUNO").await;
    assert_eq!(
        client.status("nothing").await.unwrap().remote.unwrap().progress,
        Progress::NoResults
    );
    submit(&client, "cancelled").await.unwrap();
    client.wait("cancelled", Duration::from_secs(5)).await.unwrap();
    let status = client.status("cancelled").await.unwrap();
    assert_eq!(status.stage, Stage::Cancelled);
    assert!(
        !format!("{status:?}").contains("illeggibile"),
        "what the office writes may name the applicant"
    );
    assert_eq!(status.remote.unwrap().note.unwrap().info, "documento illeggibile");
}
