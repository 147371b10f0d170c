use std::fmt;
use std::sync::Arc;

use sportello::host::HostOutcome as Core;
use sportello::provider::DocumentInfo;

use crate::{Resumed, Service, ServiceSummary, Submission, SubmissionUpdate};

/// How a verb ended well.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum HostOutcome {
    /// The catalogue.
    Services {
        /// Its lines.
        services: Vec<ServiceSummary>,
    },
    /// A service.
    Service {
        /// What it needs and costs.
        service: Arc<Service>,
    },
    /// A submission as it stands.
    Submission {
        /// The submission.
        submission: Submission,
    },
    /// What the journal knows, oldest first.
    Submissions {
        /// The submissions.
        submissions: Vec<Submission>,
    },
    /// What was watched has come to something.
    Watched {
        /// The last update.
        update: SubmissionUpdate,
    },
    /// The files of a delivery, by number; their bytes are where the app wrote them.
    Delivery {
        /// The files.
        files: Vec<Arc<HostDocument>>,
    },
    /// What was under way.
    Resumed {
        /// One line for each reference.
        resumed: Vec<Resumed>,
    },
    /// Given up.
    Abandoned,
}

/// A file of a delivery, which the app has written itself. Its text form shows no name.
#[derive(uniffi::Object)]
pub struct HostDocument(DocumentInfo);

#[uniffi::export]
impl HostDocument {
    /// The provider's name of it, made safe. It may be a person's.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.name.clone()
    }

    /// The declared type, where there is one.
    #[must_use]
    pub fn mime(&self) -> Option<String> {
        self.0.mime.clone()
    }

    /// Its length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.0.len
    }

    /// Its SHA-256, in lower-case hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        self.0.sha256.clone()
    }
}

impl fmt::Debug for HostDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostDocument({} bytes, masked)", self.0.len)
    }
}

impl From<Core> for HostOutcome {
    fn from(outcome: Core) -> HostOutcome {
        match outcome {
            Core::Services(services) => HostOutcome::Services { services },
            Core::Service(service) => HostOutcome::Service {
                service: Service::wrap(service),
            },
            Core::Submission(submission) => HostOutcome::Submission {
                submission: submission.into(),
            },
            Core::Submissions(submissions) => HostOutcome::Submissions {
                submissions: submissions.into_iter().map(Into::into).collect(),
            },
            Core::Watched(update) => HostOutcome::Watched {
                update: update.into(),
            },
            Core::Delivery(files) => HostOutcome::Delivery {
                files: files
                    .into_iter()
                    .map(|file| Arc::new(HostDocument(file)))
                    .collect(),
            },
            Core::Resumed(resumed) => HostOutcome::Resumed {
                resumed: resumed.into_iter().map(Into::into).collect(),
            },
            Core::Abandoned => HostOutcome::Abandoned,
        }
    }
}
