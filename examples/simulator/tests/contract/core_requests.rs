//! Every request the core builds for these APIs. A provider is one line.

use std::{collections::BTreeMap, io::Read as _, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use sportello::{
    http::{HttpRequest, Segment},
    model::{Money, ResultId, Source},
    provider::{
        CallbackSpec, CommitSpec, DraftSpec, PreparedFile, Provider, SearchSpec,
        docuengine::DocuEngine,
        oauth::{self, TokenSpec, TokenUse},
        visengine::Visengine,
    },
};
use sportello_simulator::SimRequest;

const ID: &str = "5f22f722065afc42223c7131";

pub(crate) fn visengine() -> Vec<SimRequest> {
    of(
        &Visengine,
        "224fcc49770edad354cdd9c480a7e50e",
        "opzione_0",
        "$0",
        "$5",
        &format!("{ID}_0/1"),
    )
}

pub(crate) fn docuengine() -> Vec<SimRequest> {
    of(
        &DocuEngine,
        "66f0a1100000000000000001",
        "urgenza",
        "field0",
        "field4",
        "59eabaa38b9571eaa2520ad96672e8ee",
    )
}

pub(crate) fn oauth() -> Vec<SimRequest> {
    let scopes = oauth::scopes(
        &DocuEngine,
        "docuengine.openapi.com",
        TokenUse::Purchase(sportello::http::Call::Commit),
    );
    assert!(!scopes.is_empty());
    let spec = |one_purchase_up_to| TokenSpec {
        scopes: scopes.clone(),
        ttl_seconds: 600,
        one_purchase_up_to,
    };
    [
        oauth::create_token(&spec(None)),
        oauth::create_token(&spec(Some(Money::from_cents(598)))),
        oauth::delete_token(ID),
        oauth::get_credit(),
        oauth::list_transactions(0),
        oauth::list_transactions(100),
    ]
    .iter()
    .map(sent)
    .collect()
}

/// What a provider builds, in every way its parts can be given.
fn of(
    provider: &dyn Provider,
    service: &str,
    option: &str,
    text: &str,
    file: &str,
    result: &str,
) -> Vec<SimRequest> {
    let price = Money::from_cents(1_900);
    let texts = BTreeMap::from([
        (text.to_owned(), "Chiara".to_owned()),
        (file.to_owned(), String::new()),
    ]);
    let content: Arc<[u8]> = Arc::from(&b"%PDF-1.4\n"[..]);
    let files = [PreparedFile {
        key: file.to_owned(),
        name: "documento.pdf".to_owned(),
        mime: "application/pdf".to_owned(),
        size: content.len() as u64,
        sha256: Sha256::digest(&content)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        source: Source::Bytes(content),
    }];
    let options = [option.to_owned()];
    let bare = DraftSpec {
        reference: "pratica-7",
        service_id: service,
        options: &[],
        correlation: "0123456789abcdef",
        callback: None,
        notify_email: None,
        texts: None,
        files: &[],
        without_callback: false,
    };
    let full = DraftSpec {
        options: &options,
        callback: Some(CallbackSpec {
            url: "https://caf.example/avvisi",
            proof: "prova",
        }),
        notify_email: Some("cassa@caf.example"),
        texts: Some(&texts),
        files: &files,
        ..bare
    };
    let drafts = [
        bare,
        full,
        DraftSpec { files: &[], ..full },
        DraftSpec {
            without_callback: true,
            ..bare
        },
    ];
    let commit = CommitSpec {
        price,
        with_field: None,
        accept_warnings: &[],
        allow_duplicate: false,
    };
    let search = SearchSpec {
        number: 2,
        texts: &texts,
        price,
    };
    let with_field = CommitSpec {
        with_field: Some((text, "Chiara")),
        ..commit
    };
    let mut requests = vec![
        provider.list_services(),
        provider.get_service(service),
        provider.fill_texts(ID, &texts),
        provider.fill_file(ID, &files[0]),
        provider.get_submission(ID),
        provider.commit(ID, &commit),
        provider.commit(ID, &with_field),
        provider.choose(ID, &ResultId::new(result), price),
        provider.get_documents(ID),
    ];
    requests.extend(provider.list_submissions());
    requests.extend(provider.add_search(ID, &search));
    for draft in &drafts {
        requests.push(provider.open_draft(draft));
        requests.extend(provider.dry_run(draft));
    }
    requests.iter().map(sent).collect()
}

/// A request as it stands on the wire.
fn sent(request: &HttpRequest) -> SimRequest {
    let (path, query) = match request.path.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (request.path.as_str(), None),
    };
    let mut body = Vec::new();
    for segment in request.body.iter().flat_map(|body| body.segments()) {
        match segment {
            Segment::Text(text) => body.extend(text.bytes()),
            Segment::Bytes(bytes) => body.extend(bytes),
            Segment::Base64 { source, .. } => body.extend(STANDARD.encode(read(source)).bytes()),
            Segment::File { source, .. } => body.extend(read(source)),
        }
    }
    SimRequest {
        query,
        body,
        ..SimRequest::new(request.method.as_str(), path)
    }
}

fn read(source: &Source) -> Vec<u8> {
    let mut content = Vec::new();
    source.open().unwrap().read_to_end(&mut content).unwrap();
    content
}
