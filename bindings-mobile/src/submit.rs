#[cfg(feature = "journal")]
use sportello::verb::SubmitRequest;

#[cfg(feature = "journal")]
use crate::{Answers, Service};
use crate::{Money, PrivateText};

/// On which conditions to hand in.
#[derive(Clone, Debug, uniffi::Record)]
pub struct SubmitOptions {
    /// The exact **net** price of handing in, options included, as the quote's `dueNow` says. Nothing is paid without it.
    #[uniffi(default = None)]
    pub confirm_price: Option<Money>,
    /// The paid options, by name: `urgenza`.
    #[uniffi(default = [])]
    pub options: Vec<String>,
    /// The codes of warnings that somebody has looked at and found right.
    #[uniffi(default = [])]
    pub accept_warnings: Vec<String>,
    /// Whom the provider mails the documents.
    #[uniffi(default = None)]
    pub notify_email: Option<PrivateText>,
    /// Says that a second live submission of the same service for the same applicant is meant.
    #[uniffi(default = false)]
    pub allow_duplicate: bool,
}

#[cfg(feature = "journal")]
impl SubmitOptions {
    /// What the core hands in.
    pub(crate) fn request(self, service: &Service, answers: &Answers, reference: String) -> SubmitRequest {
        // Named one by one: an option that is added must be used.
        let SubmitOptions {
            confirm_price,
            options,
            accept_warnings,
            notify_email,
            allow_duplicate,
        } = self;
        let given = answers.lock().clone();
        let mut request = SubmitRequest::new(service.0.clone(), given, reference);
        if let Some(price) = confirm_price {
            request = request.confirm_price(price.to_string());
        }
        if let Some(email) = notify_email {
            request = request.notify_email(email.0);
        }
        request = options.into_iter().fold(request, SubmitRequest::option);
        request = (accept_warnings.into_iter()).fold(request, SubmitRequest::accept_warning);
        if allow_duplicate {
            request = request.allow_duplicate();
        }
        request
    }
}
