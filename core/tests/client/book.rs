//! What the book shows of Rust, run as it stands there.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use sportello::client::{Client, SubmitRequest, Wait};
use sportello::{AssegnoUnico, Attachment, Lang, pages};
use sportello_simulator::Config;

use super::support::{client, simulator};

// ANCHOR: story
async fn hand_in(client: &Client, papers: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let service = client.service("assegno-unico").await?;
    let answers = AssegnoUnico {
        given_name: "Rosella".into(),
        family_name: "Prova".into(),
        email: "rosella.prova@example.org".into(),
        mobile: "+39 333 1234567".into(),
        codice_fiscale: "PRVRLL90E52H501S".into(),
        identity_document: pages(&[
            Attachment::from_path(papers.join("identity-front.jpg"))?,
            Attachment::from_path(papers.join("identity-back.jpg"))?,
        ])?,
        codice_fiscale_card: Attachment::from_path(papers.join("codice-fiscale-card.pdf"))?,
        mandate: None,
    }
    .answers(&service.form)?;
    for finding in client.check(&service, &answers).findings {
        println!("{}", finding.text(Lang::En));
    }
    let price = client.quote(&service, &[])?.due_now;
    let request = SubmitRequest::new(service, answers, "family-4711-2026").confirm_price(price.to_string());
    let submission = client.submit(request).await?;
    if let Wait::Ended(update) = client
        .wait(&submission.reference, Duration::from_secs(3600))
        .await?
    {
        println!("{}", update.remote.status);
    }
    client.delivery(&submission.reference, out).await?.extract(out)?;
    Ok(())
}
// ANCHOR_END: story

#[tokio::test(flavor = "multi_thread")]
async fn the_story_that_the_book_tells() {
    let simulator = simulator(Config::default()).await;
    let papers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data");
    let out = tempfile::tempdir().unwrap();
    hand_in(&client(&simulator), &papers, out.path()).await.unwrap();
    let is_pdf = |path: &Path| path.extension().is_some_and(|extension| extension == "pdf");
    assert!(
        std::fs::read_dir(out.path())
            .unwrap()
            .any(|entry| is_pdf(&entry.unwrap().path()))
    );
    assert_eq!(simulator.ledger().len(), 1);
}
