use crate::error::{ErrorCode, SportelloError};
use crate::model::{Quote, Service, ServiceSummary};
use crate::provider::{ResolveError, elsewhere, resolve};

/// The services whose name or category holds all words of `search`; all of them without one.
pub(crate) fn matching(catalogue: &[ServiceSummary], search: Option<&str>) -> Vec<ServiceSummary> {
    let words: Vec<String> = search
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_lowercase)
        .collect();
    let matches = |service: &&ServiceSummary| {
        let text = format!("{} {}", service.name, service.category).to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    catalogue.iter().filter(matches).cloned().collect()
}

/// The id of the service that is meant: by id, by exact name or by alias, never by a part of its name: it may be paid for.
pub(crate) fn find(
    query: &str,
    catalogue: &[ServiceSummary],
    provider: &'static str,
) -> Result<String, SportelloError> {
    match resolve(query, catalogue) {
        Ok(summary) => Ok(summary.id.clone()),
        Err(ResolveError::NotFound { near }) => {
            if let Some((provider, name)) = elsewhere(query, provider) {
                let error = SportelloError::new(ErrorCode::ServiceElsewhere);
                return Err(error.detail(format!("`{name}` is a service of the provider `{provider}`")));
            }
            let error = SportelloError::new(ErrorCode::ServiceNotFound);
            let near: Vec<String> = near.iter().map(|near| format!("`{}`", near.name)).collect();
            Err(match near.is_empty() {
                true => error,
                false => error.detail(format!("near names: {}", near.join(", "))),
            })
        }
        Err(ResolveError::Ambiguous { candidates }) => {
            let candidates: Vec<String> = candidates
                .iter()
                .map(|one| format!("{} `{}`", one.id, one.name))
                .collect();
            Err(SportelloError::new(ErrorCode::ServiceAmbiguous).detail(candidates.join(", ")))
        }
    }
}

/// What a service will cost with these options: `option.unknown`, `price.missing`.
pub(crate) fn quote(service: &Service, options: &[String]) -> Result<Quote, SportelloError> {
    if let Some(unknown) = options.iter().find(|name| service.option(name).is_none()) {
        let known: Vec<String> = service
            .options
            .iter()
            .map(|option| format!("`{}`", option.name))
            .collect();
        let known = if known.is_empty() {
            "it has none".to_owned()
        } else {
            format!("it has {}", known.join(", "))
        };
        return Err(SportelloError::new(ErrorCode::OptionUnknown).detail(format!("`{unknown}`; {known}")));
    }
    service
        .quote(options)
        .ok_or_else(|| ErrorCode::PriceMissing.into())
}
