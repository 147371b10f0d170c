"""What can be typed, and how a run ends."""

from __future__ import annotations

import argparse
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
from .results import Results, alone
from .submit import Job, Outcome, Plan, plan, run
from .table import TO_CORRECT, VERDICT, Table, TableError, open_table, write_whole
from .words import LANGS, Lang, say

_AFTER = """\
Exit codes, those of the `sportello` command:
  0    done: every row is in order, or was handed in
  1    some rows have findings; they are in the report
  2    the command line, or the table, can't be used
  3    refused before anything was sent: price, total, credit
  4    the provider or the network is in trouble; the same command again is safe
  5    whether a row was paid can't be told yet; the same command again finds out and never pays twice
  6    a person must look at a row
  8    something on this machine: a file, the journal
  130  interrupted; the same command again goes on

The token is read from SPORTELLO_TOKEN; or the account's e-mail and API key from SPORTELLO_ACCOUNT_EMAIL and SPORTELLO_API_KEY, and then
the credit is looked at before anything is sent. Money is net of VAT.
"""


class _Stop(Exception):
    """The run ends here, with this exit code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; give its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal of another encoding shows a question mark instead of ending the run.
            stream.reconfigure(errors="replace")
    asked = _parser().parse_args(arguments)
    try:
        code: int = asked.run(asked)
    except TableError as error:
        return _ends(2, str(error))
    except _Stop as stop:
        return _ends(stop.code, str(stop))
    except SportelloError as error:
        return _ends(_code(error), f"{error.detail} [{error.code}]")
    except OSError as error:
        return _ends(8, f"`{error.filename}`: {error.strerror}")
    except KeyboardInterrupt:
        return 130
    return code


def _code(error: SportelloError) -> int:
    if isinstance(error, (NetworkError, ProviderError)):
        return 4
    if isinstance(error, (AuthError, ConfigError, SchemaError, ServiceError)):
        return 2
    return 8 if isinstance(error, JournalError) else 3


def _ends(code: int, text: str) -> int:
    print(f"error: {text}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="sportello-py",
        description="Check and hand in whole tables: Excel, CSV, Parquet.",
        epilog=_AFTER,
        formatter_class=raw,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check-table",
        help="check every row; the report is the same file with two columns more",
        description="Check every row. The report is the same file with two columns more, `esito` and `cosa correggere`; "
        "the table stays as it is.",
        epilog=_AFTER,
        formatter_class=raw,
    )
    check.set_defaults(run=_check_table)
    submit = commands.add_parser(
        "submit-table",
        help="hand in every row without findings; each is paid at most once",
        description="Hand in every row without findings. Without --confirm-price and --confirm-total it shows what it would "
        "do and cost, and sends nothing. Killed or interrupted, the same command does what is left: a row is paid at most once.",
        epilog=_AFTER,
        formatter_class=raw,
    )
    submit.set_defaults(run=_submit_table)
    for one in (check, submit):
        one.add_argument("table", type=Path, help="the file: .xlsx, .csv or .parquet")
        one.add_argument(
            "--service",
            metavar="NAME",
            default="assegno-unico",
            help="by id, exact name or alias [%(default)s]",
        )
        one.add_argument(
            "--sheet",
            metavar="NAME",
            help="the sheet of a workbook [the one that was open when it was saved]",
        )
        one.add_argument("--column", metavar="FIELD=HEADER", action="append", default=[],
                         help="which column answers a field ($4, slug, label); #3 is the third column; may be repeated")  # fmt: skip
        one.add_argument(
            "--header-row", metavar="N", type=int, help="the row with the headers [found by itself]"
        )
        one.add_argument("--encoding", metavar="NAME", help="of a CSV [found by itself]")
        one.add_argument("--delimiter", metavar="C", help="of a CSV [found by itself]")
        one.add_argument(
            "--files",
            metavar="FOLDER",
            type=Path,
            help="where the files are that the table names [the table's folder]",
        )
        one.add_argument("--lang", choices=LANGS, help="language of all texts [the terminal's, else Italian]")
        one.add_argument(
            "--out",
            metavar="FILE",
            type=Path,
            help="the report [beside the table: TABLE-esito, or TABLE-inviata]",
        )
        where = one.add_argument_group("where the service is")
        where.add_argument(
            "--environment",
            choices=("production", "sandbox", "simulator"),
            help="no default: one of them costs money",
        )
        where.add_argument("--provider", choices=("visengine", "docuengine", "relay"), default="visengine")
        where.add_argument("--base-url", metavar="URL", help="another address of the API")
        where.add_argument("--oauth-url", metavar="URL", help=argparse.SUPPRESS)
        where.add_argument("--commit-timeout", metavar="SECONDS", type=float, help=argparse.SUPPRESS)
        where.add_argument("--quiet-margin", metavar="SECONDS", type=float, help=argparse.SUPPRESS)
    check.add_argument("--description", metavar="FILE", type=Path,
                       help="the service's description as JSON, as the provider gives it: nothing is asked of anybody")  # fmt: skip
    check.set_defaults(journal=":memory:", account="default")
    submit.set_defaults(description=None)
    submit.add_argument("--reference-column", metavar="HEADER", required=True,
                        help="the column with your own name of each request, such as a file number; it must name nobody")  # fmt: skip
    submit.add_argument(
        "--confirm-price", metavar="EUR", help="the exact net price of one row, options included"
    )
    submit.add_argument(
        "--confirm-total",
        metavar="EUR",
        help="the exact net price of all rows that can be handed in, those of earlier runs included",
    )
    submit.add_argument(
        "--limit", metavar="N", type=int, help="only the first N that can be handed in: a trial"
    )
    submit.add_argument(
        "--option", metavar="NAME", action="append", default=[], help="a paid option for every row"
    )
    submit.add_argument(
        "--accept-warning",
        metavar="CODE",
        action="append",
        default=[],
        help="hand in rows with this warning too",
    )
    submit.add_argument(
        "--results",
        metavar="FILE",
        type=Path,
        help="the file that remembers what became of each row [TABLE-invii.csv]",
    )
    submit.add_argument("--journal", metavar="FILE", help="the journal's file [one in your data directory]")
    submit.add_argument(
        "--account", metavar="NAME", default="default", help="when one journal serves several [%(default)s]"
    )
    return parser


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
    return next((lang for lang in LANGS if lang == tag), "it")


def _client(asked: argparse.Namespace) -> Client:
    if asked.environment is None:
        raise _Stop(
            2,
            "say where: --environment sandbox, production or simulator (check-table can do with --description FILE)",
        )
    given: dict[str, Any] = {}
    email, key = os.environ.get("SPORTELLO_ACCOUNT_EMAIL"), os.environ.get("SPORTELLO_API_KEY")
    if os.environ.get("SPORTELLO_TOKEN"):
        given["token"] = os.environ["SPORTELLO_TOKEN"]
    elif email and key:
        given["credentials"] = (email, key)
    else:
        raise _Stop(
            2, "there is no token: set SPORTELLO_TOKEN, or SPORTELLO_ACCOUNT_EMAIL and SPORTELLO_API_KEY"
        )
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
        raise TableError(
            "no column answers any field of the form: name them with --column FIELD=HEADER, or the header's row with --header-row"
        )
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
            raise TableError(f"`{path}` is there already: name another file with --out")
        again = 2
        while path.exists():
            path, again = _beside(asked.table, f"esito-{again}"), again + 1
    if path.exists() and path.resolve() == asked.table.resolve():
        raise TableError("the report can't take the place of the table: name another file with --out")
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
        raise _Stop(2, f"{name} wants an amount such as 19.00, not `{text}`") from None


def _submit_table(asked: argparse.Namespace) -> int:
    lang = _lang(asked)
    price, total = (
        _price(asked.confirm_price, "--confirm-price"),
        _price(asked.confirm_total, "--confirm-total"),
    )
    if asked.limit is not None and asked.limit < 1:
        raise _Stop(2, "--limit wants a number from 1")
    suffix = "" if asked.environment == "production" else f"-{asked.environment}"
    path: Path = asked.results or asked.table.with_name(f"{asked.table.stem}-invii{suffix}.csv")
    with _client(asked) as client, alone(path):
        service = client.service(asked.service)
        table, columns, checked = _checked(asked, service, lang)
        show.table(table, columns, service, checked, lang)
        _certain(columns)
        results = Results(
            path,
            asked.table,
            service.id,
            f"{asked.environment} {asked.provider} {asked.base_url or ''}".strip(),
        )
        todo = plan(checked, _reference_column(asked, columns), results, asked.limit)
        show.findings(checked, lang)
        quote = client.quote(service, asked.option)
        show.money(todo, quote, lang)
        wanted = todo.total(quote.due_now)
        if price is None or total is None:
            print(f"{say('confirm_now', lang)}\n  --confirm-price {quote.due_now} --confirm-total {wanted}")
            return 3
        if price != quote.due_now:
            raise _Stop(3, f"the net price of one row is {quote.due_now} EUR, not {price}; nothing was sent")
        if total != wanted:
            raise _Stop(
                3,
                f"{len(todo.jobs)} rows can be handed in, for {wanted} EUR in all, not {total}; nothing was sent",
            )
        if quote.credit is not None and quote.credit < quote.due_now * len(todo.left):
            raise _Stop(
                3,
                f"the account holds {quote.credit} EUR, and {quote.due_now * len(todo.left)} are needed; nothing was sent",
            )
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


def _certain(columns: Columns) -> None:
    """Refuse to pay on a guess, or without a field that every row needs."""
    if columns.guesses:
        sure = " ".join(shlex.join(["--column", f"{one.field.key}={one.header}"]) for one in columns.guesses)
        raise TableError(f"nothing is handed in on a guess; if these columns are right, add: {sure}")
    missing = [one for one in columns.without if one.required]
    if missing:
        names = ", ".join(f"{one.key} ({show.clean(one.label)})" for one in missing)
        raise TableError(f"no column answers {names}; name it with --column FIELD=HEADER")


def _reference_column(asked: argparse.Namespace, columns: Columns) -> int:
    same = [at for at, header in enumerate(columns.headers) if header == asked.reference_column]
    if len(same) != 1:
        there = ", ".join(f"`{one}`" for one in columns.headers if one)
        raise TableError(
            f"--reference-column: there has to be one column `{asked.reference_column}`; there are: {there}"
        )
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
        f"{states.count(state)} {say(state, lang)}"
        for state in ("sent", "refused", "retry", "person")
        if state in states
    ]
    if len(states) < len(todo.jobs):
        said.append(f"{len(todo.jobs) - len(states)} {say('left', lang)}")
    whole = states.count("sent") == len(todo.jobs)
    print(f"{'✓' if whole else '✗'} {', '.join(said) or '0'}")
    if outcome.error is not None:
        print(f"{outcome.error.detail} [{outcome.error.code}]. {say('again', lang)}")
    if "person" in states:
        return 6
    if outcome.charged_unknown:
        return 5
    if outcome.ending != "done":
        return 4 if outcome.ending == "failures" else 3
    return 0 if whole and not todo.skipped else 1
