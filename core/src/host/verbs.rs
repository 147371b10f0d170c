//! The verbs, as a host is led through them.

use std::collections::VecDeque;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Inner;
use super::desk::{Ask, Desk, Reply};
use super::journal::{Asked, Ledger};
use super::run::{HostEvent, HostStep};
use super::wire::HostRequest;
use crate::error::{ErrorCode, SportelloError};
use crate::flow::{
    Event, FetchFlow, FreeFlow, Hands, Machine, PurchaseFlow, Receipt, Step, SubmitFlow, SubmitPlan, Update,
    WaitReason, Wanted, WatchFlow, drive, latest,
};
use crate::http::pieces::hex;
use crate::http::{AnswerMode, Failure, HttpRequest, Target};
use crate::journal::{Duplicates, Entry};
use crate::model::{Answer, Answers, HostFile, ResultId, Service, ServiceSummary, Source};
use crate::provider::DocumentInfo;
use crate::verb::{
    Accepted, Kept, Submission, SubmitRequest, another_search, check_reference, find, matching, may_pay,
    purchase_plan,
};

/// How much of a file of the host's is read at once.
const READ: u32 = 256 * 1024;

/// The verbs of one run.
pub(super) struct Verbs {
    pub(super) client: Arc<Inner>,
    pub(super) desk: Desk,
    pub(super) ledger: Ledger,
}

impl Verbs {
    pub(super) fn new(client: Arc<Inner>, desk: Desk) -> Verbs {
        let ledger = Ledger::new(client.journal.clone(), desk.clone());
        Verbs { client, desk, ledger }
    }

    pub(super) async fn services(&self, search: Option<&str>) -> Result<Vec<ServiceSummary>, SportelloError> {
        Ok(matching(&self.catalogue().await?, search))
    }

    async fn catalogue(&self) -> Result<Vec<ServiceSummary>, SportelloError> {
        let client = &self.client;
        let request = client.provider.list_services();
        let flow = FreeFlow::new(
            Arc::clone(&client.provider),
            client.policy(),
            request,
            |provider, _, response| Ok(provider.read_services(response)?),
        );
        self.drive(flow, None).await
    }

    pub(super) async fn service(&self, query: &str) -> Result<Service, SportelloError> {
        let catalogue = self.catalogue().await?;
        let id = find(query, &catalogue, self.client.provider.name())?;
        self.service_by_id(&id).await
    }

    pub(super) async fn service_by_id(&self, id: &str) -> Result<Service, SportelloError> {
        let client = &self.client;
        let (request, asked) = (client.provider.get_service(id), id.to_owned());
        let flow = FreeFlow::new(
            Arc::clone(&client.provider),
            client.policy(),
            request,
            move |provider, _, response| provider.read_service(&asked, response),
        );
        self.drive(flow, None).await
    }

    pub(super) async fn submit(&self, request: SubmitRequest) -> Result<Submission, SportelloError> {
        self.client.refuse_to_pay_twice()?;
        let mut accepted = request.accept()?;
        self.digest_files(&mut accepted.request.answers).await?;
        let (client, now) = (&self.client, self.desk.now().wall_ms);
        let keep = (client.keeping.keeps()).then(|| accepted.request.to_keep(now));
        self.hand_in(accepted, keep).await
    }

    /// Hands in what nothing stands against; kept first, where it is not yet.
    pub(super) async fn hand_in(
        &self,
        accepted: Accepted,
        keep: Option<Kept>,
    ) -> Result<Submission, SportelloError> {
        let (client, reference) = (&self.client, accepted.request.reference.clone());
        let plan = accepted.plan(&client.identity, self.desk.now().wall_ms)?;
        let known = self.ledger.get(&plan.key).await?;
        if let Some(keep) = keep.filter(|_| may_pay(known.as_ref())) {
            client.keeping.keep(&client.identity, &reference, &keep)?;
        }
        let receipt = self.run_submit(plan, known).await?;
        // What stays because it can't be removed now is removed by the next `resume`.
        let _ = client.keeping.forget(&client.identity, &reference);
        Ok(Submission::new(receipt.entry, receipt.remote))
    }

    pub(super) async fn run_submit(
        &self,
        plan: SubmitPlan,
        known: Option<Entry>,
    ) -> Result<Receipt, SportelloError> {
        let (provider, policy) = (Arc::clone(&self.client.provider), self.client.policy());
        let not_before = known.as_ref().map(latest);
        self.drive(SubmitFlow::new(provider, policy, plan, known), not_before)
            .await
    }

