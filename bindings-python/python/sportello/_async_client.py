"""The client for event loops."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from decimal import Decimal
from types import TracebackType
from typing import TypeVar

from . import _verbs
from ._base import BaseClient
from ._models import (
    CallbackEvent,
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
from ._native import Service
from ._run import Events, arun
from ._verbs import Price
from .errors import ConfigError

Self = TypeVar("Self", bound="AsyncClient")


class AsyncClient(BaseClient):
    """The client for event loops: every verb is awaited."""

    async def services(
        self, search: str | None = None, *, timeout: float | None = None, attempts: int | None = None
    ) -> list[ServiceSummary]:
        """List what can be asked for; with ``search``, what has all its words in name or category."""
        return await arun(_verbs.services(self._with(timeout, attempts), search))

    async def service(
        self, query: str, *, timeout: float | None = None, attempts: int | None = None
    ) -> Service:
        """Give what a service needs. Named by id, exact name or alias, never by a part of its name: it may be paid for."""
        return await arun(_verbs.service(self._with(timeout, attempts), query))

    async def quote(
        self,
        service: Service,
        options: Sequence[str] = (),
        *,
        timeout: float | None = None,
        attempts: int | None = None,
    ) -> Quote:
        """Give what a service will cost with these options, and the account's credit where the client has its credentials."""
        return await arun(_verbs.quote(self._with(timeout, attempts), service, options))

    async def credit(self, *, timeout: float | None = None, attempts: int | None = None) -> Decimal:
        """Give the account's credit; needs ``credentials``."""
        return await arun(_verbs.credit(self._with(timeout, attempts)))

    async def submit(
        self,
        service: Service,
        answers: object,
        *,
        reference: str,
        confirm_price: Price | None = None,
        options: Sequence[str] = (),
        callback_url: str | None = None,
        notify_email: str | None = None,
        accept_warnings: Sequence[str] = (),
        allow_duplicate: bool = False,
        on_progress: Callable[[SubmitProgress], object] | None = None,
        attempts: int | None = None,
    ) -> Submission:
        """Hand a request in, paid at most once whatever happens.

        ``reference`` is your name of this one intention: the same one may be submitted again after any error. ``confirm_price`` is the
        exact net price, options included; nothing is paid without it. ``on_progress`` is called with each step, and with how much of the
        files is up; ``progress_bar()`` makes a bar of it.
        """
        return await arun(
            _verbs.submit(
                self._with(None, attempts),
                service,
                answers,
                reference=reference,
                confirm_price=confirm_price,
                options=options,
                callback_url=callback_url,
                notify_email=notify_email,
                accept_warnings=accept_warnings,
                allow_duplicate=allow_duplicate,
                on_progress=on_progress,
            )
        )

    async def submissions(
        self, *, timeout: float | None = None, attempts: int | None = None
    ) -> list[SubmissionSummary]:
        """List everything handed in from this account, newest first. A relay lists nothing."""
        return await arun(_verbs.submissions(self._with(timeout, attempts)))

    async def status(
        self, reference: str, *, timeout: float | None = None, attempts: int | None = None
    ) -> Submission:
        """Tell where a submission is. Never pays."""
        return await arun(_verbs.status(self._with(timeout, attempts), reference))

    async def wait(
        self, reference: str, timeout: float = 3600.0, *, attempts: int | None = None
    ) -> Update | None:
        """Wait until something is there to be done or nothing will come; ``None`` when the time is up first."""
        return await arun(_verbs.wait(self._with(None, attempts), reference, timeout))

    async def watch(self, reference: str, *, attempts: int | None = None) -> AsyncIterator[Update]:
        """Follow a submission: one update per change, until something is there to be done."""
        operation = _verbs.watch(self._with(None, attempts), reference)
        events = Events(operation)
        try:
            while True:
                kind, value = await events.next()
                if kind == "done":
                    return
                yield Update._of(loads(value))
        finally:
            operation.cancel()
            events.close()

    async def choose(
        self, reference: str, result: str, confirm_price: Price, *, attempts: int | None = None
    ) -> Submission:
        """Choose a search result: paid, and at most once."""
        return await arun(_verbs.choose(self._with(None, attempts), reference, result, confirm_price))

    async def search_again(
        self,
        reference: str,
        number: int,
        service: Service,
        answers: object,
        confirm_price: Price,
        *,
        attempts: int | None = None,
    ) -> Submission:
        """Add a search: paid, and at most once for its number (2 for the first after the one that came with handing in)."""
        return await arun(
            _verbs.search_again(
                self._with(None, attempts), reference, number, service, answers, confirm_price
            )
        )

    async def delivery(
        self,
        reference: str,
        folder: str | os.PathLike[str] | None = None,
        *,
        timeout: float | None = None,
        attempts: int | None = None,
    ) -> Delivery:
        """Fetch the documents, into ``folder`` or into a temporary one that goes with the answer."""
        return await arun(_verbs.delivery(self._with(timeout, attempts), reference, folder))

    async def resume(
        self, folder: str | os.PathLike[str] | None = None, *, attempts: int | None = None
    ) -> list[Resumed]:
        """Find out what happened to everything that was under way; what is ready is fetched into ``folder`` first."""
        return await arun(_verbs.resume(self._with(None, attempts), folder))

    async def abandon(
        self, reference: str, *, timeout: float | None = None, attempts: int | None = None
    ) -> None:
        """Give up a submission that was not handed in: its draft is blanked with the provider."""
        await arun(_verbs.abandon(self._with(timeout, attempts), reference))

    async def receive_callback(
        self,
        headers: Mapping[str, str],
        body: bytes,
        *,
        timeout: float | None = None,
        attempts: int | None = None,
    ) -> CallbackEvent:
        """Take in what the provider called back with: authenticated, and confirmed by asking."""
        return await arun(_verbs.receive_callback(self._with(timeout, attempts), headers, body))

    async def revoke_tokens(self) -> int:
        """Give back every token that was made of the credentials."""
        return await arun(_verbs.revoke_tokens(self._native))

    async def close(self) -> None:
        """Give back the tokens that this client made; the client can still be used, and would make new ones."""
        try:
            await self.revoke_tokens()
        except ConfigError:
            # A client with a ready-made token has made none.
            return

    async def __aenter__(self: Self) -> Self:
        """Use the client for a while."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give back what it made."""
        await self.close()
