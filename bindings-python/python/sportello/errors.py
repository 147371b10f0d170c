"""Why a call did not do what was asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Charged: TypeAlias = Literal["no", "yes", "unknown"]


@dataclass(frozen=True)
class FindingSummary:
    """A finding that stands in the way, without its text and without any value."""

    field: str | None
    code: str
    severity: str
    position: int | None


class SportelloError(Exception):
    """The base of this library's errors. Branch on ``code``; the text is for developers.

    Neither the text nor any attribute holds personal data or a token. Errors survive pickling.
    """

    code: str
    """The stable dotted code: ``submit.credit_insufficient``."""
    detail: str
    """What is wrong and what to do."""
    is_retryable: bool
    """True when the same call with the same reference is safe and may succeed."""
    http_status: int | None
    """The HTTP status, where an answer came."""
    api_code: int | None
    """The provider's own code; it means something only for this provider and call."""
    reference: str | None
    """The reference of the submission that it is about."""
    id: str | None
    """The provider's id of that submission, once a draft was bound."""
    charged: Charged
    """Whether the account was charged."""
    findings: tuple[FindingSummary, ...]
    """The findings, where the error is about the answers."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        is_retryable: bool = False,
        http_status: int | None = None,
        api_code: int | None = None,
        reference: str | None = None,
        id: str | None = None,
        charged: Charged = "no",
        findings: tuple[FindingSummary, ...] = (),
    ) -> None:
        """Keep everything, so that the error can be pickled."""
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.is_retryable = is_retryable
        self.http_status = http_status
        self.api_code = api_code
        self.reference = reference
        self.id = id
        self.charged = charged
        self.findings = findings

    def __str__(self) -> str:
        """Give the text alone."""
        return self.detail

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by value."""
        facts = {name: value for name, value in vars(self).items() if name not in ("code", "detail")}
        return _rebuilt, (type(self), self.code, self.detail, facts)


def _rebuilt(kind: type[SportelloError], code: str, detail: str, facts: dict[str, Any]) -> SportelloError:
    return kind(code, detail, **facts)


class SchemaError(SportelloError, ValueError):
    """The description of a service is broken: nothing that could be corrected in the answers."""


class AnswersError(SportelloError, TypeError):
    """The answers are not a mapping of keys to texts and files."""


class KindError(SportelloError, ValueError):
    """There is no such kind of value."""


class CodiceFiscaleError(SportelloError, ValueError):
    """This is no right codice fiscale, or none can be made of these data."""


class TableError(SportelloError, ValueError):
    """The table can't be checked: it is none, a column or field is not there, or a column holds no answers."""


class CheckError(SportelloError, ValueError):
    """The answers have errors, or warnings that were not accepted: see ``findings``. Nothing was sent."""


class PriceError(SportelloError, ValueError):
    """The price was not confirmed, is another than confirmed, or exceeds a limit. Nothing was paid."""


class CreditError(SportelloError):
    """The account's credit is too low: top up, then the same call with the same reference."""


class ReferenceError(SportelloError, ValueError):
    """The reference can't be used, is not known, or was used for something else."""


class ServiceError(SportelloError, LookupError):
    """The service, or a paid option of it, is not there."""


class ConfigError(SportelloError, ValueError):
    """A setting of the client can't be used."""


class AuthError(SportelloError):
    """The token or the credentials were refused."""


class NetworkError(SportelloError):
    """The provider can't be reached, or the connection broke."""


class ProviderError(SportelloError):
    """The provider refused, is out of order, or answered what can't be read."""


class SubmitError(SportelloError):
    """Handing in, choosing or searching did not come to its end: see ``charged``, and go on with the reference."""


class NeedsPerson(SubmitError):
    """What happened can't be settled by program: look ``id`` up with the provider."""


class DeliveryError(SportelloError):
    """The documents are not ready, or did not arrive whole."""


class AttachmentError(SportelloError, ValueError):
    """A file of the answers can't be read, has changed, or can't become a page."""


class CallbackError(SportelloError, ValueError):
    """What came as a callback can't be read or does not prove where it comes from, or the address for callbacks can't be used."""


class JournalError(SportelloError):
    """The journal can't be read or written."""


class RuntimeGone(SportelloError, RuntimeError):
    """This library's threads are gone: after a fork, or while the interpreter ends."""


_BY_CODE: dict[str, type[SportelloError]] = {
    "submit.credit_insufficient": CreditError,
    "submit.needs_person": NeedsPerson,
    "submit.commits_stopped": NeedsPerson,
    "submit.reference_conflict": ReferenceError,
    "submit.data_refused": CheckError,
    "service.unavailable": ProviderError,
}
_BY_ROOM: dict[str, type[SportelloError]] = {
    "schema": SchemaError,
    "form": AnswersError,
    "check": CheckError,
    "price": PriceError,
    "spend": PriceError,
    "reference": ReferenceError,
    "service": ServiceError,
    "option": ServiceError,
    "config": ConfigError,
    "auth": AuthError,
    "network": NetworkError,
    "provider": ProviderError,
    "answer": ProviderError,
    "submit": SubmitError,
    "submission": SubmitError,
    "submissions": ProviderError,
    "attachment": AttachmentError,
    "pages": AttachmentError,
    "callback": CallbackError,
    "file": DeliveryError,
    "choice": SubmitError,
    "search": SubmitError,
    "delivery": DeliveryError,
    "archive": DeliveryError,
    "codice_fiscale": CodiceFiscaleError,
    "encode": CodiceFiscaleError,
    "journal": JournalError,
    "sealed": JournalError,
    "table": TableError,
    "python": RuntimeGone,
}


def class_of(code: str) -> type[SportelloError]:
    """Tell the class of a code; ``SportelloError`` itself for codes without one of their own."""
    return _BY_CODE.get(code) or _BY_ROOM.get(code.partition(".")[0], SportelloError)


def from_facts(text: str) -> SportelloError:
    """Make the error that the core told as JSON."""
    facts: dict[str, Any] = json.loads(text)
    findings = tuple(FindingSummary(**finding) for finding in facts.pop("findings"))
    code, detail = facts.pop("code"), facts.pop("detail")
    return class_of(code)(code, detail, findings=findings, **facts)
