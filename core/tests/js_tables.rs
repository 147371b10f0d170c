//! The tables that JavaScript has of the core's: codes, kinds, roles, and the texts of each language. They are compared with what stands in
//! `bindings-wasm/js`; `SPORTELLO_WRITE=1 cargo test -p sportello --test js_tables` writes them anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use sportello::check::{FieldRole, FindingCode, Lang, MAX_FILE_BYTES, Severity};
use sportello::error::ErrorCode;
use sportello::flow::Update;
use sportello::journal::Stage;
use sportello::model::{FieldKind, Phase, Progress, RemoteSubmission, ServiceSummary, delivery_estimate};
use sportello::verb::{Resumed, ResumedState, Submission};
use sportello::{Answers, Charged, Finding, Service};

const NOTE: &str = "// Written by core/tests/js_tables.rs: not by hand.\n";
const LANGS: [(&str, Lang); 4] = [
    ("it", Lang::It),
    ("en", Lang::En),
    ("fr", Lang::Fr),
    ("de", Lang::De),
];

fn compare(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../bindings-wasm/js")
        .join(name);
    if std::env::var_os("SPORTELLO_WRITE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, made).unwrap();
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stands == made,
        "bindings-wasm/js/{name} is not what the core says; write it anew with SPORTELLO_WRITE=1"
    );
}

fn union(out: &mut String, doc: &str, name: &str, members: &[&str]) {
    let members: Vec<String> = members.iter().map(|member| format!("  | \"{member}\"")).collect();
    write!(
        out,
        "\n/** {doc} */\nexport type {name} =\n{};\n",
        members.join("\n")
    )
    .unwrap();
}

#[test]
fn codes_kinds_and_roles() {
    let mut out = NOTE.to_owned();
    let codes: Vec<&str> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
    let kinds: Vec<&str> = FieldKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let roles: Vec<&str> = FieldRole::ALL.iter().map(|role| role.as_str()).collect();
    union(
        &mut out,
        "What a finding says. Stable: programs branch on it.",
        "FindingCode",
        &codes,
    );
    union(&mut out, "What a field asks for.", "FieldKind", &kinds);
    union(
        &mut out,
        "What a field asks for beyond its kind, where that is recognised.",
        "FieldRole",
        &roles,
    );
    let phases = Phase::ALL.map(Phase::as_str);
    let progress = Progress::ALL.map(Progress::as_str);
    let errors: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    union(
        &mut out,
        "Where a submission stands as far as money is concerned.",
        "Phase",
        &phases,
    );
    union(&mut out, "How far the office has come.", "Progress", &progress);
    union(
        &mut out,
        "Why a verb of the client's did not do what was asked. Stable: programs branch on it. Rooms of their own (`schema.…`, `journal.…`, `pages.…`) have others.",
        "ErrorCode",
        &errors,
    );
    out.push_str("\n/** Every code by its number, and whether it is an error. */\nexport const CODES: readonly (readonly [FindingCode, boolean])[] = [\n");
    for (number, code) in FindingCode::ALL.iter().enumerate() {
        // The number is what passes between the two sides.
        assert_eq!(*code as usize, number);
        writeln!(out, "  [\"{code}\", {}],", code.severity() == Severity::Error).unwrap();
    }
    out.push_str(
        "];\n\n/** The roles in the order of their texts. */\nexport const ROLES: readonly FieldRole[] = [\n",
    );
    for role in roles {
        writeln!(out, "  \"{role}\",").unwrap();
    }
    out.push_str("];\n");
    writeln!(
        out,
        "\n/** The largest file that is accepted, in bytes: 100 MiB. */\nexport const FILE_LIMIT_BYTES = {MAX_FILE_BYTES};"
    )
    .unwrap();
    compare("src/tables.ts", &out);
}

