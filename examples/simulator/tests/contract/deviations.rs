//! What is not as described, and why.

use std::{collections::BTreeSet, fmt};

use serde::Deserialize;

/// Something that is not as described.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Finding {
    /// `visengine`, `docuengine`, `oauthv2`.
    pub(crate) api: String,
    /// `answer`: a status or code nobody lists. `schema`: a member of an answer. `request`: a request of the
    /// core. `callback`: a member of a callback. `unreached`: a listed error that was never seen.
    pub(crate) about: String,
    /// The call with status and code, or the member's place: `*` is any index, `$n` and `fieldN` any field.
    pub(crate) place: String,
    /// What is the matter there.
    pub(crate) what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            api,
            about,
            place,
            what,
        } = self;
        write!(
            f,
            r#"{{"api": "{api}", "about": "{about}", "place": "{place}", "what": "{what}", "reason": ""}}"#
        )
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    api: String,
    about: String,
    place: String,
    what: String,
    /// `example`: the description's own examples do the same, which is checked.
    #[serde(default)]
    proof: Option<String>,
    /// The same holds for every call of the API: this one stands for them.
    #[serde(default)]
    #[expect(dead_code, reason = "read by `cargo xtask contract`")]
    every_call: bool,
    reason: String,
}

/// The list, with which of it was needed.
pub(crate) struct Deviations {
    entries: Vec<(Entry, Finding, bool)>,
}

impl Deviations {
    pub(crate) fn load() -> Self {
        let entries: Vec<Entry> =
            serde_json::from_str(include_str!("deviations.json")).expect("the list of deviations");
        let entries = entries.into_iter().map(|entry| {
            assert!(entry.reason.len() > 20, "{}: a reason is wanted", entry.place);
            let finding = Finding {
                api: entry.api.clone(),
                about: entry.about.clone(),
                place: entry.place.clone(),
                what: entry.what.clone(),
            };
            (entry, finding, false)
        });
        Self {
            entries: entries.collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether an entry says why; that entry is needed.
    pub(crate) fn explain(&mut self, finding: &Finding) -> bool {
        let entry = self.entries.iter_mut().find(|(_, known, _)| known == finding);
        entry.map(|(.., needed)| *needed = true).is_some()
    }

    /// Whoever says that the examples prove it must be right.
    pub(crate) fn check_proofs(&self, api: &str, shown: &BTreeSet<Finding>) {
        for (entry, finding, _) in self.entries.iter().filter(|(entry, ..)| entry.api == api) {
            match entry.proof.as_deref() {
                None => {}
                Some("example") => assert!(shown.contains(finding), "no example of {api} shows {finding}"),
                Some(other) => panic!("{other} is no proof"),
            }
        }
    }

    pub(crate) fn unneeded(&self) -> Vec<String> {
        let unneeded = self.entries.iter().filter(|(.., needed)| !needed);
        unneeded.map(|(_, finding, _)| finding.to_string()).collect()
    }
}
