use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use sportello::client::{Client, Submission, SubmitRequest};
use sportello::model::Progress;
use sportello::{Money, Quote, Report, Service, Severity};

use crate::args::{self, Global};
use crate::commands::follow::{delivery_json, ended, print_submission};
use crate::exit::{Code, Stop};
use crate::{answers, context, show};

pub(crate) async fn quote(global: &Global, service: &str, options: &[String]) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    let service = context.client.service(service).await?;
    let quote = context.client.quote_with_credit(&service, options).await?;
    if global.json {
        println!("{}", json!(quote));
    } else {
        show::quote(&quote, &service);
    }
    Ok(Code::Done)
}

/// What is about to be handed in, everything asked that a person must be asked.
struct Ready {
    request: SubmitRequest,
    quote: Quote,
    service: Service,
    again: String,
}

pub(crate) async fn submit(global: &Global, wanted: &args::Submit) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    let ready = ready(global, wanted, &context.client, None).await?;
    let bar = bar(global, 5);
    let outcome = hand_in(&context.client, ready.request, &bar).await;
    bar.finish_and_clear();
    let submission = outcome.map_err(|error| Stop::from(error).again(ready.again))?;
    print_submission(global, &submission);
    Ok(Code::Done)
}

pub(crate) async fn apply(global: &Global, wanted: &args::Submit, out: &Path) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    let client = &context.client;
    let ready = ready(global, wanted, client, Some(out)).await?;
    let again = |stop: Stop| stop.again(ready.again.clone());
    let bar = bar(global, 9);
    let submission = hand_in(client, ready.request.clone(), &bar)
        .await
        .map_err(|error| again(error.into()))?;
    let reference = submission.reference.clone();
    let mut watch = client.watch(&reference).await?;
    let mut last = submission.remote.clone();
    while let Some(update) = watch.next().await {
        let update = update.map_err(|error| again(error.into()))?;
        let place = match update.remote.progress {
            Progress::Processing => 6,
            Progress::DataReady => 7,
            Progress::Delivered => 8,
            _ => 5,
        };
        bar.set_position(place);
        bar.set_message(format!(
            "{} ({})",
            show::progress(update.remote.progress),
            show::clean(&update.remote.status)
        ));
        last = Some(update.remote);
    }
    let delivered = last
        .as_ref()
        .is_some_and(|remote| remote.progress == Progress::Delivered);
    let delivery = if delivered {
        bar.set_message("fetching the documents");
        let delivery = client
            .delivery(&reference, out)
            .await
            .map_err(|error| again(error.into()))?;
        let files = delivery.extract(out).map_err(|error| again(error.into()))?;
        Some((delivery, files))
    } else {
        None
    };
    bar.finish_and_clear();
    let mut submission = client.status(&reference).await?;
    if submission.remote.is_none() {
        submission.remote = last;
    }
    let progress = submission
        .remote
        .as_ref()
        .map_or(Progress::Unknown, |remote| remote.progress);
    if global.json {
        let delivery = delivery
            .as_ref()
            .map(|(delivery, files)| delivery_json(delivery, files));
        println!(
            "{}",
            json!({ "submission": submission, "quote": ready.quote, "delivery": delivery })
        );
        return Ok(ended(progress));
    }
    receipt(&submission, &ready.quote, &ready.service);
    if let Some((delivery, files)) = &delivery {
        let mut title = "documents";
        for file in &delivery.files {
            println!(
                "  {:<10} {} ({} bytes)",
                std::mem::take(&mut title),
                file.path.display(),
                file.len
            );
        }
        for file in files {
            println!("             {}", file.display());
        }
    }
    println!();
    println!("{}", what_next(progress, &reference));
    if let Some(simulator) = &context.simulator {
        let charges = simulator.ledger();
        let total: i64 = charges.iter().map(|charge| charge.amount_cents).sum();
        let noun = if charges.len() == 1 { "charge" } else { "charges" };
        println!(
            "Simulated: the ledger holds {} {noun}, {} EUR.",
            charges.len(),
            Money::from_cents(total)
        );
    }
    Ok(ended(progress))
}

