use std::path::Path;
use std::time::Duration;

use serde_json::json;
use sportello::client::{Delivery, ResumedState, Submission};
use sportello::journal::{Entry, PurchaseKind, Stage};
use sportello::model::{Progress, RemoteSubmission, ResultId};

use crate::args::Global;
use crate::commands::submit::ask_price;
use crate::exit::{Code, Stop};
use crate::{context, show};

pub(crate) async fn submissions(global: &Global) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    let submissions = context.client.submissions().await?;
    if global.json {
        println!("{}", json!(submissions));
        return Ok(Code::Done);
    }
    for one in &submissions {
        let reference = one.reference.as_deref().unwrap_or("—");
        let created = one.created_at.map(show::when).unwrap_or_default();
        println!(
            "{created}  {}  {:<16} {:<24} {reference}",
            one.id,
            show::clean(&one.status),
            show::clean(&one.service_name)
        );
    }
    println!("{} submissions", submissions.len());
    Ok(Code::Done)
}

pub(crate) async fn status(global: &Global, reference: &str) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    let submission = context.client.status(reference).await?;
    print_submission(global, &submission);
    Ok(submission
        .remote
        .as_ref()
        .map_or(Code::Done, |remote| ended(remote.progress)))
}

/// The exit code of a state: 7 where something else than documents came of it.
pub(crate) fn ended(progress: Progress) -> Code {
    match progress {
        Progress::ChoiceNeeded | Progress::NoResults | Progress::Cancelled => Code::Unfinished,
        _ => Code::Done,
    }
}

pub(crate) fn print_submission(global: &Global, submission: &Submission) {
    if global.json {
        println!("{}", json!(submission));
        return;
    }
    println!("{}", show::clean(&submission.service_name));
    println!("  reference  {}", submission.reference);
    println!("  id         {}", submission.id.as_deref().unwrap_or("—"));
    println!("  stage      {}", stage(submission.stage));
    if let Some(price) = submission.price {
        println!(
            "  price      {price} EUR net, {} EUR with VAT; charged: {}",
            price.gross(),
            submission.charged.as_str()
        );
    }
    if let Some(remote) = &submission.remote {
        show::remote(remote);
    }
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Intent => "meant, nothing sent",
        Stage::Draft => "a draft is open, unpaid",
        Stage::Committing => "handing in: outcome not known yet",
        Stage::Refused => "refused, unpaid; the draft is open",
        Stage::Committed => "handed in and paid",
        Stage::Delivered => "documents ready",
        Stage::Cancelled => "cancelled by the office",
        Stage::NeedsPerson => "a person must look the id up with the provider",
        Stage::Abandoned => "given up",
    }
}

pub(crate) async fn watch(global: &Global, reference: &str, timeout: Option<u64>) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    let mut watch = context.client.watch(reference).await?;
    let follow = async {
        let mut last: Option<RemoteSubmission> = None;
        while let Some(update) = watch.next().await {
            let update = update?;
            if global.json {
                println!(
                    "{}",
                    json!({ "reference": update.reference, "seenAt": update.seen_at, "remote": update.remote })
                );
            } else {
                show::update(&update);
            }
            last = Some(update.remote);
        }
        Ok::<_, Stop>(last)
    };
    let last = match timeout {
        None => follow.await?,
        Some(seconds) => match tokio::time::timeout(Duration::from_secs(seconds), follow).await {
            Ok(last) => last?,
            Err(_) => {
                eprintln!("the time is up; the submission goes on");
                return Ok(Code::Unfinished);
            }
        },
    };
    Ok(last.map_or(Code::Done, |remote| ended(remote.progress)))
}

pub(crate) async fn choose(
    global: &Global,
    reference: &str,
    result: &str,
    confirm_price: Option<&str>,
) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    let client = &context.client;
    let submission = client.status(reference).await?;
    let remote = submission
        .remote
        .as_ref()
        .ok_or_else(|| Stop::refused("it has not been handed in yet"))?;
    let result = result_id(result, remote)?;
    let service = client.service(&submission.service_id).await?;
    let entry = client.journal_entry(reference).await?;
    let options = entry.map(|entry| entry.options).unwrap_or_default();
    let due = client.quote(&service, &options)?.due_on_choice;
    let price = ask_price(global, confirm_price, due)?;
    let submission = client.choose(reference, result, &price).await?;
    print_submission(global, &submission);
    Ok(Code::Done)
}

