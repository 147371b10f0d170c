//! Faults on demand: which call goes wrong, and how.

use serde::{Deserialize, Serialize};

/// The calls of the APIs by what they do. What closes a request is a call of its own. Where both APIs have a
/// call, it has one name: a rule that should meet one of them only says its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `GET /visure`, `GET /documents`
    Services,
    /// `GET /visure/{hash}`
    Service,
    /// `GET /richiesta`, `GET /requests`
    List,
    /// `POST /richiesta`, `POST /requests`, whatever their state
    Open,
    /// `GET /richiesta/{id}`, `GET /requests/{id}`
    Read,
    /// `POST /richiesta/{id}`
    Search,
    /// `PUT /richiesta/{id}` without `state` 1, `PATCH /requests/{id}` with neither `state` `SEARCH` nor a
    /// `resultId`
    Edit,
    /// `PUT /richiesta/{id}` with `state` 1, `PATCH /requests/{id}` with `state` `SEARCH`
    Commit,
    /// `PUT /richiesta/{id}/ricerche`, `PATCH /requests/{id}` with a `resultId`
    Choose,
    /// `GET /documento/{id}`, `GET /requests/{id}/documents`
    Document,
    /// `GET /storage/…`, where DocuEngine's deliveries lie
    Download,
    /// `POST /tokens`
    IssueToken,
    /// `GET /tokens`, `GET /tokens/{token}`
    ReadToken,
    /// `PATCH /tokens/{token}`
    ChangeToken,
    /// `DELETE /tokens/{token}`
    DeleteToken,
    /// `GET /scopes`, `GET /scopes/{id}`
    Scopes,
    /// `GET /wallet`
    Wallet,
    /// `GET /wallet/transactions`
    Transactions,
    /// `GET /callbacks`, `GET /callbacks/{id}`
    Callbacks,
}

/// How a hostile delivery lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hostility {
    /// A small archive that unpacks to 256 MiB of zeros.
    Bomb,
    /// An entry whose headers announce far fewer bytes than it holds.
    LyingSizes,
    /// Entries named `../../etc/…` and `/etc/…`.
    Traversal,
    /// Two entries of one name.
    Duplicates,
    /// `dimensione`, or `fileSize`, disagrees with the file.
    WrongLength,
    /// `md5` disagrees with the file. Visengine gives none.
    WrongDigest,
    /// `file` is not base64.
    NotBase64,
    /// `file` is not an archive.
    NotZip,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Fault {
    /// Reset before anything has happened.
    CutBefore,
    /// Reset after it has happened, before any answer.
    CutAfter,
    /// Slow to reach the service, slow to come back.
    Latency {
        /// Before the effect.
        #[serde(default)]
        before_ms: u64,
        /// After the effect.
        #[serde(default)]
        after_ms: u64,
    },
    /// Reset at once, as far as the caller sees; the effect comes this much later.
    Late {
        /// How much later.
        after_ms: u64,
    },
    /// The answer stops in the middle.
    Truncated {
        /// Bytes of the body that arrive, at most all but one.
        keep: usize,
    },
    /// A bare status such as 429, 500 or 502, with an HTML body as proxies send it.
    Status {
        /// The status.
        status: u16,
        /// The `Retry-After` header, in seconds.
        #[serde(default)]
        retry_after_s: Option<u64>,
        /// Whether the call has taken effect all the same.
        #[serde(default)]
        after_effect: bool,
    },
    /// It has happened; the answer is 200 and not JSON.
    GarbageJson,
    /// The answer is about another id.
    WrongId,
    /// The answer is about another service.
    WrongService,
    /// A `POST`, `PUT` or `PATCH` loses one field (`$4`, `field4`) without a word.
    DropField {
        /// The field's key.
        key: String,
    },
    /// The request is applied twice, as when a proxy repeats it.
    Duplicate {
        /// The caller sees the second answer instead of the first.
        #[serde(default)]
        show_second: bool,
    },
    /// The wallet is empty from this call on.
    EmptyWallet,
    /// 200 with zeros that go on for this many bytes, without a `Content-Length`.
    Zeros {
        /// How many.
        bytes: u64,
    },
    /// The delivery holds this many pseudo-random bytes beside the receipt. On DocuEngine it is the list of
    /// documents that says so, and the download that goes with it.
    LargeDelivery {
        /// How many.
        bytes: u64,
    },
    /// The delivery is an attack. On DocuEngine, `wrong_length` and `wrong_digest` belong to the list of
    /// documents, the others to the download, which then gives something else than the list promised.
    HostileDelivery {
        /// Which one.
        hostility: Hostility,
    },
}

