use std::collections::BTreeMap;

use crate::error::{Charged, ErrorCode, SportelloError};
use crate::journal::{Entry, Recorded, Stage};
use crate::model::{Phase, Progress, RemoteSubmission, Service};

/// The entry given up: journalled before anything else, so that nobody commits the draft while it is being blanked.
pub(crate) fn give_up(entry: &Entry) -> Result<Entry, SportelloError> {
    let unpaid = matches!(
        entry.stage,
        Stage::Intent | Stage::Draft | Stage::Refused | Stage::Abandoned
    );
    if !unpaid {
        let error = SportelloError::new(ErrorCode::ReferenceConflict);
        let error =
            error.detail("it was or may have been paid; the provider has no call to cancel or refund");
        return Err(error
            .about(&entry.key.reference, entry.id.as_deref())
            .charged(Charged::Unknown));
    }
    let mut given_up = entry.clone();
    (given_up.stage, given_up.seq) = (Stage::Abandoned, entry.seq + 1);
    Ok(given_up)
}

/// An error unless it was written.
pub(crate) fn gave_way(recorded: &Recorded, entry: &Entry) -> Result<(), SportelloError> {
    match recorded {
        Recorded::Written => Ok(()),
        Recorded::Conflict(_) | Recorded::Duplicate { .. } => {
            let error = SportelloError::new(ErrorCode::ReferenceConflict);
            Err(error
                .detail("another process is at work on it")
                .about(&entry.key.reference, entry.id.as_deref()))
        }
    }
}

/// True for a draft that is still there; one that is gone needs nothing.
pub(crate) fn is_to_be_blanked(
    seen: Result<RemoteSubmission, SportelloError>,
    entry: &Entry,
) -> Result<bool, SportelloError> {
    let about = |error: SportelloError| error.about(&entry.key.reference, entry.id.as_deref());
    match seen {
        Ok(remote) if remote.phase == Phase::Open => Ok(remote.progress == Progress::Draft),
        Ok(remote) if remote.phase == Phase::Committed => Err(about(
            SportelloError::new(ErrorCode::NeedsPerson).charged(Charged::Unknown),
        )),
        Ok(_) => Ok(false),
        Err(error) if error.code() == ErrorCode::ProviderNotFound.as_str() => Ok(false),
        Err(error) => Err(about(error)),
    }
}

/// Every field of the form, empty.
pub(crate) fn blanks(service: &Service) -> BTreeMap<String, String> {
    let fields = service.form.fields.iter();
    fields.map(|field| (field.key.clone(), String::new())).collect()
}
