"""What the verbs ask and how their answers are read: the one place that both clients share."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar, cast

from . import _native, _spark
from ._models import (
    CallbackEvent,
    DeliveredFile,
    Delivery,
    Quote,
    Resumed,
    ServiceSummary,
    Submission,
    SubmissionSummary,
    SubmitProgress,
    Update,
    loads,
)

T = TypeVar("T")
Price: TypeAlias = str | Decimal


@dataclass(frozen=True)
class Verb(Generic[T]):
    """An operation under way, how its end is read, and what is told of its way there."""

    operation: _native.Operation
    read: Callable[[Any], T]
    on_progress: Callable[[SubmitProgress], object] | None = None


def price_text(price: Price | None) -> str | None:
    """Write an amount as the core reads it. A float is refused: a confirmed price is compared to the cent."""
    if price is None or isinstance(price, str):
        return price
    if not isinstance(cast("object", price), Decimal):
        raise TypeError('a price is a text such as "19.00" or a Decimal, never a float')
    return str(price)


def start_client(
    *,
    environment: str,
    provider: str,
    token: str | None,
    token_provider: Callable[[], str | None] | None,
    credentials: tuple[str, str] | None,
    base_url: str | None,
    oauth_url: str | None,
    journal: str | os.PathLike[str] | None,
    account: str,
    timeout: float | None,
    max_spend: Price | None,
    commit_timeout: float | None,
    quiet_margin: float | None,
    one_token_per_purchase: bool,
) -> _native.Client:
    """Make the compiled half of a client."""
    return _native.Client(
        environment=environment,
        provider=provider,
        token=token,
        token_provider=token_provider,
        credentials=credentials,
        base_url=base_url,
        oauth_url=oauth_url,
        journal=None if journal is None else os.fspath(journal),
        account=account,
        timeout=timeout,
        max_spend=price_text(max_spend),
        commit_timeout=commit_timeout,
        quiet_margin=quiet_margin,
        one_token_per_purchase=one_token_per_purchase,
    )


def _submission(text: str) -> Submission:
    return Submission._of(loads(text))


def services(client: _native.Client, search: str | None) -> Verb[list[ServiceSummary]]:
    """Start the verb."""
    return Verb(client.services(search), lambda text: [ServiceSummary(**one) for one in loads(text)])


def service(client: _native.Client, query: str) -> Verb[_native.Service]:
    """Start the verb."""
    return Verb(client.service(query), lambda service: service)


def quote(client: _native.Client, service: _native.Service, options: Sequence[str]) -> Verb[Quote]:
    """Start the verb."""
    return Verb(client.quote(service, list(options)), lambda text: Quote._of(loads(text)))


def credit(client: _native.Client) -> Verb[Decimal]:
    """Start the verb."""
    return Verb(client.credit(), lambda text: Decimal(loads(text)))


def submit(
    client: _native.Client,
    service: _native.Service,
    answers: object,
    *,
    reference: str,
    confirm_price: Price | None,
    options: Sequence[str],
    callback_url: str | None,
    notify_email: str | None,
    accept_warnings: Sequence[str],
    allow_duplicate: bool,
    on_progress: Callable[[SubmitProgress], object] | None,
) -> Verb[Submission]:
    """Start the verb."""
    _spark.refuse_in_task()
    operation = client.submit(
        service,
        answers,
        reference=reference,
        confirm_price=price_text(confirm_price),
        options=list(options),
        callback_url=callback_url,
        notify_email=notify_email,
        accept_warnings=list(accept_warnings),
        allow_duplicate=allow_duplicate,
    )
    return Verb(operation, _submission, on_progress)


def submissions(client: _native.Client) -> Verb[list[SubmissionSummary]]:
    """Start the verb."""
    return Verb(client.submissions(), lambda text: [SubmissionSummary._of(one) for one in loads(text)])


def status(client: _native.Client, reference: str) -> Verb[Submission]:
    """Start the verb."""
    return Verb(client.status(reference), _submission)


def _update(text: str) -> Update | None:
    data = loads(text)
    return None if data is None else Update._of(data)


def wait(client: _native.Client, reference: str, timeout: float) -> Verb[Update | None]:
    """Start the verb."""
    return Verb(client.wait(reference, timeout), _update)


def watch(client: _native.Client, reference: str) -> _native.Operation:
    """Start the verb."""
    return client.watch(reference)


def choose(client: _native.Client, reference: str, result: str, confirm_price: Price) -> Verb[Submission]:
    """Start the verb."""
    _spark.refuse_in_task()
    return Verb(client.choose(reference, result, price_text(confirm_price) or ""), _submission)


def search_again(
    client: _native.Client,
    reference: str,
    number: int,
    service: _native.Service,
    answers: object,
    confirm_price: Price,
) -> Verb[Submission]:
    """Start the verb."""
    _spark.refuse_in_task()
    price = price_text(confirm_price) or ""
    return Verb(client.search_again(reference, number, service, answers, price), _submission)


def delivery(client: _native.Client, reference: str, folder: str | os.PathLike[str] | None) -> Verb[Delivery]:
    """Start the verb; without a folder the files come into one that goes with the ``Delivery``."""
    temporary = tempfile.TemporaryDirectory(prefix="sportello-") if folder is None else None
    target = Path(temporary.name if temporary is not None else folder or ".")

    def read(text: str) -> Delivery:
        files = tuple(
            DeliveredFile(
                path=Path(file["path"]),
                name=file["name"],
                mime=file["mime"],
                size=file["size"],
                sha256=file["sha256"],
                is_archive=file["isArchive"],
            )
            for file in loads(text)
        )
        # The temporary folder is kept for as long as the delivery is.
        return Delivery(files, temporary)

    return Verb(client.delivery(reference, target), read)


def resume(client: _native.Client, folder: str | os.PathLike[str] | None) -> Verb[list[Resumed]]:
    """Start the verb."""
    operation = client.resume(None if folder is None else Path(folder))

    def read(text: str) -> list[Resumed]:
        return [Resumed(Submission._of(one["submission"]), one["state"], one["code"]) for one in loads(text)]

    return Verb(operation, read)


def abandon(client: _native.Client, reference: str) -> Verb[None]:
    """Start the verb."""
    return Verb(client.abandon(reference), lambda _: None)


def revoke_tokens(client: _native.Client) -> Verb[int]:
    """Start the verb."""
    return Verb(client.revoke_tokens(), lambda text: int(loads(text)))


def receive_callback(client: _native.Client, headers: Mapping[str, str], body: bytes) -> Verb[CallbackEvent]:
    """Start the verb."""

    def read(text: str) -> CallbackEvent:
        data = loads(text)
        return CallbackEvent(Submission._of(data["submission"]), data["changed"])

    return Verb(client.receive_callback(list(headers.items()), body), read)


def over(verb: Verb[Any]) -> None:
    """Take a bar down, however the verb ended."""
    if verb.on_progress is not None:
        from ._progress import ProgressBar

        if isinstance(verb.on_progress, ProgressBar):
            verb.on_progress.close()


def told(verb: Verb[Any], text: str) -> None:
    """Hand progress on."""
    if verb.on_progress is not None:
        verb.on_progress(SubmitProgress(**loads(text)))
