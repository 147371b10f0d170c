"""Which column answers which field. What fits exactly is taken; what only looks like it is a guess, and is said to be one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .._models import Field
from .refusals import TableError
from .table import TO_CORRECT, VERDICT, Row, Table, text_of

How: TypeAlias = Literal["given", "exact", "guess"]

# The header stands within the first rows, below a title or two.
_HEADER_WITHIN = 20
# What an address is called beside its usual name.
_OTHER_WORDS = {"mail": "email", "emails": "email"}


@dataclass(frozen=True)
class Match:
    """One field and the column that answers it, counted from 0."""

    field: Field
    column: int
    header: str
    how: How


@dataclass(frozen=True)
class Columns:
    """How the columns of a table were understood."""

    header_row: int
    """Its number in the file; 0 where the names stand beside the rows."""
    headers: tuple[str, ...]
    matches: tuple[Match, ...]
    without: tuple[Field, ...]
    """Fields that no column answers."""
    unused: tuple[str, ...]

    @property
    def guesses(self) -> list[Match]:
        """Give the matches that somebody should look at."""
        return [match for match in self.matches if match.how == "guess"]

    def column(self, header: str) -> int:
        """Give the column of a header as it was typed, or of `#3`, counted from 1."""
        return _column(header, self.headers)


def match(
    table: Table, fields: Sequence[Field], given: Iterable[str], header_row: int | None = None
) -> Columns:
    """Match columns with fields. ``given`` are the caller's own, each `FIELD=HEADER`; without a header the field has no column."""
    wanted = [_given(one, fields) for one in given]
    row, headers = _header(table, fields, header_row)
    found: dict[str, Match] = {}
    for field, header in wanted:
        if field.key in found:
            raise TableError("column_twice", field=field.key)
        column = _column(header, headers) if header else -1
        found[field.key] = Match(field, column, headers[column] if header else "", "given")
    taken = {one.column for one in found.values()}
    for how in ("exact", "guess"):
        for field in fields:
            if field.key in found:
                continue
            fits = _exact if how == "exact" else _guess
            columns = [at for at, header in enumerate(headers) if at not in taken and fits(field, header)]
            rivals = [one for one in fields if one.key not in found and one is not field]
            if how == "guess":
                columns = [
                    at
                    for at in columns
                    if all(_guess(rival, headers[at]) < _guess(field, headers[at]) for rival in rivals)
                ]
            if len(columns) > 1 and how == "exact":
                names = ", ".join(f"#{at + 1}" for at in columns)
                raise TableError(
                    "rival_columns",
                    header=headers[columns[0]],
                    numbers=names,
                    field=field.key,
                    number=columns[0] + 1,
                )
            if len(columns) == 1:
                found[field.key] = Match(
                    field, columns[0], headers[columns[0]], "exact" if how == "exact" else "guess"
                )
                taken.add(columns[0])
    ours = (VERDICT, TO_CORRECT)
    matches = tuple(
        found[field.key] for field in fields if field.key in found and found[field.key].column >= 0
    )
    used = {one.column for one in matches}
    return Columns(
        header_row=row,
        headers=headers,
        matches=matches,
        without=tuple(field for field in fields if field.key not in {one.field.key for one in matches}),
        unused=tuple(
            header for at, header in enumerate(headers) if header and at not in used and header not in ours
        ),
    )


def _given(text: str, fields: Sequence[Field]) -> tuple[Field, str]:
    name, equals, header = text.partition("=")
    name = name.strip()
    if not equals:
        raise TableError("column_form", text=text)
    same = [one for one in fields if name in (one.key, one.slug)]
    same = same or [one for one in fields if _joined(one.label) == _joined(name)]
    if len(same) != 1:
        there = ", ".join(one.key for one in fields)
        raise TableError("no_field", field=name, there=there)
    return same[0], header.strip()


def _column(header: str, headers: Sequence[str]) -> int:
    if header.startswith("#") and header[1:].isdigit() and header not in headers:
        column = int(header[1:]) - 1
        if 0 <= column < len(headers):
            return column
    same = [at for at, one in enumerate(headers) if one == text_of(header)]
    same = same or [at for at, one in enumerate(headers) if one and _joined(one) == _joined(header)]
    if len(same) == 1:
        return same[0]
    there = ", ".join(f"`{one}`" for one in headers if one)
    if same:
        raise TableError("several_columns", header=header, number=same[0] + 1)
    raise TableError("no_column", header=header, there=there)


def _header(table: Table, fields: Sequence[Field], wanted: int | None) -> tuple[int, tuple[str, ...]]:
    if not table.has_header:
        return 0, tuple(text_of(name) for name in table.names)
    rows = [row for row in table.rows if not row.is_empty()]
    if wanted is not None:
        rows = [row for row in rows if row.number == wanted]
        if not rows:
            raise TableError("empty_header", row=wanted)
    if not rows:
        raise TableError("no_rows", path=table.path)

    def fitting(row: Row) -> float:
        headers = [text_of(value) for value in row.values]
        exact = sum(any(_exact(field, header) for header in headers) for field in fields)
        guess = sum(any(_guess(field, header) for header in headers) for field in fields)
        return exact + guess / 2

    # `max` keeps the first of equals: a table whose header fits nothing has it in its first row.
    header = max(rows[:_HEADER_WITHIN], key=fitting)
    return header.number, tuple(text_of(value) for value in header.values)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return letters.split()


def _joined(text: str) -> str:
    words = _words(text)
    joined = "".join([word for word in words if word not in _SMALL] or words)
    return _OTHER_WORDS.get(joined, joined)


def _exact(field: Field, header: str) -> bool:
    if header in (field.key, field.slug):
        return True
    joined = _joined(header)
    return bool(joined) and joined in (_joined(field.label), _joined(field.slug))


def _guess(field: Field, header: str) -> int:
    """Tell whether a header is short for a label: 2 for the whole of it (`C.F.`, `Cod. fisc.`), 1 for a part (`Documento`), else 0."""
    words = [word for word in _words(header) if word not in _SMALL]
    label = [word for word in _words(field.label) if word not in _SMALL]
    if len(label) > 1 and "".join(words) == "".join(word[0] for word in label):
        return 2
    # One letter is short for too much.
    if not words or min(map(len, words)) == 1:
        return 0
    rest = iter(label)
    if not all(any(long.startswith(short) for long in rest) for short in words):
        return 0
    return 2 if len(words) == len(label) else 1


# What one writes and another leaves out.
_SMALL = {
    "di",
    "d",
    "del",
    "dell",
    "della",
    "dello",
    "dei",
    "e",
    "ed",
    "il",
    "la",
    "lo",
    "l",
    "a",
    "al",
    "da",
    "per",
    "in",
    "n",
}
