use super::SportelloError;

/// What a program can do about an error: one class of errors in languages that have classes for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorFamily {
    /// The description of a service is broken: nothing that could be corrected in the answers.
    Schema,
    /// The answers are not of the shape that a form takes.
    Answers,
    /// The answers have errors, or warnings that were not accepted: see the findings. Nothing was sent.
    Check,
    /// The price was not confirmed, is another than confirmed, or exceeds a limit. Nothing was paid.
    Price,
    /// The account's credit is too low: top up, then the same call with the same reference.
    Credit,
    /// The reference can't be used, is not known, or was used for something else.
    Reference,
    /// The service, or a paid option of it, is not there.
    Service,
    /// A setting can't be used.
    Config,
    /// The token, the session or the credentials were refused.
    Auth,
    /// The other side can't be reached, or the connection broke.
    Network,
    /// The provider refused, is out of order, or answered what can't be read.
    Provider,
    /// Handing in, choosing or searching did not come to its end: go on with the same reference.
    Submit,
    /// What happened can't be settled by program: look the id up with the provider.
    NeedsPerson,
    /// The documents are not ready, or did not arrive whole.
    Delivery,
    /// A file can't be read or written, or is none of the kind that is needed.
    File,
    /// The journal, or what is sealed beside it, can't be read or written.
    Journal,
    /// The caller stopped waiting. What may pay goes on.
    Cancelled,
    /// Something failed inside the library.
    Internal,
}

impl ErrorFamily {
    /// The family of a code; [`ErrorFamily::Internal`] for codes that there are not.
    #[must_use]
    pub fn of(code: &str) -> ErrorFamily {
        match code {
            "submit.credit_insufficient" => ErrorFamily::Credit,
            "submit.needs_person" | "submit.commits_stopped" => ErrorFamily::NeedsPerson,
            "submit.reference_conflict" => ErrorFamily::Reference,
            "submit.data_refused" => ErrorFamily::Check,
            "service.unavailable" => ErrorFamily::Provider,
            _ => ErrorFamily::of_room(code.split('.').next().unwrap_or_default()),
        }
    }

    fn of_room(room: &str) -> ErrorFamily {
        match room {
            "schema" => ErrorFamily::Schema,
            "form" | "answers" | "encode" => ErrorFamily::Answers,
            "check" => ErrorFamily::Check,
            "price" | "spend" => ErrorFamily::Price,
            "reference" => ErrorFamily::Reference,
            "service" | "option" => ErrorFamily::Service,
            "config" => ErrorFamily::Config,
            "auth" => ErrorFamily::Auth,
            "network" => ErrorFamily::Network,
            "provider" | "answer" | "callback" => ErrorFamily::Provider,
            "submit" | "submission" | "submissions" | "choice" | "search" => ErrorFamily::Submit,
            "delivery" | "archive" => ErrorFamily::Delivery,
            "attachment" | "file" | "pages" => ErrorFamily::File,
            "journal" | "sealed" => ErrorFamily::Journal,
            "call" => ErrorFamily::Cancelled,
            _ => ErrorFamily::Internal,
        }
    }
}

impl SportelloError {
    /// What a program can do about it.
    #[must_use]
    pub fn family(&self) -> ErrorFamily {
        ErrorFamily::of(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A code of a new room must be given a family here.
    #[test]
    fn every_code_has_a_family() {
        let list: serde_json::Value =
            serde_json::from_str(include_str!("../../vectors/errors.json")).unwrap();
        let own = list["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| &error["code"]);
        let rooms = list["rooms"].as_object().unwrap().values();
        let codes: Vec<&str> = own
            .chain(rooms.flat_map(|codes| codes.as_array().unwrap()))
            .map(|code| code.as_str().unwrap())
            .collect();
        assert!(codes.len() > 100, "{}", codes.len());
        for code in codes {
            let expected_internal = matches!(code, "internal" | "flow.misuse");
            assert_eq!(
                ErrorFamily::of(code) == ErrorFamily::Internal,
                expected_internal,
                "{code}"
            );
        }
    }
}
