"""A table: its header, its rows with the numbers they have in the file, and how it is written again with two columns more."""

from __future__ import annotations

import abc
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .refusals import TableError

VERDICT = "esito"
TO_CORRECT = "cosa correggere"


@dataclass(frozen=True)
class Row:
    """One row that holds something. ``number`` is the one that the spreadsheet shows, counted from 1."""

    number: int
    values: Sequence[object]

    def value(self, column: int) -> object:
        """Give the value in a column, counted from 0; rows may be shorter than the header."""
        return self.values[column] if column < len(self.values) else None

    def is_empty(self) -> bool:
        """Tell whether nothing is in it."""
        return all(value is None or (isinstance(value, str) and not value.strip()) for value in self.values)


@dataclass(frozen=True)
class About:
    """How a table was understood, to be shown: what was guessed has to be seen."""

    format: str
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None


class Table(abc.ABC):
    """A table of one file."""

    path: Path
    about: About
    rows: list[Row]
    """Every row of the file, the header and what stands above it included."""
    has_header: bool = True
    """False where the names of the columns stand beside the rows, as in Parquet; the names are then ``names``."""
    names: Sequence[str] = ()

    @abc.abstractmethod
    def write(self, file: IO[bytes], header_row: int, columns: Mapping[str, Mapping[int, str]]) -> None:
        """Write the same table with these columns: name to row number to text. One of the same name is written over."""


def text_of(value: object) -> str:
    """Give the text of a header."""
    return "" if value is None else " ".join(str(value).split())


def write_whole(path: Path, write: Callable[[IO[bytes]], None], like: Path) -> None:
    """Put a file in place in one step: whoever looks sees the old one or the new one, whatever is killed in between.

    Who may read it are those who may read ``like``. What a killed run leaves behind has one name, and the next run takes it away.
    """
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.unlink(missing_ok=True)
    mode = like.stat().st_mode & 0o666
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(unfinished, flags, mode), "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    if hasattr(os, "O_DIRECTORY"):
        # The name is as durable as the contents only when the folder is written too.
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def open_table(
    path: Path, *, sheet: str | None = None, encoding: str | None = None, delimiter: str | None = None
) -> Table:
    """Read a table, of whichever format its first bytes say."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except FileNotFoundError:
        raise TableError("missing", path=path) from None
    except OSError as error:
        raise TableError("unreadable", path=path, why=error.strerror) from None
    if head.startswith(b"PK\x03\x04"):
        from .excel import ExcelTable

        return ExcelTable(path, sheet)
    if sheet is not None:
        raise TableError("no_workbook", path=path)
    if head.startswith(b"PAR1"):
        from .parquet import ParquetTable

        return ParquetTable(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableError("old_excel", path=path)
    from .csvfile import CsvTable

    return CsvTable(path, encoding, delimiter)