fn receipt(submission: &Submission, quote: &Quote, service: &Service) {
    println!("RECEIPT  {}", show::clean(&service.name));
    println!("  reference  {}", submission.reference);
    println!("  id         {}", submission.id.as_deref().unwrap_or("—"));
    println!(
        "  price      {} EUR net + {} EUR VAT = {} EUR",
        quote.due_now,
        quote.due_now.vat(),
        quote.due_now.gross()
    );
    if !quote.options.is_empty() {
        println!("             with {}", quote.options.join(", "));
    }
    println!("  charged    {}", submission.charged.as_str());
    println!("  begun      {}", show::when(submission.created_at / 1000));
    if let Some(remote) = &submission.remote {
        for (state, at) in &remote.timeline {
            println!(
                "             {}  {}",
                show::when(*at),
                show::clean(&state.replace('_', " "))
            );
        }
        if let Some(note) = &remote.note {
            println!(
                "  the office says: {} (code {})",
                show::clean(&note.info),
                show::clean(&note.code)
            );
        }
    }
}

fn what_next(progress: Progress, reference: &str) -> String {
    match progress {
        Progress::Delivered => {
            "What happens next: keep the documents. The provider deletes its copy after a while; the office answers the applicant directly."
                .to_owned()
        }
        Progress::ChoiceNeeded => {
            format!("What happens next: several results were found. See them with `sportello status {reference}`, then `sportello choose {reference} RESULT`.")
        }
        Progress::NoResults => "What happens next: the search found nothing, so there is nothing to deliver.".to_owned(),
        Progress::Cancelled => {
            "What happens next: the office cancelled it. There is no call to refund; ask the provider with the id above.".to_owned()
        }
        _ => format!("What happens next: `sportello watch {reference}` follows it."),
    }
}

async fn hand_in(
    client: &Client,
    request: SubmitRequest,
    bar: &ProgressBar,
) -> Result<Submission, sportello::SportelloError> {
    let shown = bar.clone();
    let request = request.on_progress(move |progress| {
        let (place, message) = match progress.doing {
            "opening" => (1, "opening a draft".to_owned()),
            "filling" => (2, "filling it in".to_owned()),
            "uploading" if progress.total > 0 => (
                2,
                format!("uploading, {} %", progress.sent * 100 / progress.total),
            ),
            "uploading" => (2, "uploading".to_owned()),
            "verifying" => (3, "looking at it again before paying".to_owned()),
            "committing" => (4, "handing in".to_owned()),
            "settling" => (4, "no clear answer: finding out, without paying twice".to_owned()),
            "over" => (5, "handed in".to_owned()),
            _ => return,
        };
        shown.set_position(place);
        shown.set_message(message);
    });
    client.submit(request).await
}

/// Reads, checks, quotes and asks. Everything that a person decides is decided here, before anything is paid.
async fn ready(
    global: &Global,
    wanted: &args::Submit,
    client: &Client,
    out: Option<&Path>,
) -> Result<Ready, Stop> {
    let answers = answers::read(&wanted.answers)?;
    let reference = match &wanted.reference {
        Some(reference) => {
            sportello::client::check_reference(reference)?;
            reference.clone()
        }
        None => client.reference_for(&wanted.service, &answers).await?,
    };
    let again = again(global, wanted, &reference, out);
    let embedded = global.simulator && global.base_url.is_none();
    if !(global.json || embedded) {
        eprintln!("reference {reference}; should anything happen, go on with:\n  {again}");
    }
    let service = client.service(&wanted.service).await?;
    let accepted = accept(global, wanted, &service, &client.check(&service, &answers))?;
    let quote = client.quote(&service, &wanted.options)?;
    let price = ask_price(global, wanted.confirm_price.as_deref(), quote.due_now)?;
    let mut request = SubmitRequest::new(service.clone(), answers, &reference).confirm_price(price);
    for option in &wanted.options {
        request = request.option(option);
    }
    for code in accepted {
        request = request.accept_warning(code);
    }
    if let Some(url) = &wanted.callback_url {
        request = request.callback_url(url);
    }
    if let Some(address) = &wanted.notify_email {
        request = request.notify_email(address);
    }
    if wanted.allow_duplicate {
        request = request.allow_duplicate();
    }
    Ok(Ready {
        request,
        quote,
        service,
        again,
    })
}

