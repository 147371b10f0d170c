//! What a person reads. The provider's words are shown as they are, after control characters were taken out of them.

use sportello::check::Subject;
use sportello::flow::Update;
use sportello::model::{Estimate, OfficeNote, Progress, RemoteSubmission};
use sportello::{Field, FieldKind, Finding, Lang, Money, Quote, Report, Service, Severity};
use time::OffsetDateTime;

/// Text from afar, safe for a terminal: no escape sequences, no line breaks.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// `2026-11-23 10:15 UTC` of Unix seconds.
pub(crate) fn when(seconds: u64) -> String {
    let format = time::macros::format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    let at = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    at.and_then(|at| at.format(&format).ok())
        .unwrap_or_else(|| "?".to_owned())
}

pub(crate) fn service(service: &Service) {
    println!("{}  ({})", clean(&service.name), clean(&service.category));
    println!("id {}", service.id);
    match service.price {
        Some(price) => println!("price {price} EUR net, {} EUR with VAT", price.gross()),
        None => println!("price: not given by the provider"),
    }
    if service.has_search {
        let price = service
            .search_price
            .map_or_else(|| "?".to_owned(), |price| price.to_string());
        println!("searches first, {price} EUR net a search; the price above is due when a result is chosen");
    }
    for option in &service.options {
        println!("option {}: {} EUR net more", clean(&option.name), option.price);
    }
    println!();
    let width = service
        .form
        .fields
        .iter()
        .map(|field| clean(&field.label).chars().count())
        .max()
        .unwrap_or(0)
        .min(60);
    for field in &service.form.fields {
        let mark = if field.required { "*" } else { " " };
        let label: String = clean(&field.label).chars().take(60).collect();
        println!(
            "{mark} {:<5} {label:<width$}  {:<24} {}",
            field.key,
            kind(field),
            field.slug
        );
    }
    println!();
    println!("* required. An answer may be keyed by $n, by label, or by the name on the right.");
}

fn kind(field: &Field) -> String {
    match field.kind {
        FieldKind::Unknown => format!("text ({})", clean(&field.wire_kind)),
        kind => kind.as_str().replace('_', " "),
    }
}

/// What a field is called: in the reader's language where it is recognised, beside the provider's own label, which is Italian.
fn label(field: &Field, lang: Lang) -> String {
    let own = clean(&field.label);
    let of_applicant = field
        .recognised
        .filter(|it| it.subject == Subject::Applicant && it.number == 0);
    match of_applicant.map(|it| it.role.label(lang)) {
        Some(label) if lang != Lang::It && !label.eq_ignore_ascii_case(&own) => {
            format!("{label} — {own} ({})", field.key)
        }
        _ => format!("{own} ({})", field.key),
    }
}

/// One finding with the field it is about.
pub(crate) fn finding(finding: &Finding, service: &Service, lang: Lang) -> String {
    let mark = match finding.severity {
        Severity::Error => "✗",
        Severity::Warning => "!",
    };
    let field = finding.field.as_deref().and_then(|key| service.form.field(key));
    let label = field.map_or_else(|| "—".to_owned(), |field| label(field, lang));
    format!(
        "{mark} {label}\n    {}  [{}]",
        finding.text(lang),
        finding.code.as_str()
    )
}

