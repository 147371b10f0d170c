//! What can be asked for, and what it needs.

use std::sync::{Arc, Mutex, PoisonError};

use super::Client;
use super::clock::now;
use crate::check::Report;
use crate::error::SportelloError;
use crate::flow::FreeFlow;
use crate::model::{Answers, Quote, Service, ServiceSummary};
use crate::verb::{digest_of_answers, find, matching, quote};

/// How long a catalogue is believed: names and ids change rarely, and a wrong one is refused before anything is paid.
const CATALOGUE_MS: u64 = 5 * 60 * 1000;

/// The catalogue last fetched, with its time.
#[derive(Default)]
pub(super) struct Catalogue(Mutex<Option<(u64, Arc<Vec<ServiceSummary>>)>>);

impl Client {
    /// What can be asked for; with `search`, the services whose name or category holds all its words.
    ///
    /// # Errors
    /// `network.*`, `auth.*`, `provider.*`, `answer.*`.
    pub async fn services(&self, search: Option<&str>) -> Result<Vec<ServiceSummary>, SportelloError> {
        let all = self.catalogue().await?;
        Ok(matching(&all, search))
    }

    /// What a service needs. Named by id, by exact name or by alias, never by a part of its name: it may be paid for.
    ///
    /// # Errors
    /// `service.not_found` with near names, `service.ambiguous` with the candidates, `schema.*`, and as for `services`.
    pub async fn service(&self, query: &str) -> Result<Service, SportelloError> {
        let catalogue = self.catalogue().await?;
        let id = find(query, &catalogue, self.inner.provider.name())?;
        self.service_by_id(&id).await
    }

    pub(super) async fn service_by_id(&self, id: &str) -> Result<Service, SportelloError> {
        let inner = &self.inner;
        let request = inner.provider.get_service(id);
        let asked = id.to_owned();
        let mut flow = FreeFlow::new(
            Arc::clone(&inner.provider),
            self.policy(),
            request,
            move |provider, _, response| provider.read_service(&asked, response),
        );
        self.run_free(&mut flow).await
    }

    /// A reference made of a service's name and the answers, for callers that have none of their own: the same answers to the same
    /// service give the same reference on this journal. Keyed, so that it says nothing to others. No network.
    ///
    /// # Errors
    /// `attachment.unreadable`.
    pub async fn reference_for(&self, service: &str, answers: &Answers) -> Result<String, SportelloError> {
        let (inner, service, answers) = (Arc::clone(&self.inner), service.to_owned(), answers.clone());
        super::driver::blocking(move || {
            let digest = digest_of_answers(&service, &answers, &inner.identity.key)?;
            Ok(format!("s-{}", digest.get(..20).unwrap_or_default()))
        })
        .await
    }

    /// Checks answers against a service's form. No network.
    #[must_use]
    pub fn check(&self, service: &Service, answers: &Answers) -> Report {
        service.form.check(answers)
    }

    /// What a service will cost with these options.
    ///
    /// # Errors
    /// `option.unknown`, `price.missing`.
    pub fn quote(&self, service: &Service, options: &[String]) -> Result<Quote, SportelloError> {
        quote(service, options)
    }

    async fn catalogue(&self) -> Result<Arc<Vec<ServiceSummary>>, SportelloError> {
        let held = self
            .inner
            .catalogue
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((at, services)) = held.filter(|(at, _)| now().saturating_sub(*at) < CATALOGUE_MS) {
            let _ = at;
            return Ok(services);
        }
        let inner = &self.inner;
        let request = inner.provider.list_services();
        let mut flow = FreeFlow::new(
            Arc::clone(&inner.provider),
            self.policy(),
            request,
            |provider, _, response| Ok(provider.read_services(response)?),
        );
        let services = Arc::new(self.run_free(&mut flow).await?);
        let mut held = inner.catalogue.0.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some((now(), Arc::clone(&services)));
        Ok(services)
    }
}
