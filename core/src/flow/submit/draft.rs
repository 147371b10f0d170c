//! Opening a draft and filling it. All of this is free.

use super::{After, CallFailure, DraftFields, Free, Look, MAX_DRAFTS, Next, State, SubmitFlow};
use crate::error::{Charged, ErrorCode, SportelloError};
use crate::journal::{Purchase, PurchaseKind, PurchaseState, Stage};
use crate::model::{Money, Phase, RemoteSubmission};
use crate::provider::{CallbackSpec, DraftSpec, Hint};

impl SubmitFlow {
    pub(super) fn open(&mut self, fields: DraftFields) -> Next {
        if fields == DraftFields::Nothing {
            self.drafts += 1;
        }
        if self.drafts > MAX_DRAFTS {
            return self.fail(ErrorCode::DraftDead.into(), Charged::No);
        }
        let Some(answers) = &self.plan.answers else {
            return self.fail(ErrorCode::NeedsAnswers.into(), Charged::No);
        };
        let callback = self.plan.callback_url.as_deref().map(|url| CallbackSpec {
            url,
            proof: &self.plan.callback_proof,
        });
        let request = self.provider.open_draft(&DraftSpec {
            reference: &self.plan.key.reference,
            service_id: &self.plan.service_id,
            options: &self.plan.options,
            correlation: &self.plan.correlation,
            without_callback: self.no_callback && callback.is_none(),
            callback,
            notify_email: self.plan.notify_email.as_deref(),
            texts: (fields != DraftFields::Nothing).then_some(&answers.texts),
            files: if fields == DraftFields::Everything {
                &answers.files
            } else {
                &[]
            },
        });
        let salt = self.next_salt();
        let (call, go) = Free::begin(request, &self.policy, salt);
        self.go(go, State::Opening(call, fields))
    }

    pub(super) fn not_opened(&mut self, fields: DraftFields, failure: CallFailure) -> Next {
        // Drafts are opened empty, so that one that is lost holds nobody's data; not every provider may accept that.
        match (failure.hint(), fields) {
            (Hint::NeedsData, DraftFields::Nothing) => self.open(DraftFields::Texts),
            (Hint::NeedsData, DraftFields::Texts) => self.open(DraftFields::Everything),
            // The correlation travels in a callback; where that needs a URL and the caller has none, it is done without.
            (Hint::NoCallback, fields) if !self.no_callback && self.plan.callback_url.is_none() => {
                self.no_callback = true;
                self.open(fields)
            }
            _ => self.fail(failure.into(), Charged::No),
        }
    }

    pub(super) fn opened(&mut self, now: u64, remote: RemoteSubmission) -> Next {
        if remote.service_id != self.plan.service_id {
            let error = SportelloError::new(ErrorCode::AnswerOtherService);
            return self.fail(
                error.detail(format!("the draft is of `{}`", remote.service_id)),
                Charged::No,
            );
        }
        let mut entry = self.entry.clone();
        entry.id = Some(remote.id.clone());
        entry.options.clone_from(&self.plan.options);
        entry.filled.clear();
        match remote.phase {
            Phase::Open => {
                entry.stage = Stage::Draft;
                self.record(now, entry, After::Fill)
            }
            // What opens by reference finds what was handed in before: by this caller, on a device that lost its journal.
            Phase::Committed if self.provider.abilities().opens_by_reference => {
                self.entry = entry;
                self.last_remote = Some(remote);
                self.committed(now)
            }
            Phase::Committed => {
                // The provider took a draft for a complete request and charged. No further paid call until somebody has looked.
                self.policy.breaker.trip();
                entry.stage = Stage::Committed;
                let price = remote.due_on_commit(self.plan.has_search).unwrap_or(Money::ZERO);
                entry.set_purchase(Purchase {
                    state: PurchaseState::Paid,
                    price,
                    ..self.new_purchase(now, remote.id.clone())
                });
                self.record(
                    now,
                    entry,
                    After::Fail(ErrorCode::CommitsStopped, Charged::Yes, None),
                )
            }
            Phase::Dead | Phase::Unknown => self.fail(ErrorCode::DraftDead.into(), Charged::No),
        }
    }

