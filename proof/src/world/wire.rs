//! A request as the simulator takes it: bytes, base64 and all.

use base64::Engine as _;
use sportello::http::{Body, HttpRequest, Segment};
use sportello::model::Source;
use sportello_simulator::SimRequest;

pub(crate) fn wire(request: &HttpRequest, token: &str) -> SimRequest {
    let own = request.headers.iter();
    let mut headers: Vec<(String, String)> = own
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    headers.push(("authorization".to_owned(), format!("Bearer {token}")));
    SimRequest {
        method: request.method.as_str().to_owned(),
        path: request.path.clone(),
        query: None,
        headers,
        body: request.body.as_ref().map(bytes).unwrap_or_default(),
    }
}

pub(crate) fn bytes(body: &Body) -> Vec<u8> {
    let mut out = Vec::new();
    for segment in body.segments() {
        match segment {
            Segment::Bytes(bytes) => out.extend(bytes),
            Segment::Text(text) => out.extend(text.as_bytes()),
            Segment::File { source, .. } => out.extend(content(source)),
            Segment::Base64 { source, .. } => {
                let encoded = base64::engine::general_purpose::STANDARD.encode(content(source));
                out.extend(encoded.as_bytes());
            }
        }
    }
    assert_eq!(
        out.len() as u64,
        body.content_length(),
        "the announced length is exact"
    );
    out
}

fn content(source: &Source) -> Vec<u8> {
    let mut content = Vec::new();
    std::io::Read::read_to_end(&mut source.open().expect("in memory"), &mut content).expect("in memory");
    content
}
