//! The page at `/`: what was handed in and what it cost. It shows nothing of the applicants.

use std::fmt::Write as _;

use crate::{
    Api, Charge, ChargeKind, Engine, RequestState, RequestView, SimResponse, Status, SubmissionView,
    delivery::moment, ledger::euros,
};

const STYLE: &str = include_str!("page.css");

/// The page, whole.
pub(crate) fn render(engine: &mut Engine, now_ms: u64) -> String {
    engine.advance(now_ms);
    let spent: i64 = engine.ledger().iter().map(|charge| charge.amount_cents).sum();
    let mut rows: Vec<Row> = engine
        .submissions()
        .map(|seen| Row::of_visengine(&seen))
        .chain(engine.requests().map(|seen| Row::of_docuengine(&seen)))
        .collect();
    rows.sort_by(|one, other| (other.created_ms, &other.id).cmp(&(one.created_ms, &one.id)));
    let mut html = String::from("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    html.push_str("<meta http-equiv=\"refresh\" content=\"2\">");
    html.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    html.push_str("<title>Sportello simulator</title><style>");
    html.push_str(STYLE);
    html.push_str("</style></head><body><header><div><h1>Sportello simulator</h1>");
    html.push_str(
        "<p>Visengine 2, DocuEngine and OAuth on this machine. Nothing here is sent or paid.</p></div>",
    );
    let _ = write!(
        html,
        "<dl><div><dt>Wallet</dt><dd>{}</dd></div><div><dt>Charged</dt><dd>{}</dd></div>\
         <div><dt>Charges</dt><dd>{}</dd></div></dl></header><main>",
        money(engine.wallet_cents()),
        money(spent),
        engine.ledger().len()
    );
    requests_table(&mut html, engine, &rows);
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

/// A request of either API, as the page shows it.
struct Row {
    api: Api,
    id: String,
    name: String,
    created_ms: u64,
    /// A class of the style sheet, and the words.
    state: (&'static str, &'static str),
    steps: Vec<(&'static str, u64)>,
}

impl Row {
    fn of_visengine(seen: &SubmissionView) -> Self {
        let steps = seen
            .timeline
            .iter()
            .map(|(status, at_ms)| (status.text(), *at_ms));
        Self {
            api: Api::Visengine,
            id: seen.id.clone(),
            name: seen.service.clone(),
            created_ms: seen.created_ms,
            state: match (seen.committed, seen.status) {
                (false, Status::Cancelled) => ("dead", "Annullata (never committed)"),
                (false, _) => ("draft", "Draft"),
                (true, Status::Delivered) => ("done", Status::Delivered.text()),
                (true, Status::Cancelled) => ("dead", Status::Cancelled.text()),
                (true, status) => ("busy", status.text()),
            },
            steps: steps.collect(),
        }
    }

    fn of_docuengine(seen: &RequestView) -> Self {
        let steps = seen.timeline.iter().map(|(state, at_ms)| (state.text(), *at_ms));
        Self {
            api: Api::Docuengine,
            id: seen.id.clone(),
            name: seen.name.clone(),
            created_ms: seen.created_ms,
            state: match (seen.committed, seen.state) {
                (false, RequestState::Cancelled) => ("dead", "CANCELLED (never committed)"),
                (false, _) => ("draft", "NEW"),
                (true, RequestState::Done) => ("done", "DONE"),
                (true, RequestState::Cancelled) => ("dead", "CANCELLED"),
                (true, state) => ("busy", state.text()),
            },
            steps: steps.collect(),
        }
    }
}

fn api_name(api: Api) -> &'static str {
    match api {
        Api::Visengine => "Visengine 2",
        Api::Docuengine => "DocuEngine",
        Api::Oauth => "OAuth",
        Api::Storage => "Storage",
    }
}

fn requests_table(html: &mut String, engine: &Engine, rows: &[Row]) {
    html.push_str("<section><h2>Requests</h2>");
    if rows.is_empty() {
        html.push_str("<p class=\"none\">None yet.</p></section>");
        return;
    }
    html.push_str("<table><thead><tr><th>Request</th><th>API</th><th>State</th><th>Timeline</th>");
    html.push_str("<th class=\"number\">Charged</th></tr></thead><tbody>");
    for row in rows {
        let charges = engine.charges(&row.id);
        let charged: i64 = charges.iter().map(|charge| charge.amount_cents).sum();
        let (class, text) = row.state;
        let _ = write!(
            html,
            "<tr><td><strong>{}</strong><code>{}</code></td><td>{}</td>\
             <td><span class=\"state {class}\">{text}</span></td><td>{}</td>\
             <td class=\"number\">{}</td></tr>",
            escape(&row.name),
            escape(&row.id),
            api_name(row.api),
            timeline(row),
            if charges.is_empty() {
                "\u{2013}".to_owned()
            } else {
                money(charged)
            },
        );
    }
    html.push_str("</tbody></table></section>");
}

fn timeline(row: &Row) -> String {
    let mut html = String::from("<ol>");
    for (text, at_ms) in std::iter::once(&("Created", row.created_ms)).chain(&row.steps) {
        let at = moment(*at_ms);
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
    html.push_str("<table><thead><tr><th>When</th><th>What</th><th>API</th><th>Request</th>");
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
            "<tr><td><time>{}</time></td><td>{kind}{note}</td><td>{}</td><td>{}<code>{}</code></td>\
             <td class=\"number\">{}</td></tr>",
            moment(charge.at_ms),
            api_name(charge.api),
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