/// Shows what the check found; gives back the warnings' codes that are accepted.
fn accept(
    global: &Global,
    wanted: &args::Submit,
    service: &Service,
    report: &Report,
) -> Result<Vec<String>, Stop> {
    let mut accepted = wanted.accept_warnings.clone();
    if report.is_ok() {
        for finding in report
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Warning)
        {
            let code = finding.code.as_str();
            if accepted.iter().any(|known| known == code) {
                continue;
            }
            if !can_ask(global) {
                // The submission itself refuses it and lists every warning.
                return Ok(accepted);
            }
            eprintln!("{}", show::finding(finding, service, global.language()));
            if !yes("Have you looked, and is it right?")? {
                return Err(Stop::refused("not handed in: correct the answer, then go on"));
            }
            accepted.push(code.to_owned());
        }
    }
    Ok(accepted)
}

/// The confirmed net price: as given, or as a person on the terminal confirms it. The embedded simulator costs nothing.
pub(crate) fn ask_price(global: &Global, given: Option<&str>, due: Money) -> Result<String, Stop> {
    match given {
        Some(price) => Ok(price.to_owned()),
        None if global.simulator => Ok(due.to_string()),
        None if can_ask(global) => {
            eprintln!(
                "This will be charged now: {due} EUR net, {} EUR with VAT.",
                due.gross()
            );
            match yes("Pay it?")? {
                true => Ok(due.to_string()),
                false => Err(Stop::refused("not handed in, nothing was paid")),
            }
        }
        None => Err(Stop::refused(format!(
            "nothing was paid: confirm the net price with --confirm-price {due}"
        ))),
    }
}

fn can_ask(global: &Global) -> bool {
    !global.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

fn yes(question: &str) -> Result<bool, Stop> {
    eprint!("{question} [y/N] ");
    let io = |error: std::io::Error| Stop::local(format!("the terminal: {error}"));
    std::io::stderr().flush().map_err(io)?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(io)?;
    Ok(matches!(
        line.trim().to_lowercase().as_str(),
        "y" | "yes" | "s" | "sì" | "si" | "o" | "oui" | "j" | "ja"
    ))
}

/// The command that goes on with this submission.
fn again(global: &Global, wanted: &args::Submit, reference: &str, out: Option<&Path>) -> String {
    let mut words = vec!["sportello".to_owned()];
    if global.simulator {
        words.push("--simulator".to_owned());
    }
    match global.environment {
        Some(args::Environment::Sandbox) => words.extend(["--environment", "sandbox"].map(str::to_owned)),
        Some(args::Environment::Production) => {
            words.extend(["--environment", "production"].map(str::to_owned))
        }
        None => {}
    }
    let mut pair = |name: &str, value: &str| words.extend([name.to_owned(), quoted(value)]);
    if let Some(provider) = (global.provider != args::Provider::default())
        .then(|| global.provider.to_possible_value())
        .flatten()
    {
        pair("--provider", provider.get_name());
    }
    if let Some(file) = &global.credentials_file {
        pair("--credentials-file", &file.display().to_string());
    }
    if let Some(url) = &global.oauth_url {
        pair("--oauth-url", url);
    }
    if let Some(url) = &global.base_url {
        pair("--base-url", url);
    }
    if let Some(file) = &global.token_file {
        pair("--token-file", &file.display().to_string());
    }
    if let Some(file) = &global.journal {
        pair("--journal", &file.display().to_string());
    }
    if global.account != "default" {
        pair("--account", &global.account);
    }
    words.push(if out.is_some() { "apply" } else { "submit" }.to_owned());
    words.push(quoted(&wanted.service));
    let mut pair = |name: &str, value: &str| words.extend([name.to_owned(), quoted(value)]);
    pair("--answers", &wanted.answers.display().to_string());
    pair("--reference", reference);
    for option in &wanted.options {
        pair("--option", option);
    }
    for code in &wanted.accept_warnings {
        pair("--accept-warning", code);
    }
    if let Some(url) = &wanted.callback_url {
        pair("--callback-url", url);
    }
    if let Some(address) = &wanted.notify_email {
        pair("--notify-email", address);
    }
    if let Some(price) = &wanted.confirm_price {
        pair("--confirm-price", price);
    }
    if let Some(out) = out {
        pair("--out", &out.display().to_string());
    }
    words.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn bar(global: &Global, places: u64) -> ProgressBar {
    if global.json {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(places);
    if let Ok(style) = ProgressStyle::with_template("{spinner} [{bar:24}] {msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