/// Which calls a fault meets. What is not given matches everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`.
    #[serde(default)]
    pub method: Option<String>,
    /// A path where `*` stands for any characters: `/richiesta/*`.
    #[serde(default)]
    pub path: Option<String>,
    /// The call by what it does.
    #[serde(default)]
    pub call: Option<Call>,
    /// The first matching call that meets the fault, counted from 1.
    #[serde(default = "one")]
    pub nth: u32,
    /// How many matching calls meet it from there; 0 is all of them.
    #[serde(default = "one")]
    pub times: u32,
    /// Only each such call, counted from `nth`: 2 is every second one.
    #[serde(default = "one")]
    pub every: u32,
    /// What goes wrong.
    pub fault: Fault,
}

fn one() -> u32 {
    1
}

impl Rule {
    /// This fault, once, on the next call whatever it is.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self {
            method: None,
            path: None,
            call: None,
            nth: 1,
            times: 1,
            every: 1,
            fault,
        }
    }

    /// This fault, once, on the next call of this sort.
    #[must_use]
    pub fn on(call: Call, fault: Fault) -> Self {
        Self {
            call: Some(call),
            ..Self::new(fault)
        }
    }

    /// The same rule for the n-th matching call, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u32) -> Self {
        self.nth = nth;
        self
    }

    /// The same rule for so many calls; 0 is all of them.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// The same rule for each n-th call only.
    #[must_use]
    pub fn every(mut self, every: u32) -> Self {
        self.every = every;
        self
    }
}

/// The rules in force, each with the number of calls it has matched and met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    rules: Vec<(Rule, u32, u32)>,
}

impl Script {
    pub(crate) fn new(rules: Vec<Rule>) -> Self {
        Self {
            rules: rules.into_iter().map(|rule| (rule, 0, 0)).collect(),
        }
    }

    pub(crate) fn push(&mut self, rule: Rule) {
        self.rules.push((rule, 0, 0));
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The faults this call meets, in the order they were set. Every rule that matches counts the call.
    pub(crate) fn meet(&mut self, method: &str, path: &str, call: Option<Call>) -> Vec<Fault> {
        let mut met = Vec::new();
        for (rule, seen, done) in &mut self.rules {
            let matches = rule
                .method
                .as_ref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && rule.path.as_ref().is_none_or(|pattern| glob(pattern, path))
                && (rule.call.is_none() || rule.call == call);
            if !matches {
                continue;
            }
            *seen += 1;
            let due = *seen >= rule.nth && (*seen - rule.nth).is_multiple_of(rule.every.max(1));
            if due && (rule.times == 0 || *done < rule.times) {
                *done += 1;
                met.push(rule.fault.clone());
            }
        }
        met
    }
}

/// `*` stands for any characters, none included.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(rest) = text.strip_prefix(head) else {
        return false;
    };
    (0..=rest.len()).any(|at| rest.get(at..).is_some_and(|end| glob(tail, end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        assert!(glob("/richiesta/*", "/richiesta/5f28"));
        assert!(glob("/richiesta/*/ricerche", "/richiesta/5f28/ricerche"));
        assert!(!glob("/richiesta/*/ricerche", "/richiesta/5f28"));
        assert!(glob("*", ""));
        assert!(!glob("/visure", "/visure/x"));
    }

    #[test]
    fn rules_count_their_own_calls() {
        let mut script = Script::new(vec![
            Rule::on(Call::Commit, Fault::CutAfter).nth(2),
            Rule::new(Fault::CutBefore).nth(2).every(2).times(0),
        ]);
        assert!(script.meet("PUT", "/richiesta/a", Some(Call::Commit)).is_empty());
        assert_eq!(
            script.meet("GET", "/richiesta/a", Some(Call::Read)),
            [Fault::CutBefore]
        );
        assert_eq!(
            script.meet("PUT", "/richiesta/a", Some(Call::Commit)),
            [Fault::CutAfter]
        );
        assert_eq!(
            script.meet("PUT", "/richiesta/a", Some(Call::Commit)),
            [Fault::CutBefore]
        );
    }

    #[test]
    fn a_rule_reads_from_json_with_little_said() {
        let rule: Rule = serde_json::from_str(
            r#"{"call":"commit","fault":{"kind":"status","status":502,"after_effect":true}}"#,
        )
        .unwrap();
        assert_eq!(rule.call, Some(Call::Commit));
        assert_eq!((rule.nth, rule.times, rule.every), (1, 1, 1));
    }
}
