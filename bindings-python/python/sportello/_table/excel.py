"""Excel workbooks, by openpyxl: the report keeps the other sheets, the formats and the formulas."""

from __future__ import annotations

import copy
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

from .refusals import TableError
from .table import About, Row, Table, text_of

# How wide the two columns are, in characters.
_WIDTHS = {"esito": 18.0, "cosa correggere": 90.0}


class FormulaWithoutValue:
    """A formula that no spreadsheet has worked out yet: its value is not in the file."""

    def __str__(self) -> str:
        """Show as an empty cell."""
        return ""


class ExcelTable(Table):
    """One sheet of a workbook."""

    def __init__(self, path: Path, sheet: str | None) -> None:
        """Read the sheet; where it has formulas, their values as Excel last worked them out."""
        self.path = path
        # What is read and what the report is made of is one and the same, whatever becomes of the file meanwhile.
        self._data = path.read_bytes()
        book = self._load(read_only=True)
        names = [worksheet.title for worksheet in book.worksheets]
        if sheet is not None and sheet not in names:
            there = ", ".join(f"`{name}`" for name in names)
            raise TableError("no_sheet", path=path, sheet=sheet, there=there)
        if not names:
            raise TableError("no_sheets", path=path)
        active = book.active.title if book.active is not None else None
        self._sheet: str = sheet or (active if active is not None and active in names else names[0])
        lines = list(_lines(book, self._sheet))
        if any(cell.data_type == "f" for line in lines for cell in line):
            worked_out = _lines(self._load(read_only=True, data_only=True), self._sheet)
        else:
            worked_out = iter(())
        self.rows = []
        for number, (line, values) in enumerate(zip_longest(lines, worked_out, fillvalue=()), 1):
            cells = [_value(cell, value) for cell, value in zip_longest(line, values)]
            row = Row(number, cells)
            if not row.is_empty():
                self.rows.append(row)
        others = tuple(name for name in names if name != self._sheet)
        self.about = About("Excel", sheet=self._sheet, other_sheets=others)

    def write(self, file: IO[bytes], header_row: int, columns: Mapping[str, Mapping[int, str]]) -> None:
        """Write the workbook with the columns behind the header's last."""
        from openpyxl.styles import Alignment
        from openpyxl.utils import get_column_letter

        book = self._load(keep_vba=self.path.suffix.lower() == ".xlsm")
        sheet = book[self._sheet]
        places: dict[str, int] = {}
        last = 0
        for cell in sheet[header_row]:
            if text_of(cell.value):
                last = cell.column
                places.setdefault(text_of(cell.value), cell.column)
        pattern = sheet.cell(header_row, max(last, 1))
        for name, texts in columns.items():
            place = places.get(name)
            if place is None:
                last += 1
                place = last
                head = sheet.cell(header_row, place, name)
                for part in ("font", "fill", "border", "alignment"):
                    setattr(head, part, copy.copy(getattr(pattern, part)))
                sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(name, 20.0)
            for row in self.rows:
                if row.number > header_row:
                    cell = sheet.cell(row.number, place)
                    cell.value = texts.get(row.number)
                    cell.alignment = Alignment(vertical="top", wrap_text=True)
        book.save(file)

    def _load(self, **how: bool) -> Any:
        try:
            import openpyxl
        except ImportError:
            raise TableError("no_openpyxl") from None
        try:
            with warnings.catch_warnings():
                # It tells of what it leaves out (rules for what may be typed); nothing that was typed is among it.
                warnings.simplefilter("ignore")
                return openpyxl.load_workbook(io.BytesIO(self._data), **how)
        except Exception as error:  # openpyxl has no class of its own for a broken file
            raise TableError("broken_excel", path=self.path, why=type(error).__name__) from None


def _lines(book: Any, sheet: str) -> Iterator[Sequence[Any]]:
    worksheet = book[sheet]
    # What the file says of its own size is often wrong.
    worksheet.reset_dimensions()
    lines: Iterator[Sequence[Any]] = worksheet.iter_rows()
    return lines


def _value(cell: Any, worked_out: Any) -> object:
    if cell is None:
        return None
    if cell.data_type == "f":
        value: object = None if worked_out is None else worked_out.value
        return FormulaWithoutValue() if value is None else value
    value = cell.value
    if isinstance(value, int) and not isinstance(value, bool):
        # A format of zeros shows `00184` where the number is 184: what is seen is what is meant.
        zeros = str(cell.number_format)
        if zeros and set(zeros) == {"0"}:
            return str(value).zfill(len(zeros))
    return value
