//! Which service a caller means.

use crate::model::{ServiceSummary, fold};

/// Names that callers may use for a service, beside its id and its exact name.
const ALIASES: &[(&str, &str)] = &[
    ("assegno-unico", "Domanda Assegno Unico"),
    ("isee", "ISEE"),
    ("isee-corrente", "ISEE CORRENTE"),
    ("naspi", "NASPI"),
    ("maternita", "Indennità di Maternità"),
    ("pensione-vecchiaia", "Pensione di vecchiaia"),
    ("pensione-superstiti", "Pensione Superstiti"),
    ("dimissioni", "DIMISSIONI VOLONTARIE"),
    ("730", "730 Singolo"),
    ("730-congiunto", "730 Congiunto"),
    ("estratto-contributivo", "Estratto Contributivo"),
    ("congedo-parentale", "Indennità per congedo parentale"),
];

/// Services that are known to be had from one provider, by name, so that whoever asks another is told. From the providers' published
/// catalogues; it decides nothing but the words of an error.
const KNOWN: &[(&str, &[&str])] = &[
    (
        "visengine",
        &[
            "Domanda Assegno Unico",
            "ISEE",
            "ISEE CORRENTE",
            "NASPI",
            "Indennità di Maternità",
            "Pensione di vecchiaia",
            "Pensione Superstiti",
            "DIMISSIONI VOLONTARIE",
            "730 Singolo",
            "730 Congiunto",
            "Estratto Contributivo",
            "Indennità per congedo parentale",
        ],
    ),
    (
        "docuengine",
        &[
            "Visura Camerale Ordinaria - Societa' Di Capitale",
            "Visura Camerale Ordinaria - Societa' Di Persone",
            "Visura Camerale Ordinaria - Impresa Individuale",
            "Visura Camerale Storica - Societa' Di Capitale",
            "Visura Camerale Storica - Societa' Di Persone",
            "Visura Camerale Storica - Impresa Individuale",
            "Bilancio Ottico",
            "Bilancio XBRL",
            "Bilancio Riclassificato",
            "Visura Camerale Inglese",
            "Atto Ottico",
            "Statuto",
        ],
    ),
];

/// The name that a caller's word stands for, where it is an alias.
fn meant(folded: &str) -> Option<String> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == folded);
    alias.map(|(_, name)| fold(name))
}

/// The other provider that is known to have this service, with the service's name there.
#[must_use]
pub fn elsewhere(query: &str, asked: &str) -> Option<(&'static str, &'static str)> {
    let folded = fold(query);
    let alias = meant(&folded);
    let is = |name: &str| fold(name) == folded || Some(fold(name)) == alias;
    KNOWN
        .iter()
        .filter(|(provider, _)| *provider != asked)
        .find_map(|(provider, names)| Some((*provider, *names.iter().find(|name| is(name))?)))
}

/// A service could not be named.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// There is none of this id, name or alias.
    #[error("no such service")]
    NotFound {
        /// Services whose names come near, to choose from; never chosen by themselves.
        near: Vec<ServiceSummary>,
    },
    /// Several have this name.
    #[error("several services have this name")]
    Ambiguous {
        /// All of them.
        candidates: Vec<ServiceSummary>,
    },
}

/// The service that a caller means: by id, then by exact name (trimmed, case-folded), then by alias. Never by a part of a name: what is
/// named here may be paid for.
///
/// # Errors
/// None is found, with near names; or several have the name.
pub fn resolve<'a>(query: &str, services: &'a [ServiceSummary]) -> Result<&'a ServiceSummary, ResolveError> {
    let folded = fold(query);
    if let Some(service) = services.iter().find(|service| service.id == query.trim()) {
        return Ok(service);
    }
    let alias = meant(&folded);
    for name in [Some(folded.clone()), alias].into_iter().flatten() {
        let found: Vec<&ServiceSummary> = services
            .iter()
            .filter(|service| fold(&service.name) == name)
            .collect();
        match found.as_slice() {
            [] => {}
            [only] => return Ok(only),
            several => {
                return Err(ResolveError::Ambiguous {
                    candidates: several.iter().map(|one| (*one).clone()).collect(),
                });
            }
        }
    }
    let words: Vec<&str> = folded
        .split([' ', '-', '_'])
        .filter(|word| word.len() > 2)
        .collect();
    let hits = |service: &ServiceSummary| {
        words
            .iter()
            .filter(|word| fold(&service.name).contains(**word))
            .count()
    };
    let mut near: Vec<&ServiceSummary> = services.iter().filter(|service| hits(service) > 0).collect();
    near.sort_by_key(|service| std::cmp::Reverse(hits(service)));
    Err(ResolveError::NotFound {
        near: near.into_iter().take(5).cloned().collect(),
    })
}
