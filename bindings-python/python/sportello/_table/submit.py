"""Handing in a table row by row: everything is looked at before anything is sent, and every row is paid at most once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from .._client import Client
from .._models import Submission
from .._native import Service, check_reference
from ..errors import (
    AuthError,
    CheckError,
    ConfigError,
    CreditError,
    JournalError,
    NeedsPerson,
    NetworkError,
    PriceError,
    ProviderError,
    ReferenceError,
    ServiceError,
    SportelloError,
)
from .check import Checked
from .refusals import TableError, refusal
from .results import Results, State
from .table import text_of
from .words import Lang

# As many rows in a row that the provider fails at, and the run ends: the next three hundred would fail too.
FAILURES_IN_A_ROW = 3
_SHOWN = 10

Ending: TypeAlias = Literal["done", "failures", "stopped"]


@dataclass(frozen=True)
class Job:
    """A row that can be handed in."""

    reference: str
    checked: Checked


@dataclass(frozen=True)
class Plan:
    """What a run would do. ``jobs`` holds rows handed in before as well: the total confirmed is theirs too, so that the same command,
    run again, means the same.
    """

    jobs: list[Job]
    skipped: list[Checked]
    left: list[Job]

    def total(self, price: Decimal) -> Decimal:
        """Give the net price of all that can be handed in."""
        return price * len(self.jobs)


def plan(checked: Sequence[Checked], column: int, results: Results, limit: int | None, lang: Lang) -> Plan:
    """Work out what is to be done. References are looked at for every row, before anything is sent."""
    references = _references(checked, column, lang)
    jobs: list[Job] = []
    skipped: list[Checked] = []
    for one in checked:
        if one.problems:
            skipped.append(one)
        elif limit is None or len(jobs) < limit:
            jobs.append(Job(references[one.row.number], one))
    return Plan(jobs, skipped, [job for job in jobs if not results.sent(job.reference)])


def _references(checked: Sequence[Checked], column: int, lang: Lang) -> dict[int, str]:
    by_row: dict[int, str] = {}
    rows_of: dict[str, list[int]] = {}
    wrong: list[str] = []
    for one in checked:
        value = one.row.value(column)
        reference = text_of(int(value) if isinstance(value, float) and value.is_integer() else value)
        by_row[one.row.number] = reference
        if not reference:
            wrong.append(refusal("reference_none", lang, row=one.row.number))
            continue
        # Two that differ in case only are one to a person who compares lists.
        rows_of.setdefault(reference.casefold(), []).append(one.row.number)
        try:
            check_reference(reference)
        except ReferenceError as refused:
            wrong.append(refusal(refused.code, lang, row=one.row.number))
    for rows in rows_of.values():
        if len(rows) > 1:
            wrong.append(refusal("reference_same", lang, rows=", ".join(map(str, rows))))
    if wrong:
        more = [refusal("and_more", lang, n=len(wrong) - _SHOWN)] if len(wrong) > _SHOWN else []
        raise TableError("references", lines="\n  ".join(wrong[:_SHOWN] + more))
    return by_row


@dataclass
class Outcome:
    """How a run ended."""

    ending: Ending = "done"
    error: SportelloError | None = None
    charged_unknown: int = 0


def run(
    client: Client,
    service: Service,
    todo: Plan,
    results: Results,
    *,
    price: str,
    options: Sequence[str],
    accept: Sequence[str],
    told: Callable[[int, Job, State], None],
) -> Outcome:
    """Hand in what is left. The journal sees to it that a reference is paid once; the results only say what needs no asking."""
    outcome = Outcome()
    failures = 0
    for number, job in enumerate(todo.left, 1):
        row = job.checked.row.number
        try:
            submission: Submission = client.submit(
                service,
                job.checked.answers,
                reference=job.reference,
                confirm_price=price,
                options=options,
                accept_warnings=accept,
            )
        except SportelloError as error:
            state = _state(error)
            results.put(job.reference, row, state, error.charged, "", error.id or "", error.code)
            told(number, job, state)
            outcome.charged_unknown += error.charged == "unknown"
            if _ends_everything(error):
                outcome.ending, outcome.error = "stopped", error
                return outcome
            failures = failures + 1 if _is_failure(error) else 0
            if failures == FAILURES_IN_A_ROW:
                outcome.ending, outcome.error = "failures", error
                return outcome
            continue
        failures = 0
        paid = str(submission.price or "")
        results.put(job.reference, row, "sent", submission.charged, paid, submission.id or "")
        told(number, job, "sent")
    return outcome


def _state(error: SportelloError) -> State:
    if isinstance(error, NeedsPerson):
        return "person"
    return "retry" if error.is_retryable else "refused"


def _is_failure(error: SportelloError) -> bool:
    return isinstance(error, (NetworkError, ProviderError)) or error.code == "submit.outcome_unknown"


def _ends_everything(error: SportelloError) -> bool:
    """Tell whether every row after this one would meet the same."""
    if error.code in ("submit.commits_stopped", "network.tls", "network.redirect"):
        return True
    everywhere = (AuthError, ConfigError, CreditError, JournalError, PriceError, ServiceError)
    return isinstance(error, everywhere) and not isinstance(error, CheckError)
