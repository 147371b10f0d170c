"""What a person reads in the terminal: rows, fields and reasons; never a value, for terminals are logged."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from .._models import Quote
from .._native import Service
from .check import Checked, Problem
from .match import Columns
from .submit import Plan
from .table import Table
from .words import Lang, number, say

# Rows that are told one by one; the report has all.
_ROWS_SHOWN = 12
_MARK = {"ok": "✓", "warning": "!", "error": "✗"}


def table(table: Table, columns: Columns, service: Service, checked: Sequence[Checked], lang: Lang) -> None:
    """Show how the table was understood."""
    about = table.about
    facts = [f"{about.format}"]
    if about.sheet is not None:
        facts.append(f"{say('sheet', lang)} «{clean(about.sheet)}»")
    if about.delimiter is not None:
        mark = say("tab", lang) if about.delimiter == "\t" else f"«{about.delimiter}»"
        facts.append(f"{say('separator', lang)} {mark}")
    if about.encoding is not None:
        facts.append(about.encoding)
    if columns.header_row:
        facts.append(f"{say('header_row', lang)} {columns.header_row}")
    facts.append(f"{len(checked)} {say('rows', lang)}")
    print(f"{say('table', lang):<9} {clean(table.path.name)} ({', '.join(facts)})")
    if about.other_sheets:
        print(f"{'':<9} {say('other_sheets', lang)}: {', '.join(map(clean, about.other_sheets))}")
    print(f"{say('service', lang):<9} {clean(service.name)}")
    print(f"\n{say('columns', lang)}")
    by_key = {match.field.key: match for match in columns.matches}
    width = min(44, max((len(clean(field.label)) for field in service.fields), default=0))
    for field in service.fields:
        match = by_key.get(field.key)
        label = clean(field.label)
        label = label if len(label) <= width else label[: width - 1] + "…"
        if match is None:
            needed = (
                say("no_column", lang)
                if field.required
                else f"{say('no_column', lang)} ({say('optional', lang)})"
            )
            print(f"  {label:<{width}}  —  {needed}")
        elif match.how == "guess":
            print(
                f"? {label:<{width}}  ←  «{clean(match.header)}»  {say('guessed', lang)} "
                f"(--column {shlex.quote(f'{field.key}={clean(match.header)}')} {say('confirm', lang)})"
            )
        else:
            print(f"  {label:<{width}}  ←  «{clean(match.header)}»")
    if columns.unused:
        print(f"{say('unused', lang)}: {', '.join(f'«{clean(one)}»' for one in columns.unused)}")
    print()


def findings(checked: Sequence[Checked], lang: Lang) -> None:
    """Show what is amiss: the first rows, then how often each thing is."""
    wrong = [one for one in checked if one.problems]
    for one in wrong[:_ROWS_SHOWN]:
        for at, problem in enumerate(one.problems):
            where = f"{say('row', lang)} {one.row.number}" if at == 0 else ""
            mark = _MARK["error" if problem.is_error else "warning"]
            print(f"{mark} {where:<11} {_label(problem, lang)}: {problem.text}")
    if len(wrong) > _ROWS_SHOWN:
        print(f"  … {say('more_rows', lang).format(n=len(wrong) - _ROWS_SHOWN)}")
        reasons = Counter((_label(problem, lang), problem.code) for one in wrong for problem in one.problems)
        print(f"\n{say('reasons', lang)}")
        for (label, code), times in reasons.most_common(_ROWS_SHOWN):
            print(f"  {times:>6}  {label}  [{code}]")
    if wrong:
        print()


def verdicts(checked: Sequence[Checked], lang: Lang) -> str:
    """Count the verdicts in one line."""
    times = Counter(one.verdict for one in checked)
    worst = next((verdict for verdict in ("error", "warning") if times[verdict]), "ok")
    said = [
        f"{times[verdict]} {say(verdict, lang)}" for verdict in ("ok", "error", "warning") if times[verdict]
    ]
    return f"{_MARK[worst]} {', '.join(said) or 0}"


def money(plan: Plan, quote: Quote, lang: Lang) -> None:
    """Show what handing in costs, and what the account has."""

    def amount(value: Decimal) -> str:
        return f"{number(value, lang)} EUR"

    left, before = len(plan.left), len(plan.jobs) - len(plan.left)
    now = quote.due_now * left
    gross = quote.gross / quote.total * now if quote.total else now
    vat = number(gross.quantize(Decimal("0.01")), lang)
    already = f" ({before} {say('already', lang)})" if before else ""
    print(
        f"{say('to_send', lang)}: {left}{already} × {amount(quote.due_now)} = {amount(now)} {say('net', lang)}",
        end="",
    )
    print(f" ({vat} {say('with_vat', lang)})" if left else "")
    if plan.skipped:
        rows = ", ".join(str(one.row.number) for one in plan.skipped[:_ROWS_SHOWN])
        more = ", …" if len(plan.skipped) > _ROWS_SHOWN else ""
        print(f"{say('skipped', lang)}: {len(plan.skipped)} ({say('rows', lang)} {rows}{more})")
    credit = say("credit_unknown", lang) if quote.credit is None else amount(quote.credit)
    print(f"{say('credit', lang)}: {credit}\n")


def file(word: str, path: Path, lang: Lang) -> None:
    """Say where something was written."""
    print(f"{say(word, lang)}: {path}")


def _label(problem: Problem, lang: Lang) -> str:
    return clean(problem.field.label) if problem.field else say("whole_form", lang)


def clean(text: str) -> str:
    """Make a text from afar safe for a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)
