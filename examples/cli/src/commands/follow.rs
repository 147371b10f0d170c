use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use sportello::client::{DeliveredFile, Delivery, ResumedState, Submission};
use sportello::journal::Stage;
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
    println!("{}", show::count(submissions.len(), "submission"));
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
        show::remote(remote, global.language());
    }
    if let Some(expected) = &submission.expected {
        println!("  expected   {}", show::expected(expected));
    }
}

pub(crate) fn stage(stage: Stage) -> &'static str {
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
                    json!({ "reference": update.reference, "seenAt": update.seen_at, "expected": update.expected, "remote": update.remote })
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

/// The result that a person means: its whole name as `status` shows it, or its number where there is only one search.
fn result_id(text: &str, remote: &RemoteSubmission) -> Result<ResultId, Stop> {
    let mut results = remote.searches.iter().flat_map(|search| &search.results);
    if let Some(named) = results.clone().find(|result| result.id.as_str() == text) {
        return Ok(named.id.clone());
    }
    let numbered = match (remote.searches.as_slice(), text.parse::<u32>()) {
        ([_], Ok(index)) => results.find(|result| result.index == index),
        _ => None,
    };
    let wrong = || {
        Stop::usage(format!(
            "`{}` is not a result: name one as `status` shows it",
            show::clean(text)
        ))
    };
    numbered.map(|result| result.id.clone()).ok_or_else(wrong)
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
        delivery.extract(out)?
    } else {
        Vec::new()
    };
    if global.json {
        println!("{}", delivery_json(&delivery, &files));
    } else {
        for file in &delivery.files {
            println!(
                "{} ({} bytes, SHA-256 {})",
                file.path.display(),
                file.len,
                file.sha256
            );
        }
        for file in &files {
            println!("  {}", file.display());
        }
    }
    Ok(Code::Done)
}

/// A delivery, and what was unpacked of it.
pub(crate) fn delivery_json(delivery: &Delivery, unpacked: &[PathBuf]) -> serde_json::Value {
    let file = |file: &DeliveredFile| json!({ "path": file.path, "name": file.name, "mime": file.mime, "len": file.len, "sha256": file.sha256 });
    let documents: Vec<_> = delivery.files.iter().map(file).collect();
    json!({ "documents": documents, "files": unpacked })
}

pub(crate) async fn resume(global: &Global, out: Option<&Path>) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    let resumed = context.client.resume_into(out).await?;
    if global.json {
        println!("{}", json!(resumed));
    } else {
        for one in &resumed {
            let what = match one.state {
                ResumedState::Advanced => "went on",
                ResumedState::Waiting => "waiting",
                ResumedState::NeedsAnswers => "needs the answers: submit it again under this reference",
                ResumedState::NeedsPerson => "needs a person: look the id up with the provider",
                ResumedState::Ready => {
                    "READY and not fetched: fetch it with `delivery`, or all with `resume --out`, before the provider deletes it"
                }
                ResumedState::Fetched => "was ready, is fetched now",
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