/// What is said around the findings.
struct Words {
    missing: &'static str,
    or: &'static str,
    complete: &'static str,
    to_correct: [&'static str; 2],
    to_look_at: [&'static str; 2],
}

const fn words(lang: Lang) -> Words {
    match lang {
        Lang::It => Words {
            missing: "manca ancora:",
            or: "oppure:",
            complete: "le risposte sono complete e giuste, per quanto si può dire da qui",
            to_correct: ["da correggere", "da correggere"],
            to_look_at: ["da ricontrollare", "da ricontrollare"],
        },
        Lang::En => Words {
            missing: "still missing:",
            or: "or:",
            complete: "the answers are complete and right as far as this machine can tell",
            to_correct: ["to correct", "to correct"],
            to_look_at: ["to look at", "to look at"],
        },
        Lang::Fr => Words {
            missing: "il manque encore :",
            or: "ou :",
            complete: "les réponses sont complètes et exactes, pour autant qu’on puisse le dire d’ici",
            to_correct: ["réponse à corriger", "réponses à corriger"],
            to_look_at: ["à vérifier", "à vérifier"],
        },
        Lang::De => Words {
            missing: "Es fehlt noch:",
            or: "oder:",
            complete: "Die Angaben sind vollständig und richtig, soweit sich das von hier sagen lässt",
            to_correct: ["Angabe zu berichtigen", "Angaben zu berichtigen"],
            to_look_at: ["zu prüfen", "zu prüfen"],
        },
    }
}

pub(crate) fn report(report: &Report, service: &Service, lang: Lang) {
    let words = words(lang);
    for one in &report.findings {
        println!("{}", finding(one, service, lang));
    }
    let name = |key: &String| {
        let field = service.form.field(key);
        field.map_or_else(|| key.clone(), |field| label(field, lang))
    };
    // One way to complete the answers is what the findings said already; several are a choice to be shown.
    if report.missing.sets.len() > 1 {
        println!();
        for (index, set) in report.missing.sets.iter().enumerate() {
            let names: Vec<String> = set.iter().map(name).collect();
            let word = if index == 0 { words.missing } else { words.or };
            println!("{word} {}", names.join(", "));
        }
    }
    let is_warning = |finding: &&Finding| finding.severity == Severity::Warning;
    let warnings = report.findings.iter().filter(is_warning).count();
    let errors = report.findings.len() - warnings;
    let count = |number: usize, [one, several]: [&str; 2]| {
        format!("{number} {}", if number == 1 { one } else { several })
    };
    println!();
    match (errors, warnings) {
        (0, 0) => println!("✓ {}", words.complete),
        (0, warnings) => println!("✓ {}", count(warnings, words.to_look_at)),
        (errors, 0) => println!("✗ {}", count(errors, words.to_correct)),
        (errors, warnings) => {
            println!(
                "✗ {}, {}",
                count(errors, words.to_correct),
                count(warnings, words.to_look_at)
            );
        }
    }
}

pub(crate) fn quote(quote: &Quote, service: &Service) {
    println!("{}", clean(&service.name));
    let line = |what: &str, amount: Money| println!("  {what:<28} {:>10} EUR", amount.to_string());
    line("due when handed in, net", quote.due_now);
    if quote.due_on_choice != Money::ZERO {
        line("due when a result is chosen", quote.due_on_choice);
    }
    line("VAT", quote.vat);
    line("total with VAT", quote.gross);
    if !quote.options.is_empty() {
        println!("  with {}", quote.options.join(", "));
    }
    if let Some(credit) = quote.credit {
        line("the account holds", credit);
    }
}

/// What a person reads of a state.
pub(crate) fn progress(progress: Progress) -> &'static str {
    match progress {
        Progress::Draft => "not handed in yet",
        Progress::Searching => "search under way",
        Progress::ChoiceNeeded => "several results: choose one",
        Progress::NoResults => "the search found nothing",
        Progress::Processing => "the office is working on it",
        Progress::DataReady => "data ready, documents being made",
        Progress::Delivered => "documents ready",
        Progress::Cancelled => "cancelled by the office",
        Progress::Unknown => "in a state this version does not know",
    }
}

pub(crate) fn update(update: &Update) {
    let remote = &update.remote;
    println!(
        "{}  {}  ({}){}",
        when(update.seen_at / 1000),
        progress(remote.progress),
        clean(&remote.status),
        update
            .expected
            .map(|estimate| format!(", expected {}", expected(&estimate)))
            .unwrap_or_default()
    );
}

/// `1 reference`, `2 references`.
pub(crate) fn count(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// When the office is expected to be done.
pub(crate) fn expected(estimate: &Estimate) -> String {
    format!(
        "by {}, from {} at the earliest, if the documents are complete",
        when(estimate.latest / 1000),
        when(estimate.earliest / 1000)
    )
}

pub(crate) fn remote(remote: &RemoteSubmission, lang: Lang) {
    println!(
        "  state      {} ({})",
        progress(remote.progress),
        clean(&remote.status)
    );
    for (state, at) in &remote.timeline {
        println!("             {}  {}", when(*at), clean(&state.replace('_', " ")));
    }
    if !remote.files.is_empty() {
        println!(
            "  documents  {}",
            remote
                .files
                .iter()
                .map(|name| clean(name))
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
    if let Some(OfficeNote { code, info }) = &remote.note {
        println!("  the office says: {} (code {})", clean(info), clean(code));
    }
    println!("  next       {}", remote.next_step().text(lang));
    for search in &remote.searches {
        for result in &search.results {
            println!("  result {}: {}", result.index, clean(result.id.as_str()));
            for (name, value) in result.values.iter().take(12) {
                println!("    {:<28} {}", clean(name), clean(value));
            }
        }
    }
}
