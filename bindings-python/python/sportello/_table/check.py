"""The verdict on every row."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from .._models import Field
from .._native import Attachment, Finding, Service, pages
from ..errors import SportelloError
from . import damage
from .match import Columns
from .table import Row, Table
from .words import Lang, say

Verdict: TypeAlias = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Problem:
    """One thing to correct in a row. ``text`` names no value; ``correction`` does, and goes into files only."""

    field: Field | None
    code: str
    is_error: bool
    text: str
    correction: str | None = dataclasses.field(default=None, repr=False)


@dataclass
class Checked:
    """A row, what it answers, and what is amiss with it."""

    row: Row
    answers: dict[str, object] = dataclasses.field(repr=False)
    problems: list[Problem]

    @property
    def verdict(self) -> Verdict:
        """Give the worst of it."""
        if any(problem.is_error for problem in self.problems):
            return "error"
        return "warning" if self.problems else "ok"

    def to_correct(self, lang: Lang) -> str:
        """Give the text of the column `cosa correggere`."""
        return "\n".join(_line(problem, lang) for problem in self.problems)


def _line(problem: Problem, lang: Lang) -> str:
    label = f"{problem.field.label}: " if problem.field else ""
    offered = f" → {say('write', lang)} {problem.correction}" if problem.correction else ""
    return f"{label}{problem.text}{offered}"


def rows_of(table: Table, columns: Columns) -> Iterator[Row]:
    """Give the rows below the header that hold something in a column that is used."""
    used = [one.column for one in columns.matches]
    for row in table.rows:
        if row.number > columns.header_row and not Row(row.number, [row.value(at) for at in used]).is_empty():
            yield row


def check_rows(
    service: Service, table: Table, columns: Columns, lang: Lang, files: Path, accept: Sequence[str] = ()
) -> Iterator[Checked]:
    """Check every row. Findings about fields without a column are left out: they are said once, about the table."""
    fields = {one.key: one for one in service.fields}
    without = {one.key for one in columns.without}
    for row in rows_of(table, columns):
        answers: dict[str, object] = {}
        ours: dict[str, Problem] = {}
        readings: dict[str, damage.Reading] = {}
        for match in columns.matches:
            one = match.field
            if one.kind == "file":
                answer, code = _file(row.value(match.column), files)
                if code is not None:
                    ours[one.key] = Problem(one, code, True, say(code, lang))
                    continue
            else:
                reading = readings[one.key] = damage.read(row.value(match.column), one)
                answer = reading.text
                if reading.damage is not None:
                    ours[one.key] = _damaged(one, reading, lang)
            if answer != "":
                answers[one.key] = answer
        problems: list[Problem] = []
        for finding in service.check(answers, lang).findings:
            key = finding.field
            if finding.code in accept or (key in without and finding.code == "required.missing"):
                continue
            if key is not None and key in ours:
                # What the spreadsheet did is why; the core's own finding would only say that it is wrong.
                continue
            if key is not None and finding.code == "phone.unlikely" and key in readings:
                landline = damage.landline(readings[key].text)
                if landline is not None:
                    ours[key] = _damaged(fields[key], landline, lang)
                    continue
            problems.append(_found(finding, fields))
        order = list(fields)
        problems.extend(ours.values())
        problems.sort(key=lambda problem: order.index(problem.field.key) if problem.field else len(order))
        yield Checked(row, answers, problems)


def _found(finding: Finding, fields: dict[str, Field]) -> Problem:
    one = fields.get(finding.field) if finding.field else None
    return Problem(one, finding.code, finding.is_error, finding.text(), finding.correction)


def _damaged(one: Field, reading: damage.Reading, lang: Lang) -> Problem:
    assert reading.damage is not None
    return Problem(one, reading.damage, True, say(reading.damage, lang), reading.repaired)


def _file(value: object, folder: Path) -> tuple[Attachment | str, str | None]:
    """Open the file of a cell, or make one PDF of several photos: `front.jpg | back.jpg`."""
    text = "" if value is None else str(value).strip()
    if not text:
        return "", None
    names = [text] if _is_file(folder / text) else [name.strip() for name in re.split(r"[|;\n]", text)]
    opened: list[Attachment] = []
    for name in filter(None, names):
        path = folder / name.replace("\\", "/")
        if _is_file(path) and not path.resolve().is_relative_to(folder.resolve()):
            # A table may come from anybody; what it names must not be any file of this machine.
            return "", "table.file_outside"
        if not _is_file(path):
            return "", "table.file_missing"
        try:
            opened.append(Attachment.from_path(path))
        except (SportelloError, OSError):
            return "", "table.file_unreadable"
    try:
        return (opened[0] if len(opened) == 1 else pages(opened)), None
    except (SportelloError, ValueError):
        return "", "table.file_unreadable"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        # No name that a file could have.
        return False
