use serde_json::json;
use sportello::client::{EvidenceFinding, Reconciliation};
use sportello::journal::{Entry, PurchaseKind, PurchaseState, Stage};

use crate::args::Global;
use crate::commands::follow::stage;
use crate::exit::{Code, Stop};
use crate::{context, show};

pub(crate) async fn list(global: &Global, reference: Option<&str>) -> Result<Code, Stop> {
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
    println!("{}", show::count(entries.len(), "reference"));
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
        let kind = kind(purchase.kind);
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

fn kind(kind: PurchaseKind) -> String {
    match kind {
        PurchaseKind::Submit => "handing in".to_owned(),
        PurchaseKind::Choice => "choice".to_owned(),
        PurchaseKind::Search(number) => format!("search {number}"),
    }
}

/// What wants somebody's attention. Reads only.
pub(crate) async fn doctor(global: &Global, reconcile: bool) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    let entries = context.client.journal_entries().await?;
    let attention: Vec<(&Entry, &str)> = entries
        .iter()
        .filter_map(|entry| Some((entry, attention(entry)?)))
        .collect();
    let reconciled = match reconcile {
        true => Some(context.client.reconcile().await?),
        false => None,
    };
    if global.json {
        let attention: Vec<_> = attention
            .iter()
            .map(|(entry, what)| json!({ "reference": entry.key.reference, "id": entry.id, "what": what }))
            .collect();
        println!(
            "{}",
            json!({ "references": entries.len(), "attention": attention, "reconciliation": reconciled })
        );
    } else {
        for (entry, what) in &attention {
            println!("{:<24} {} — {what}", entry.key.reference, stage(entry.stage));
        }
        println!(
            "{}; to be looked at: {}",
            show::count(entries.len(), "reference"),
            attention.len()
        );
        if let Some(reconciled) = &reconciled {
            print_reconciliation(reconciled);
        }
    }
    let person = entries.iter().any(|entry| entry.stage == Stage::NeedsPerson);
    let differs = (reconciled.iter()).any(|found| found.purchases.iter().any(|one| !one.agrees()));
    Ok(if person || differs {
        Code::Person
    } else {
        Code::Done
    })
}

fn attention(entry: &Entry) -> Option<&'static str> {
    match entry.stage {
        Stage::Intent | Stage::Draft | Stage::Refused => {
            Some("unpaid: submit it again under this reference, or `abandon` it")
        }
        Stage::Committing => Some("`resume` finds out whether it was paid"),
        Stage::NeedsPerson => Some("look the id up with the provider"),
        Stage::Delivered if entry.files.is_empty() => {
            Some("READY and not fetched: `resume --out` fetches it before the provider deletes it")
        }
        _ if entry
            .purchases
            .iter()
            .any(|purchase| matches!(purchase.state, PurchaseState::Sending | PurchaseState::Unknown)) =>
        {
            Some("a choice or a search is not settled: the same command again, or a person")
        }
        _ => None,
    }
}

fn print_reconciliation(found: &Reconciliation) {
    println!();
    println!(
        "The journal and the account's charges, by amount and time. Evidence, not proof: charges name no submission."
    );
    for one in &found.purchases {
        let charge = match one.finding {
            EvidenceFinding::Charged => {
                format!("charged ({})", one.transaction.as_deref().unwrap_or("no id"))
            }
            EvidenceFinding::NotCharged => "no such charge".to_owned(),
        };
        println!(
            "  {} {:<24} {} · journal: {:?} · {} EUR net · {} · {charge}",
            if one.agrees() { "=" } else { "!" },
            one.reference,
            kind(one.purchase),
            one.state,
            one.price,
            show::when(one.sent_at / 1000),
        );
    }
    for charge in &found.unexplained {
        println!(
            "  ? {} EUR at {} ({}) is no purchase of this journal",
            charge.amount,
            show::when(charge.at / 1000),
            show::clean(&charge.transaction)
        );
    }
    let differing = found.purchases.iter().filter(|one| !one.agrees()).count();
    println!(
        "  {}, {differing} not as the charges say; {} unexplained",
        show::count(found.purchases.len(), "purchase"),
        show::count(found.unexplained.len(), "charge")
    );
}