fn result_id(text: &str, remote: &RemoteSubmission) -> Result<ResultId, Stop> {
    let wrong = || {
        Stop::usage(format!(
            "`{}` is not a result: write SEARCH/INDEX as `status` shows it",
            show::clean(text)
        ))
    };
    let (search, index) = match text.rsplit_once('/') {
        Some((search, index)) => (search.to_owned(), index),
        None => match remote.searches.as_slice() {
            [only] => (only.id.clone(), text),
            _ => return Err(wrong()),
        },
    };
    Ok(ResultId {
        search,
        index: index.parse().map_err(|_| wrong())?,
    })
}

pub(crate) async fn delivery(
    global: &Global,
    reference: &str,
    out: &Path,
    extract: bool,
) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    let delivery = context.client.delivery(reference, out).await?;
    let files = if extract {
        unpack(&delivery, out)?
    } else {
        Vec::new()
    };
    if global.json {
        println!(
            "{}",
            json!({ "path": delivery.path, "len": delivery.len, "sha256": delivery.sha256, "files": files })
        );
    } else {
        println!(
            "{} ({} bytes, SHA-256 {})",
            delivery.path.display(),
            delivery.len,
            delivery.sha256
        );
        for file in &files {
            println!("  {}", file.display());
        }
    }
    Ok(Code::Done)
}

/// Unpacks a delivery beside itself.
pub(crate) fn unpack(delivery: &Delivery, out: &Path) -> Result<Vec<std::path::PathBuf>, Stop> {
    Ok(delivery.extract(out)?)
}

pub(crate) async fn resume(global: &Global) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    let resumed = context.client.resume().await?;
    if global.json {
        println!("{}", json!(resumed));
    } else {
        for one in &resumed {
            let what = match one.state {
                ResumedState::Advanced => "went on",
                ResumedState::Waiting => "waiting",
                ResumedState::NeedsAnswers => "needs the answers: submit it again under this reference",
                ResumedState::NeedsPerson => "needs a person: look the id up with the provider",
            };
            let id = one.submission.id.as_deref().unwrap_or("—");
            let code = one.code.map(|code| format!(" [{code}]")).unwrap_or_default();
            println!(
                "{:<24} {id}  {} — {what}{code}",
                one.submission.reference,
                stage(one.submission.stage)
            );
        }
        println!("{} under way", resumed.len());
    }
    let needs_person = resumed.iter().any(|one| one.state == ResumedState::NeedsPerson);
    Ok(if needs_person { Code::Person } else { Code::Done })
}

pub(crate) async fn abandon(global: &Global, reference: &str) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    context.client.abandon(reference).await?;
    if global.json {
        println!("{}", json!({ "abandoned": reference }));
    } else {
        println!(
            "{reference}: given up; nothing was paid, the draft was blanked, the journal has forgotten it"
        );
    }
    Ok(Code::Done)
}

pub(crate) async fn journal(global: &Global, reference: Option<&str>) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    let mut entries = context.client.journal_entries().await?;
    entries.retain(|entry| reference.is_none_or(|reference| entry.key.reference == reference));
    if global.json {
        println!("{}", json!(entries));
        return Ok(Code::Done);
    }
    for entry in &entries {
        print_entry(entry);
    }
    println!("{} references", entries.len());
    Ok(Code::Done)
}

fn print_entry(entry: &Entry) {
    println!("{}  {}", entry.key.reference, stage(entry.stage));
    println!(
        "  {} · id {}",
        show::clean(&entry.service_name),
        entry.id.as_deref().unwrap_or("—")
    );
    println!(
        "  from {} to {}, version {}",
        show::when(entry.created_at / 1000),
        show::when(entry.updated_at / 1000),
        entry.seq
    );
    for purchase in &entry.purchases {
        let kind = match purchase.kind {
            PurchaseKind::Submit => "handing in".to_owned(),
            PurchaseKind::Choice => "choice".to_owned(),
            PurchaseKind::Search(number) => format!("search {number}"),
        };
        println!(
            "  {kind}: {:?}, {} EUR net, sent {} time(s)",
            purchase.state, purchase.price, purchase.sends
        );
    }
    for file in &entry.files {
        println!(
            "  fetched {} ({} bytes, SHA-256 {})",
            show::clean(&file.name),
            file.len,
            file.sha256
        );
    }
}