    /// Has the host read each file of its own once, for its digest.
    async fn digest_files(&self, answers: &mut Answers) -> Result<(), SportelloError> {
        let own = answers.iter().filter_map(|(key, answer)| match answer {
            Answer::File { file } => match &file.source {
                Some(Source::Host(host)) if host.sha256.is_none() => {
                    Some((key.to_owned(), file.clone(), host.handle.clone()))
                }
                _ => None,
            },
            Answer::Text(_) => None,
        });
        for (key, mut file, handle) in own.collect::<Vec<_>>() {
            let failed = |code| SportelloError::new(code).detail(format!("field `{key}`"));
            let (mut digest, mut read) = (Sha256::new(), 0u64);
            loop {
                let step = HostStep::Read {
                    file: handle.clone(),
                    offset: read,
                    length: READ,
                };
                let Reply::Event(HostEvent::Bytes(bytes)) = self.ask(step, AnswerMode::Inline, false).await
                else {
                    return Err(failed(ErrorCode::AttachmentUnreadable));
                };
                digest.update(&bytes);
                read += bytes.len() as u64;
                // One byte more than announced is enough to know.
                if bytes.len() < READ as usize || read > file.size {
                    break;
                }
            }
            if read != file.size {
                return Err(failed(ErrorCode::AttachmentChanged));
            }
            let sha256 = Some(hex(&digest.finalize()));
            file.source = Some(Source::Host(HostFile { handle, sha256 }));
            answers.set(key, file);
        }
        Ok(())
    }

    pub(super) async fn submissions(&self) -> Result<Vec<Submission>, SportelloError> {
        let entries = self.ledger.list(&self.client.identity.scope).await?;
        let known = entries.into_iter().map(|entry| Submission::new(entry, None));
        Ok(known.collect())
    }

    pub(super) async fn status(&self, reference: &str) -> Result<Submission, SportelloError> {
        let entry = self.entry(reference).await?;
        if entry.id.is_none() {
            return Ok(Submission::new(entry, None));
        }
        let (provider, policy) = (Arc::clone(&self.client.provider), self.client.policy());
        let update = self.drive(WatchFlow::once(provider, policy, entry), None).await?;
        let entry = self.entry(reference).await?;
        Ok(Submission::new(entry, Some(update.remote)))
    }

    pub(super) async fn watch(&self, reference: &str) -> Result<Update, SportelloError> {
        let entry = self.entry(reference).await?;
        let (provider, rhythm) = (Arc::clone(&self.client.provider), self.client.rhythm.clone());
        let mut flow = WatchFlow::new(provider, self.client.policy(), rhythm, entry);
        let mut hands = self.hands();
        let outcome = drive(&mut flow, &mut hands, 0, |flow: &mut WatchFlow, hands| {
            hands.updates.extend(flow.take_update());
        })
        .await;
        // Whoever has gone by now has seen all but the last, which is the outcome as well.
        hands.tell().await;
        outcome
    }

    pub(super) async fn choose(
        &self,
        reference: &str,
        result: ResultId,
        confirm_price: &str,
    ) -> Result<Submission, SportelloError> {
        self.purchase(reference, confirm_price, |_| Ok(Wanted::Choice(result)))
            .await
    }

    pub(super) async fn search_again(
        &self,
        reference: &str,
        number: u32,
        service: &Service,
        answers: &Answers,
        confirm_price: &str,
    ) -> Result<Submission, SportelloError> {
        let identity = &self.client.identity;
        self.purchase(reference, confirm_price, |_| {
            another_search(number, service, answers, identity)
        })
        .await
    }

    async fn purchase(
        &self,
        reference: &str,
        confirm_price: &str,
        wanted: impl FnOnce(&Entry) -> Result<Wanted, SportelloError>,
    ) -> Result<Submission, SportelloError> {
        check_reference(reference)?;
        let about = |error: SportelloError| error.about(reference, None);
        self.client.refuse_to_pay_twice().map_err(about)?;
        let entry = self.entry(reference).await?;
        let id = entry.id.clone();
        let about = |error: SportelloError| error.about(reference, id.as_deref());
        let wanted = wanted(&entry).map_err(about)?;
        let service = self.service_by_id(&entry.service_id).await.map_err(about)?;
        let plan = purchase_plan(wanted, confirm_price, &service, &entry).map_err(about)?;
        let (provider, policy) = (Arc::clone(&self.client.provider), self.client.policy());
        let not_before = Some(latest(&entry));
        let flow = PurchaseFlow::new(provider, policy, plan, entry);
        let receipt = self.drive(flow, not_before).await?;
        Ok(Submission::new(receipt.entry, receipt.remote))
    }