#[test]
fn texts() {
    for (tag, lang) in LANGS {
        let findings: Vec<String> = FindingCode::ALL
            .iter()
            .map(|code| Finding::new(*code).text(lang))
            .collect();
        let roles: Vec<[&str; 2]> = FieldRole::ALL
            .iter()
            .map(|role| [role.label(lang), role.help(lang)])
            .collect();
        let made = format!(
            "{NOTE}import type {{ Texts }} from \"../text.js\";\n\nexport const {tag}: Texts = {{\n  lang: \"{tag}\",\n  findings: {},\n  roles: {},\n}};\n",
            serde_json::to_string_pretty(&findings).unwrap(),
            serde_json::to_string(&roles).unwrap(),
        );
        compare(&format!("src/texts/{tag}.ts"), &made);
    }
}

/// Findings, reports and fields as the core makes them, for the compiler to hold against the declared types, and for the tests to hold against what
/// JavaScript makes of the same answers: texts included.
#[test]
fn shapes() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/form");
    let mut out = format!("{NOTE}import type {{ Answers, Field, Finding, Report }} from \"sportello\";\n\n");
    out.push_str("export const shapes = [\n");
    let mut files: Vec<_> = std::fs::read_dir(vectors)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    for path in files {
        let file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let form = Service::from_json(&file["service"].to_string()).unwrap().form;
        let name = path.file_stem().unwrap().to_string_lossy();
        for field in &form.fields {
            let mut shown = json!(field);
            shown["input"] = json!(field.input());
            writeln!(out, "  {{ form: \"{name}\", field: {shown} satisfies Field }},").unwrap();
        }
        for case in file["cases"].as_array().unwrap() {
            let answers: Answers = serde_json::from_value(case["answers"].clone()).unwrap();
            let report = form.check(&answers);
            if report.findings.is_empty() || case["answers"].to_string().len() > 2000 {
                continue;
            }
            let shown = |finding: &Finding| {
                let mut shown = json!(finding);
                let texts = LANGS.map(|(tag, lang)| (tag.to_owned(), json!(finding.text(lang))));
                shown["texts"] = serde_json::Value::Object(texts.into_iter().collect());
                shown
            };
            let findings: Vec<String> = (report.findings.iter())
                .map(|finding| format!("{} satisfies Finding", shown(finding)))
                .collect();
            writeln!(
                out,
                "  {{\n    form: \"{name}\",\n    answers: {} satisfies Answers,\n    report: {{ ok: {}, findings: [{}], missing: {} }} satisfies Report,\n  }},",
                case["answers"],
                report.is_ok(),
                findings.join(", "),
                json!(report.missing),
            )
            .unwrap();
        }
    }
    out.push_str("];\n");
    compare("test/shapes.ts", &out);
}