    /// A draft of an earlier run, or one whose commit was refused: may it be filled, must another be opened, or is a person needed?
    pub(super) fn looked_before_fill(
        &mut self,
        now: u64,
        seen: Result<RemoteSubmission, CallFailure>,
        refused: Option<ErrorCode>,
    ) -> Next {
        let gone = match seen {
            Ok(remote) => match remote.phase {
                Phase::Open
                    if self.entry.options == self.plan.options
                        && !self.is_marked_otherwise(&remote)
                        && refused.is_none() =>
                {
                    return self.fill();
                }
                // The options and our mark can only be given when a draft is opened, and the mark changes when the journal's key is
                // lost. Nothing paid is on its way for this one.
                Phase::Open if refused.is_none() => true,
                Phase::Open => {
                    return self.fail(refused.unwrap_or(ErrorCode::ProviderRefused).into(), Charged::No);
                }
                Phase::Dead => true,
                // Our own correlation: this reference was handed in, and the journal is older than that (a restored backup).
                Phase::Committed if remote.correlation.as_ref() == Some(&self.plan.correlation) => {
                    return self.committed(now);
                }
                // We have no unsettled commit of it, so somebody else handed it in.
                Phase::Committed => return self.needs_person(now),
                Phase::Unknown => false,
            },
            Err(failure) if failure.hint() == Hint::Missing => true,
            Err(failure) => return self.fail(failure.into(), Charged::No),
        };
        // Another draft only when every paid send of the old one was definitely refused.
        let ambiguous = self
            .entry
            .purchase(PurchaseKind::Submit)
            .is_some_and(|purchase| purchase.ambiguous);
        if !gone || ambiguous {
            return self.needs_person(now);
        }
        let mut entry = self.entry.clone();
        (entry.stage, entry.id) = (Stage::Intent, None);
        entry.filled.clear();
        self.record(now, entry, After::Open)
    }

    pub(super) fn fill(&mut self) -> Next {
        let (Some(answers), Some(id)) = (&self.plan.answers, &self.entry.id) else {
            return self.fail(ErrorCode::NeedsAnswers.into(), Charged::No);
        };
        let files: Vec<&str> = answers.files.iter().map(|file| file.key.as_str()).collect();
        let sent = |key: &str| self.entry.filled.get(key) == answers.digests.get(key);
        if !answers
            .texts
            .keys()
            .filter(|key| !files.contains(&key.as_str()))
            .all(|key| sent(key))
        {
            // Blanking a file that is sent by itself would undo another process's upload of it, or our own when this call comes late.
            let mut texts = answers.texts.clone();
            texts.retain(|key, _| !files.contains(&key.as_str()));
            let request = self.provider.fill_texts(id, &texts);
            let salt = self.next_salt();
            let (call, go) = Free::begin(request, &self.policy, salt);
            return self.go(go, State::FillingTexts(call));
        }
        match answers.files.iter().position(|file| !sent(&file.key)) {
            Some(index) => {
                let Some(file) = answers.files.get(index) else {
                    return self.fail(ErrorCode::Internal.into(), Charged::No);
                };
                let request = self.provider.fill_file(id, file);
                let salt = self.next_salt();
                let (call, go) = Free::begin(request, &self.policy, salt);
                self.go(go, State::FillingFile(call, index))
            }
            None => self.look(Look::Verify),
        }
    }

    pub(super) fn filled_texts(&mut self, now: u64) -> Next {
        let Some(answers) = &self.plan.answers else {
            return self.fail(ErrorCode::Internal.into(), Charged::No);
        };
        let mut entry = self.entry.clone();
        // A provider may have replaced the whole set, so files sent before may be blank again.
        entry.filled = answers.digests.clone();
        entry
            .filled
            .retain(|key, _| !answers.files.iter().any(|file| file.key == *key));
        self.record(now, entry, After::Fill)
    }

    pub(super) fn filled_file(&mut self, now: u64, index: usize) -> Next {
        let mut entry = self.entry.clone();
        if let Some((answers, file)) = self
            .plan
            .answers
            .as_ref()
            .and_then(|a| Some((a, a.files.get(index)?)))
        {
            let digest = answers.digests.get(&file.key).cloned().unwrap_or_default();
            entry.filled.insert(file.key.clone(), digest);
        }
        self.record(now, entry, After::Fill)
    }

    pub(super) fn not_filled(&mut self, failure: CallFailure) -> Next {
        match failure.hint() {
            // It is gone, or closed by somebody: looking tells which, and what may be done.
            Hint::Missing | Hint::AlreadyClosed => self.look(Look::BeforeFill),
            _ => self.fail(failure.into(), Charged::No),
        }
    }

    /// Journals that only a person can settle this.
    pub(super) fn needs_person(&mut self, now: u64) -> Next {
        let mut entry = self.entry.clone();
        entry.stage = Stage::NeedsPerson;
        let mut charged = Charged::Unknown;
        match entry
            .purchases
            .iter_mut()
            .find(|purchase| purchase.kind == PurchaseKind::Submit)
        {
            Some(purchase) if purchase.state == PurchaseState::Paid => charged = Charged::Yes,
            Some(purchase) => purchase.state = PurchaseState::Unknown,
            None => {}
        }
        self.record(now, entry, After::Fail(ErrorCode::NeedsPerson, charged, None))
    }
}
