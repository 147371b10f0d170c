use crate::journal::{EntryKey, JournalKey, Scope};

/// Whose references these are, and the key that makes digests of them.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) scope: Scope,
    pub(crate) key: JournalKey,
}

impl Identity {
    /// The journal's name of a reference.
    pub(crate) fn entry_key(&self, reference: &str) -> EntryKey {
        EntryKey {
            scope: self.scope.clone(),
            reference: reference.to_owned(),
        }
    }

    /// What goes on the wire for a reference: a keyed digest, so that the reference itself stays here.
    pub(crate) fn correlation(&self, reference: &str) -> String {
        let scope = &self.scope;
        let parts = [
            scope.provider.as_bytes(),
            scope.origin.as_bytes(),
            scope.account.as_bytes(),
            reference.as_bytes(),
        ];
        self.key.mac("correlation", &parts).chars().take(32).collect()
    }

    /// What a callback about a submission proves itself with: whoever was not given it can't make it.
    pub(crate) fn callback_proof(&self, correlation: &str) -> String {
        self.key.mac("callback", &[correlation.as_bytes()])
    }
}