/// What the client's verbs give, for the compiler to hold against the declared types: each union has exactly the core's names.
#[test]
fn client_shapes() {
    let mut out = format!(
        "{NOTE}import type {{ Charged, Phase, Progress, RemoteSubmission, Resumed, ServiceSummary, Stage, Submission, SubmissionUpdate }} from \"sportello\";\n\n"
    );
    let exact = |out: &mut String, of: &str, names: &[Value]| {
        let names: Vec<String> = names.iter().map(|name| format!("{name}: true")).collect();
        writeln!(
            out,
            "export const {} = {{ {} }} satisfies Record<{of}, true>;",
            of.split(['[', '"']).next().unwrap().to_lowercase() + if of.contains('[') { "State" } else { "" },
            names.join(", ")
        )
        .unwrap();
    };
    exact(&mut out, "Stage", &STAGES.map(|stage| json!(stage)));
    exact(&mut out, "Phase", &Phase::ALL.map(|phase| json!(phase)));
    exact(
        &mut out,
        "Progress",
        &Progress::ALL.map(|progress| json!(progress)),
    );
    exact(&mut out, "Charged", &CHARGED.map(|charged| json!(charged)));
    exact(&mut out, "Resumed[\"state\"]", &RESUMED.map(|state| json!(state)));
    let (full, bare) = (remote(true), remote(false));
    let estimate = delivery_estimate(1_772_787_600_000);
    let submission = |remote: Option<RemoteSubmission>| Submission {
        reference: "rosalia-2026".to_owned(),
        id: remote.as_ref().map(|remote| remote.id.clone()),
        service_id: "224fcc".to_owned(),
        service_name: "Domanda Assegno Unico".to_owned(),
        stage: Stage::Committed,
        charged: Charged::Yes,
        price: remote.as_ref().and_then(|remote| remote.price),
        created_at: 1_772_787_600_000,
        updated_at: 1_772_787_600_000,
        expected: remote.as_ref().map(|_| estimate),
        remote,
    };
    let mut shapes = Vec::new();
    for remote in [&full, &bare] {
        shapes.push(format!("{} satisfies RemoteSubmission", json!(remote)));
        shapes.push(format!(
            "{} satisfies Submission",
            json!(submission(Some(remote.clone())))
        ));
        let update = Update {
            reference: "rosalia-2026".to_owned(),
            remote: remote.clone(),
            seen_at: 1_772_787_600_000,
            expected: Some(estimate),
        };
        shapes.push(format!("{} satisfies SubmissionUpdate", json!(update)));
    }
    shapes.push(format!("{} satisfies Submission", json!(submission(None))));
    for code in [None, Some("submit.needs_answers")] {
        let resumed = Resumed {
            submission: submission(None),
            state: ResumedState::NeedsAnswers,
            code,
        };
        shapes.push(format!("{} satisfies Resumed", json!(resumed)));
    }
    let summary = ServiceSummary {
        id: "224fcc".to_owned(),
        name: "Domanda Assegno Unico".to_owned(),
        category: "Patronato".to_owned(),
    };
    shapes.push(format!("{} satisfies ServiceSummary", json!(summary)));
    writeln!(out, "export const shapes = [\n  {},\n];", shapes.join(",\n  ")).unwrap();
    compare("test/client-shapes.ts", &out);
}

const STAGES: [Stage; 9] = [
    Stage::Intent,
    Stage::Draft,
    Stage::Committing,
    Stage::Refused,
    Stage::Committed,
    Stage::Delivered,
    Stage::Cancelled,
    Stage::NeedsPerson,
    Stage::Abandoned,
];
const CHARGED: [Charged; 3] = [Charged::No, Charged::Yes, Charged::Unknown];
const RESUMED: [ResumedState; 6] = [
    ResumedState::Advanced,
    ResumedState::Waiting,
    ResumedState::NeedsAnswers,
    ResumedState::NeedsPerson,
    ResumedState::Ready,
    ResumedState::Fetched,
];

/// A submission as the relay describes it: with everything that may be there, or with nothing that may be missing.
fn remote(full: bool) -> RemoteSubmission {
    let mut value = json!({
        "id": "rosalia-2026", "serviceId": "224fcc", "serviceName": "Visura", "phase": "committed", "progress": "choice_needed",
        "status": "Ricerca evasa", "price": null, "searchPrice": null, "hasSearch": true, "options": null, "optionsPrice": null,
        "searches": [], "chosen": null, "files": [], "timeline": [], "createdAt": null, "updatedAt": null, "correlation": null, "note": null,
    });
    if full {
        let more = json!({
            "price": "19.00", "searchPrice": "1.00", "options": [["$opt0", "4.00"]], "optionsPrice": "4.00",
            "searches": [{ "id": "1", "status": "Ricerca evasa", "finished": true,
                "results": [{ "id": "1/0", "index": 0, "values": { "Indirizzo.Comune": "Roma" } }] }],
            "chosen": "1/0", "files": ["rosalia-2026.zip"], "timeline": [["search_time", 1_772_787_600]], "createdAt": 1_772_787_600,
            "updatedAt": 1_772_787_600, "correlation": "0f", "note": { "code": "altro", "info": "Manca il mandato" },
        });
        value
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
    }
    serde_json::from_value(value).unwrap()
}
