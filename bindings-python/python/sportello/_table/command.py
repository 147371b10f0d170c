"""The two commands, and how a run ends."""

from __future__ import annotations

import argparse
import io
import locale
import os
import shlex
import sys
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from .._client import Client
from .._native import Service
from ..errors import (
    AuthError,
    ConfigError,
    JournalError,
    NetworkError,
    ProviderError,
    SchemaError,
    ServiceError,
    SportelloError,
)
from . import show
from .check import Checked, check_rows
from .match import Columns, match
from .options import parser
from .refusals import TableError, is_known, refusal
from .results import Results, alone
from .submit import Job, Outcome, Plan, plan, run
from .table import TO_CORRECT, VERDICT, Table, open_table, write_whole
from .words import LANGS, Lang, say


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; give its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal of another encoding shows a question mark instead of ending the run.
            stream.reconfigure(errors="replace")
    asked = parser(_check_table, _submit_table).parse_args(arguments)
    lang = _lang(asked)
    try:
        code: int = asked.run(asked)
    except TableError as error:
        return _ends(error.code, error.text(lang), lang)
    except SportelloError as error:
        return _ends(_code(error), _told(error, lang), lang)
    except OSError as error:
        return _ends(8, f"`{error.filename}`: {error.strerror}", lang)
    except KeyboardInterrupt:
        return 130
    return code


def _code(error: SportelloError) -> int:
    if isinstance(error, (NetworkError, ProviderError)):
        return 4
    if isinstance(error, (AuthError, ConfigError, SchemaError, ServiceError)):
        return 2
    return 8 if isinstance(error, JournalError) else 3


def _ends(code: int, text: str, lang: Lang) -> int:
    print(f"{refusal('error', lang)}: {text}", file=sys.stderr)
    return code


def _told(error: SportelloError, lang: Lang) -> str:
    """Put an error of the library's into words; its own, which are English, come behind those of another language."""
    named = next((kind.__name__ for kind in type(error).__mro__ if is_known(kind.__name__)), None)
    if named is None or lang == "en":
        return f"{error.detail} [{error.code}]"
    return f"{refusal(named, lang)} [{error.code}: {error.detail}]"


def _lang(asked: argparse.Namespace) -> Lang:
    if asked.lang is not None:
        chosen: Lang = asked.lang
        return chosen
    tag = (
        os.environ.get("LC_ALL")
        or os.environ.get("LC_MESSAGES")
        or os.environ.get("LANG")
        or locale.getlocale()[0]
        or "it"
    )[:2]
    by_tag: dict[str, Lang] = {lang: lang for lang in LANGS}
    return by_tag.get(tag, "it")


def _client(asked: argparse.Namespace) -> Client:
    if asked.environment is None:
        raise TableError("where")
    given: dict[str, Any] = {}
    email, key = os.environ.get("SPORTELLO_ACCOUNT_EMAIL"), os.environ.get("SPORTELLO_API_KEY")
    if os.environ.get("SPORTELLO_TOKEN"):
        given["token"] = os.environ["SPORTELLO_TOKEN"]
    elif email and key:
        given["credentials"] = (email, key)
    else:
        raise TableError("no_token")
    for name in ("commit_timeout", "quiet_margin"):
        if getattr(asked, name) is not None:
            given[name] = getattr(asked, name)
    return Client(
        environment=asked.environment,
        provider=asked.provider,
        base_url=asked.base_url,
        oauth_url=asked.oauth_url,
        journal=asked.journal,
        account=asked.account,
        **given,
    )


def _checked(asked: argparse.Namespace, service: Service, lang: Lang) -> tuple[Table, Columns, list[Checked]]:
    table = open_table(asked.table, sheet=asked.sheet, encoding=asked.encoding, delimiter=asked.delimiter)
    columns = match(table, service.fields, asked.column, asked.header_row)
    if not columns.matches:
        raise TableError("no_match")
    accept = getattr(asked, "accept_warning", [])
    files = asked.files or asked.table.parent
    return table, columns, list(check_rows(service, table, columns, lang, files, accept))


def _check_table(asked: argparse.Namespace) -> int:
    lang = _lang(asked)
    if asked.description is not None:
        service = Service.from_json(asked.description.read_bytes())
    else:
        with _client(asked) as client:
            service = client.service(asked.service)
    table, columns, checked = _checked(asked, service, lang)
    show.table(table, columns, service, checked, lang)
    show.findings(checked, lang)
    said = {one.row.number: say(one.verdict, lang) for one in checked}
    path = _report(asked, table, columns, checked, said, lang, replace=False)
    print(show.verdicts(checked, lang))
    show.file("report", path, lang)
    return 1 if any(one.verdict == "error" for one in checked) else 0


def _report(
    asked: argparse.Namespace,
    table: Table,
    columns: Columns,
    checked: Sequence[Checked],
    said: dict[int, str],
    lang: Lang,
    *,
    replace: bool,
) -> Path:
    path: Path = asked.out or _beside(asked.table, "inviata" if replace else "esito")
    if not replace:
        # Somebody may be correcting an earlier one: it is never written over.
        if asked.out is not None and path.exists():
            raise TableError("there_already", path=path)
        again = 2
        while path.exists():
            path, again = _beside(asked.table, f"esito-{again}"), again + 1
    if path.exists() and path.resolve() == asked.table.resolve():
        raise TableError("in_place")
    to_correct = {one.row.number: one.to_correct(lang) for one in checked if one.problems}
    texts = {VERDICT: said, TO_CORRECT: to_correct}
    write_whole(path, lambda file: table.write(file, columns.header_row, texts), asked.table)
    return path