    pub(super) async fn delivery(&self, reference: &str) -> Result<Vec<DocumentInfo>, SportelloError> {
        let entry = self.entry(reference).await?;
        let (provider, policy) = (Arc::clone(&self.client.provider), self.client.policy());
        self.drive(FetchFlow::new(provider, policy, entry), None).await
    }

    pub(super) async fn entry(&self, reference: &str) -> Result<Entry, SportelloError> {
        check_reference(reference)?;
        let entry = self
            .ledger
            .get(&self.client.identity.entry_key(reference))
            .await?;
        entry.ok_or_else(|| SportelloError::new(ErrorCode::ReferenceUnknown).about(reference, None))
    }

    fn hands(&self) -> HostHands<'_> {
        HostHands {
            verbs: self,
            updates: VecDeque::new(),
        }
    }

    pub(super) async fn drive<M: Machine>(
        &self,
        mut machine: M,
        not_before: Option<u64>,
    ) -> Result<M::Output, SportelloError> {
        let mut hands = self.hands();
        drive(
            &mut machine,
            &mut hands,
            not_before.unwrap_or_default(),
            |_, _| (),
        )
        .await
    }

    async fn ask(&self, step: HostStep, mode: AnswerMode, of_machine: bool) -> Reply {
        self.desk
            .ask(Ask {
                step,
                mode,
                of_machine,
            })
            .await
    }
}

/// The hands of one run: the host's.
struct HostHands<'a> {
    verbs: &'a Verbs,
    /// Not told yet.
    updates: VecDeque<Update>,
}

impl HostHands<'_> {
    /// Tells the host what has changed.
    async fn tell(&mut self) {
        while let Some(update) = self.updates.pop_front() {
            let step = HostStep::Update(Box::new(update));
            self.verbs.ask(step, AnswerMode::Inline, false).await;
        }
    }
}

impl Hands for HostHands<'_> {
    fn wall(&self) -> u64 {
        self.verbs.desk.now().wall_ms
    }

    fn steady(&self) -> u64 {
        self.verbs.desk.now().steady_ms
    }

    fn stepped<T>(&mut self, _: &Step<T>) {}

    async fn send(&mut self, request: &HttpRequest, once: bool, timeout_ms: Option<u64>) -> Event {
        self.tell().await;
        let client = &self.verbs.client;
        // A host can't promise never to ask inside a network, so it is not sent there at all.
        if let Target::Signed(_) = request.target {
            return Event::Failed(Failure::AddressRefused);
        }
        // Now, not before: it may have been replaced while we waited.
        let Some(token) = client.token() else {
            return Event::Failed(Failure::NoToken);
        };
        let Some(asked) = HostRequest::new(request, once, timeout_ms, &client.origin, &token) else {
            return Event::Failed(Failure::Unreachable);
        };
        match self.verbs.ask(HostStep::Send(asked), request.answer, true).await {
            Reply::Answer(Ok(response)) => Event::Responded(response),
            Reply::Answer(Err(failure)) => Event::Failed(failure),
            Reply::Event(_) => Event::Cancelled,
        }
    }

    async fn record(&mut self, entry: Box<Entry>, expect_seq: u64, duplicates: Duplicates) -> Event {
        self.tell().await;
        match self.verbs.ledger.record(&entry, expect_seq, duplicates).await {
            Ok(Asked::Said(recorded)) => Event::Recorded(recorded),
            Ok(Asked::Cancelled) => Event::Cancelled,
            Err(error) => Event::RecordFailed(error),
        }
    }

    async fn wait(&mut self, millis: u64, reason: WaitReason) -> Event {
        self.tell().await;
        match self
            .verbs
            .ask(HostStep::Wait { millis, reason }, AnswerMode::Inline, true)
            .await
        {
            Reply::Event(HostEvent::Elapsed) => Event::Elapsed,
            _ => Event::Cancelled,
        }
    }
}
