//! The page at `/`: what was handed in and what it cost. It shows nothing of the applicants.

use std::fmt::Write as _;

use crate::{
    Charge, ChargeKind, Engine, SimResponse, Status, SubmissionView, delivery::moment, ledger::euros,
};

const STYLE: &str = include_str!("page.css");

/// The page, whole.
pub(crate) fn render(engine: &mut Engine, now_ms: u64) -> String {
    engine.advance(now_ms);
    let spent: i64 = engine.ledger().iter().map(|charge| charge.amount_cents).sum();
    let mut submissions: Vec<SubmissionView> = engine.submissions().collect();
    submissions.reverse();
    let mut html = String::from("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    html.push_str("<meta http-equiv=\"refresh\" content=\"2\">");
    html.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    html.push_str("<title>Sportello simulator</title><style>");
    html.push_str(STYLE);
    html.push_str("</style></head><body><header><div><h1>Sportello simulator</h1>");
    html.push_str("<p>Visengine 2 on this machine. Nothing here is sent or paid.</p></div>");
    let _ = write!(
        html,
        "<dl><div><dt>Wallet</dt><dd>{}</dd></div><div><dt>Charged</dt><dd>{}</dd></div>\
         <div><dt>Charges</dt><dd>{}</dd></div></dl></header><main>",
        money(engine.wallet_cents()),
        money(spent),
        engine.ledger().len()
    );
    submissions_table(&mut html, engine, &submissions);
    ledger_table(&mut html, engine.ledger());
    let _ = write!(
        html,
        "</main><footer>Clock: {} UTC</footer></body></html>",
        moment(now_ms)
    );
    html
}

/// The page as an answer. It loads nothing and runs nothing.
pub(crate) fn response(html: String) -> SimResponse {
    let mut response = SimResponse::bytes(200, "text/html; charset=utf-8", html.into_bytes());
    let more = [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ];
    response
        .headers
        .extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    response
}

fn submissions_table(html: &mut String, engine: &Engine, submissions: &[SubmissionView]) {
    html.push_str("<section><h2>Requests</h2>");
    if submissions.is_empty() {
        html.push_str("<p class=\"none\">None yet.</p></section>");
        return;
    }
    html.push_str("<table><thead><tr><th>Request</th><th>State</th><th>Timeline</th>");
    html.push_str("<th class=\"number\">Charged</th></tr></thead><tbody>");
    for submission in submissions {
        let charges = engine.charges(&submission.id);
        let charged: i64 = charges.iter().map(|charge| charge.amount_cents).sum();
        let _ = write!(
            html,
            "<tr><td><strong>{}</strong><code>{}</code></td><td>{}</td><td>{}</td>\
             <td class=\"number\">{}</td></tr>",
            escape(&submission.service),
            escape(&submission.id),
            state(submission),
            timeline(submission),
            if charges.is_empty() {
                "\u{2013}".to_owned()
            } else {
                money(charged)
            },
        );
    }
    html.push_str("</tbody></table></section>");
}

fn state(submission: &SubmissionView) -> String {
    let (class, text) = match (submission.committed, submission.status) {
        (false, Status::Cancelled) => ("dead", "Annullata (never committed)"),
        (false, _) => ("draft", "Draft"),
        (true, Status::Delivered) => ("done", Status::Delivered.text()),
        (true, Status::Cancelled) => ("dead", Status::Cancelled.text()),
        (true, status) => ("busy", status.text()),
    };
    format!("<span class=\"state {class}\">{text}</span>")
}

fn timeline(submission: &SubmissionView) -> String {
    let mut steps = vec![("Created", submission.created_ms)];
    steps.extend(
        submission
            .timeline
            .iter()
            .map(|(status, at_ms)| (status.text(), *at_ms)),
    );
    let mut html = String::from("<ol>");
    for (text, at_ms) in steps {
        let at = moment(at_ms);
        let _ = write!(
            html,
            "<li><time>{:02}:{:02}:{:02}</time> {text}</li>",
            at.hour, at.minute, at.second
        );
    }
    html + "</ol>"
}

fn ledger_table(html: &mut String, charges: &[Charge]) {
    html.push_str("<section><h2>Ledger</h2>");
    if charges.is_empty() {
        html.push_str("<p class=\"none\">Nothing charged yet.</p></section>");
        return;
    }
    html.push_str("<table><thead><tr><th>When</th><th>What</th><th>Request</th>");
    html.push_str("<th class=\"number\">Amount</th></tr></thead><tbody>");
    for charge in charges.iter().rev() {
        let kind = match charge.kind {
            ChargeKind::Submit => "Submit",
            ChargeKind::Search => "Search",
            ChargeKind::Choice => "Choice",
        };
        let note = if charge.note.is_empty() {
            String::new()
        } else {
            format!("<em>{}</em>", escape(&charge.note))
        };
        let _ = write!(
            html,
            "<tr><td><time>{}</time></td><td>{kind}{note}</td><td>{}<code>{}</code></td>\
             <td class=\"number\">{}</td></tr>",
            moment(charge.at_ms),
            escape(&charge.service),
            escape(&charge.submission),
            money(charge.amount_cents),
        );
    }
    html.push_str("</tbody></table></section>");
}

fn money(cents: i64) -> String {
    format!("{}\u{a0}\u{20ac}", euros(cents))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_name_is_text() {
        assert_eq!(escape("<b a=\"c\">&'"), "&lt;b a=&quot;c&quot;&gt;&amp;&#39;");
    }
}
