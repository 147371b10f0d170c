"""What both clients have in common: how they are made, and what needs no network."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Literal, TypeAlias, TypeVar

from . import _verbs
from ._native import Client as NativeClient
from ._native import Report, Service
from ._verbs import Price

Environment: TypeAlias = Literal["production", "sandbox", "simulator"]
Provider: TypeAlias = Literal["visengine", "docuengine", "relay"]
Self = TypeVar("Self", bound="BaseClient")


class BaseClient:
    """Hands in requests through one provider, one environment and one account.

    There is no default environment: what spends money is named. ``token`` is a ready-made bearer token or a relay's session,
    ``token_provider`` a function that gives one before each call, ``credentials`` the account's e-mail address and API key. ``journal``
    is a file (by default one in the user's data directory), or ``":memory:"``, which is lost with the process. Times are in seconds.

    Every verb takes ``timeout`` and ``attempts`` for this one call, as ``with_options`` does for all; what may pay takes ``attempts``.
    """

    _native: NativeClient

    def __init__(
        self,
        *,
        environment: Environment,
        provider: Provider = "visengine",
        token: str | None = None,
        token_provider: Callable[[], str | None] | None = None,
        credentials: tuple[str, str] | None = None,
        base_url: str | None = None,
        oauth_url: str | None = None,
        journal: str | os.PathLike[str] | None = None,
        account: str = "default",
        timeout: float | None = None,
        max_spend: Price | None = None,
        commit_timeout: float | None = None,
        quiet_margin: float | None = None,
        one_token_per_purchase: bool = False,
    ) -> None:
        """Open the journal; nothing is sent yet."""
        self._native = _verbs.start_client(
            environment=environment,
            provider=provider,
            token=token,
            token_provider=token_provider,
            credentials=credentials,
            base_url=base_url,
            oauth_url=oauth_url,
            journal=journal,
            account=account,
            timeout=timeout,
            max_spend=max_spend,
            commit_timeout=commit_timeout,
            quiet_margin=quiet_margin,
            one_token_per_purchase=one_token_per_purchase,
        )

    def with_options(self: Self, *, timeout: float | None = None, attempts: int | None = None) -> Self:
        """Give the same client with other options for all that is called through it; every verb takes them by themselves too.

        ``timeout`` is how many seconds a free verb may take in all, ``attempts`` how often a free call is sent at the most. Whatever is
        paid is sent once, and has the time limit of the client's ``commit_timeout``: giving up on it would settle nothing.
        """
        other = object.__new__(type(self))
        other._native = self._native.with_options(timeout, attempts)
        return other

    def _with(self, timeout: float | None, attempts: int | None) -> NativeClient:
        """Give what a verb called with these options goes through."""
        return (
            self._native.with_options(timeout, attempts)
            if (timeout, attempts) != (None, None)
            else self._native
        )

    def check(self, service: Service, answers: object, lang: str | None = None) -> Report:
        """Check answers against a service's form. No network."""
        return service.check(answers, lang)

    def __repr__(self) -> str:
        """Show where it goes, no secrets."""
        return f"{type(self).__name__}{repr(self._native).removeprefix('Client')}"