def _beside(table: Path, word: str) -> Path:
    return table.with_name(f"{table.stem}-{word}{table.suffix}")


def _price(text: str | None, name: str) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        raise TableError("no_amount", option=name, text=text) from None


def _submit_table(asked: argparse.Namespace) -> int:
    lang = _lang(asked)
    price, total = (
        _price(asked.confirm_price, "--confirm-price"),
        _price(asked.confirm_total, "--confirm-total"),
    )
    if asked.limit is not None and asked.limit < 1:
        raise TableError("no_limit")
    suffix = "" if asked.environment == "production" else f"-{asked.environment}"
    path: Path = asked.results or asked.table.with_name(f"{asked.table.stem}-invii{suffix}.csv")
    with _client(asked) as client, alone(path):
        service = client.service(asked.service)
        table, columns, checked = _checked(asked, service, lang)
        show.table(table, columns, service, checked, lang)
        _certain(columns, lang)
        results = Results(
            path,
            asked.table,
            service.id,
            f"{asked.environment} {asked.provider} {asked.base_url or ''}".strip(),
        )
        todo = plan(checked, _reference_column(asked, columns), results, asked.limit, lang)
        show.findings(checked, lang)
        quote = client.quote(service, asked.option)
        show.money(todo, quote, lang)
        wanted = todo.total(quote.due_now)
        if price is None or total is None:
            print(f"{say('confirm_now', lang)}\n  --confirm-price {quote.due_now} --confirm-total {wanted}")
            return 3
        if price != quote.due_now:
            raise TableError("other_price", 3, price=quote.due_now, given=price)
        if total != wanted:
            raise TableError("other_total", 3, rows=len(todo.jobs), total=wanted, given=total)
        needed = quote.due_now * len(todo.left)
        if quote.credit is not None and quote.credit < needed:
            raise TableError("credit_low", 3, credit=quote.credit, needed=needed)
        try:
            outcome = run(
                client,
                service,
                todo,
                results,
                price=str(quote.due_now),
                options=asked.option,
                accept=asked.accept_warning,
                told=lambda number, job, state: _progress(
                    number, len(todo.left), job, say(state, lang), lang
                ),
            )
        except KeyboardInterrupt:
            print(f"\n{say('interrupted', lang)} {say('again', lang)}")
            _close(asked, table, columns, checked, todo, results, lang)
            return 130
        _close(asked, table, columns, checked, todo, results, lang)
        return _ended(outcome, todo, results, lang)


def _certain(columns: Columns, lang: Lang) -> None:
    """Refuse to pay on a guess, or without a field that every row needs; both are said at once."""
    wrong: list[str] = []
    if columns.guesses:
        sure = " ".join(shlex.join(["--column", f"{one.field.key}={one.header}"]) for one in columns.guesses)
        wrong.append(refusal("guesses", lang, options=sure))
    missing = [one for one in columns.without if one.required]
    if missing:
        names = ", ".join(f"{one.key} ({show.clean(one.label)})" for one in missing)
        wrong.append(refusal("unanswered", lang, fields=names))
    if wrong:
        raise TableError("uncertain", lines="\n  ".join(wrong))


def _reference_column(asked: argparse.Namespace, columns: Columns) -> int:
    same = [at for at, header in enumerate(columns.headers) if header == asked.reference_column]
    if len(same) != 1:
        there = ", ".join(f"`{one}`" for one in columns.headers if one)
        raise TableError("reference_column", header=asked.reference_column, there=there)
    return same[0]


def _progress(number: int, left: int, job: Job, state: str, lang: Lang) -> None:
    print(
        f"{number:>6}/{left}  {say('row', lang)} {job.checked.row.number:<6} {job.reference}  {state}",
        flush=True,
    )


def _close(
    asked: argparse.Namespace,
    table: Table,
    columns: Columns,
    checked: Sequence[Checked],
    todo: Plan,
    results: Results,
    lang: Lang,
) -> None:
    # What is beyond a trial's limit is left as well.
    said = {one.row.number: say(one.verdict if one.problems else "left", lang) for one in checked}
    for job in todo.jobs:
        known = results.get(job.reference)
        code = f" [{known.code}]" if known is not None and known.code else ""
        said[job.checked.row.number] = say("left" if known is None else known.state, lang) + code
    path = _report(asked, table, columns, checked, said, lang, replace=True)
    print()
    show.file("results", results.path, lang)
    show.file("report", path, lang)


def _ended(outcome: Outcome, todo: Plan, results: Results, lang: Lang) -> int:
    states = [known.state for job in todo.jobs if (known := results.get(job.reference)) is not None]
    said = [
        f"{say(state, lang)}: {states.count(state)}"
        for state in ("sent", "refused", "retry", "person")
        if state in states
    ]
    if len(states) < len(todo.jobs):
        said.append(f"{say('left', lang)}: {len(todo.jobs) - len(states)}")
    if todo.skipped:
        said.append(f"{say('error', lang)}: {len(todo.skipped)}")
    whole = states.count("sent") == len(todo.jobs)
    print(f"{'✓' if whole else '✗'} {', '.join(said) or '0'}")
    if outcome.error is not None:
        print(f"{_told(outcome.error, lang)}. {say('again', lang)}")
    if "person" in states:
        return 6
    if outcome.charged_unknown:
        return 5
    if outcome.ending != "done":
        return 4 if outcome.ending == "failures" else 3
    return 0 if whole and not todo.skipped else 1
