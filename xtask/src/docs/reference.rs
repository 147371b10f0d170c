//! The page of errors and findings, made from the table that the core is held to and the texts that the core wrote.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// The page, as Markdown.
pub(super) fn page(table: &str, texts: &str) -> Result<String> {
    let table: Value = serde_json::from_str(table)?;
    let list = |name: &str| -> Result<&Vec<Value>> {
        table
            .get(name)
            .and_then(Value::as_array)
            .with_context(|| format!("no `{name}`"))
    };
    let mut page = String::from(
        "# Errors and findings\n\nMade from the table that every language is tested against. A code is stable: programs branch on it. The text is for people and may change; \
         neither ever holds personal data or a token.\n\n*Again* says that the same verb with the same reference is safe and may succeed without a change. Errors of paid verbs say besides \
         what was charged: no, yes, or not known yet.\n\n## Errors of the verbs\n\n",
    );
    let mut family = String::new();
    for error in list("errors")? {
        let code = field(error, "code")?;
        let head = code.split('.').next().unwrap_or(code);
        if head != family {
            head.clone_into(&mut family);
            page.push_str(&format!(
                "\n### `{head}`\n\n| code | what is wrong, and what to do | again |\n|---|---|---|\n"
            ));
        }
        let again = error
            .get("retryable")
            .and_then(Value::as_bool)
            .context("no `retryable`")?;
        let again = if again { "yes" } else { "" };
        page.push_str(&format!(
            "| `{code}` | {} | {again} |\n",
            cell(field(error, "text")?)
        ));
    }
    page.push_str("\n## Errors of single rooms\n\nTheir texts say what exactly is wrong, and where.\n\n| room | codes |\n|---|---|\n");
    let rooms = table
        .get("rooms")
        .and_then(Value::as_object)
        .context("no `rooms`")?;
    for (room, codes) in rooms {
        let codes: Vec<String> = codes
            .as_array()
            .context("a room's codes")?
            .iter()
            .map(|code| format!("`{}`", code.as_str().unwrap_or_default()))
            .collect();
        page.push_str(&format!("| {room} | {} |\n", codes.join(", ")));
    }
    page.push_str(
        "\n## Findings\n\nAbout the answers: values, never errors. A *warning* is a likely mistake, and is handed in only when it was accepted by its code. \
         What stands in braces is filled in.\n\n| code | | text |\n|---|---|---|\n",
    );
    let findings = list("findings")?;
    let texts = english(texts)?;
    ensure!(
        findings.len() == texts.len(),
        "{} findings have {} texts",
        findings.len(),
        texts.len()
    );
    for (finding, text) in findings.iter().zip(texts) {
        let (code, severity) = (field(finding, "code")?, field(finding, "severity")?);
        page.push_str(&format!("| `{code}` | {severity} | {} |\n", cell(&text)));
    }
    Ok(page)
}

fn field<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value
        .get(name)
        .and_then(Value::as_str)
        .with_context(|| format!("no `{name}`"))
}

/// The texts of findings out of the table that the core writes for JavaScript: one JSON string a line, in the order of the findings.
fn english(texts: &str) -> Result<Vec<String>> {
    texts
        .lines()
        .skip_while(|line| line.trim() != "findings: [")
        .skip(1)
        .take_while(|line| line.trim() != "],")
        .map(|line| {
            serde_json::from_str(line.trim().trim_end_matches(','))
                .with_context(|| format!("reading `{line}`"))
        })
        .collect()
}

/// A text within a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_in_the_page() {
        let repo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let table = std::fs::read_to_string(repo.join("core/vectors/errors.json")).unwrap();
        let texts = std::fs::read_to_string(repo.join("bindings-wasm/js/src/texts/en.ts")).unwrap();
        let page = page(&table, &texts).unwrap();
        let mut codes = 0;
        for code in super::super::sources::codes(&table) {
            assert!(page.contains(&format!("`{code}`")), "{code}");
            codes += 1;
        }
        assert!(codes > 150, "{codes}");
        assert!(page.contains("| `required.missing` | error | "));
    }
}
