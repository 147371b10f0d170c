//! Answers made ready for the wire: every key of the form, every file with its digest.

use std::io::Read;

use sha2::{Digest, Sha256};

use crate::error::{ErrorCode, SportelloError};
use crate::flow::Prepared;
use crate::http::pieces::hex;
use crate::journal::JournalKey;
#[cfg(feature = "client")]
use crate::model::fold;
use crate::model::{Answer, Answers, Attachment, FieldKind, Service, Source};
use crate::provider::PreparedFile;

/// Reads every file once, for its digest. Blocks; call it off the event loop.
pub(super) fn prepare(
    service: &Service,
    answers: &Answers,
    options: &[String],
    key: &JournalKey,
) -> Result<Prepared, SportelloError> {
    let mut prepared = Prepared::default();
    for field in &service.form.fields {
        prepared.texts.insert(field.key.clone(), String::new());
    }
    for (name, answer) in answers.iter() {
        let Some(field) = service.form.field(name) else {
            continue;
        };
        match answer {
            Answer::Text(text) => {
                prepared.texts.insert(field.key.clone(), text.clone());
            }
            Answer::File { file } => prepared.files.push(prepare_file(&field.key, file)?),
        }
    }
    prepared.files.sort_by(|a, b| a.key.cmp(&b.key));
    // What is sent as a file is not blanked first: another process at the same reference may have sent it already, and would hand in a
    // request without it.
    let files = &prepared.files;
    (prepared.texts).retain(|key, _| !files.iter().any(|file| file.key == *key));
    for (field, text) in &prepared.texts {
        prepared.digests.insert(
            field.clone(),
            key.mac("field", &[field.as_bytes(), text.as_bytes()]),
        );
    }
    for file in &prepared.files {
        let parts = [file.key.as_bytes(), file.name.as_bytes(), file.sha256.as_bytes()];
        prepared.digests.insert(file.key.clone(), key.mac("file", &parts));
    }
    let mut parts: Vec<&[u8]> = vec![service.id.as_bytes()];
    parts.extend(options.iter().map(|option| option.as_bytes()));
    parts.extend(prepared.digests.values().map(|digest| digest.as_bytes()));
    prepared.digest = key.mac("answers", &parts);
    Ok(prepared)
}

/// A keyed digest of a service's name and answers as they were given, before any form is known.
#[cfg(feature = "client")]
pub(crate) fn digest_of_answers(
    service: &str,
    answers: &Answers,
    key: &JournalKey,
) -> Result<String, SportelloError> {
    let mut digests = vec![key.mac("service", &[fold(service).as_bytes()])];
    for (name, answer) in answers.iter() {
        let value = match answer {
            Answer::Text(text) => text.clone(),
            Answer::File { file } => prepare_file(name, file)?.sha256,
        };
        digests.push(key.mac("field", &[name.as_bytes(), value.as_bytes()]));
    }
    let parts: Vec<&[u8]> = digests.iter().map(String::as_bytes).collect();
    Ok(key.mac("reference", &parts))
}

fn prepare_file(key: &str, file: &Attachment) -> Result<PreparedFile, SportelloError> {
    let unreadable = |why: &str| {
        SportelloError::new(ErrorCode::AttachmentUnreadable).detail(format!("field `{key}`: {why}"))
    };
    let source = file
        .source
        .clone()
        .ok_or_else(|| unreadable("only its description was given, not its content"))?;
    let digest = match &source {
        // Only the host can read it, and has.
        Source::Host(host) => match &host.sha256 {
            Some(sha256) => Ok((sha256.clone(), file.size)),
            None => return Err(unreadable("only the host can read it, and it was not asked to")),
        },
        source => source.open().and_then(digest_of),
    };
    let (sha256, size) = digest.map_err(|error| unreadable(&error.kind().to_string()))?;
    if size != file.size {
        return Err(SportelloError::new(ErrorCode::AttachmentChanged).detail(format!("field `{key}`")));
    }
    Ok(PreparedFile {
        key: key.to_owned(),
        name: file.wire_name(),
        mime: file.mime.clone(),
        size,
        source,
        sha256,
    })
}

/// The SHA-256 of a file on disk, in lower-case hexadecimal.
#[cfg(feature = "client")]
pub(crate) fn sha256_of(path: &std::path::Path) -> std::io::Result<String> {
    Ok(digest_of(Box::new(std::fs::File::open(path)?))?.0)
}

fn digest_of(mut reader: Box<dyn Read + Send>) -> std::io::Result<(String, u64)> {
    let (mut hash, mut size, mut buffer) = (Sha256::new(), 0u64, vec![0; 64 * 1024]);
    loop {
        let read = reader.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        hash.update(bytes);
        size += read as u64;
    }
    Ok((hex(&hash.finalize()), size))
}

/// The keyed mark by which a second submission for the same applicant is noticed. `None` where the form asks for nobody's codice
/// fiscale. The period is the calendar year in which it is handed in; with a `user`, only that user's submissions have
/// the same mark.
pub(super) fn duplicate_mark(
    service: &Service,
    answers: &Answers,
    year: i32,
    user: Option<&str>,
    key: &JournalKey,
) -> Option<String> {
    let applicant = service
        .form
        .fields
        .iter()
        .find(|field| field.kind == FieldKind::CodiceFiscalePersona)?;
    let (_, answer) = answers
        .iter()
        .find(|(name, _)| service.form.field(name).is_some_and(|f| f.key == applicant.key))?;
    let codice_fiscale: String = answer
        .as_text()?
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let year = year.to_string();
    let mut parts = vec![service.id.as_bytes(), codice_fiscale.as_bytes(), year.as_bytes()];
    parts.extend(user.map(str::as_bytes));
    Some(key.mac("duplicate", &parts))
}
