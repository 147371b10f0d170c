use std::sync::Arc;

use super::Provider;
use super::docuengine::{self, DocuEngine};
use super::relay::Relay;
use super::visengine::{self, Visengine};

/// Which API hands in. Nothing else changes in a caller's program but the ids of services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProviderKind {
    /// Visengine 2: the welfare requests, *Assegno Unico* among them.
    #[default]
    Visengine,
    /// `DocuEngine`: its successor, for documents of registers and chambers of commerce.
    DocuEngine,
    /// A relay of the integrator's, which holds the token: its base URL must be given, and the token is a session.
    Relay,
}

impl ProviderKind {
    /// Every provider.
    pub const ALL: [ProviderKind; 3] = [
        ProviderKind::Visengine,
        ProviderKind::DocuEngine,
        ProviderKind::Relay,
    ];

    /// The provider of this stable name: `visengine`, `docuengine`, `relay`.
    #[must_use]
    pub fn of(name: &str) -> Option<ProviderKind> {
        ProviderKind::ALL
            .into_iter()
            .find(|kind| kind.provider().name() == name)
    }

    /// The provider itself: what builds its requests and reads its answers.
    #[must_use]
    pub fn provider(self) -> Arc<dyn Provider> {
        match self {
            ProviderKind::Visengine => Arc::new(Visengine),
            ProviderKind::DocuEngine => Arc::new(DocuEngine),
            ProviderKind::Relay => Arc::new(Relay),
        }
    }

    /// The origins of production and sandbox; a relay has its own.
    #[must_use]
    pub const fn hosts(self) -> Option<(&'static str, &'static str)> {
        match self {
            ProviderKind::Visengine => Some((visengine::PRODUCTION, visengine::SANDBOX)),
            ProviderKind::DocuEngine => Some((docuengine::PRODUCTION, docuengine::SANDBOX)),
            ProviderKind::Relay => None,
        }
    }
}
