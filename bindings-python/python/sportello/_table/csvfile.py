"""CSV as Italian Excel writes it (`;`, cp1252) and as everybody else does: what it is is seen, never asked."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from .refusals import TableError
from .table import About, Row, Table

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = ";\t,|"
# As many records tell what separates the fields.
_SAMPLE = 50


class CsvTable(Table):
    """A CSV file. The report repeats every record as it was written, byte for byte, with two fields behind it."""

    def __init__(self, path: Path, encoding: str | None, delimiter: str | None) -> None:
        """Read it all; a table of a hundred thousand rows is some megabytes."""
        self.path = path
        data = path.read_bytes()
        self._encoding = encoding or _encoding(data)
        try:
            text = data.decode(self._encoding)
        except (UnicodeError, LookupError):
            raise TableError("encoding", path=path, encoding=self._encoding) from None
        lines = list(io.StringIO(text, newline=""))
        # What Excel may write first to say what separates the fields: it is no record, and Excel shows no row for it.
        self._preamble = ""
        if lines and lines[0].lower().startswith("sep=") and len(lines[0].rstrip("\r\n")) == 5:
            self._preamble = lines.pop(0)
            delimiter = delimiter or self._preamble[4]
        self._delimiter = delimiter or _delimiter(lines)
        self._newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
        self._records: list[str] = []
        self.rows = []
        for number, (raw, fields) in enumerate(self._read(lines), 1):
            self._records.append(raw)
            self.rows.append(Row(number, [_plain(field) for field in fields]))
        self.about = About("CSV", encoding=_shown(self._encoding, data), delimiter=self._delimiter)

    def _read(self, lines: list[str]) -> list[tuple[str, list[str]]]:
        reader = csv.reader(lines, delimiter=self._delimiter)
        records: list[tuple[str, list[str]]] = []
        begin = 0
        try:
            for fields in reader:
                records.append(("".join(lines[begin : reader.line_num]), fields))
                begin = reader.line_num
        except csv.Error as error:
            raise TableError("broken_csv", path=self.path, line=reader.line_num, why=error) from None
        return records

    def write(self, file: IO[bytes], header_row: int, columns: Mapping[str, Mapping[int, str]]) -> None:
        """Write the records with the columns behind them."""
        header = next(row for row in self.rows if row.number == header_row)
        names = [str(name) for name in header.values]
        places = {name: names.index(name) for name in columns if name in names}
        new = [name for name in columns if name not in places]
        written = [self._preamble]
        for raw, row in zip(self._records, self.rows, strict=True):
            if not row.values:
                written.append(raw)
                continue
            said = {
                name: name if row.number == header_row else texts.get(row.number, "")
                for name, texts in columns.items()
            }
            behind = [said[name] for name in new]
            if places:
                fields = [str(value) for value in row.values] + [""] * (len(names) - len(row.values))
                for name, place in places.items():
                    fields[place] = said[name]
                written.append(self._record(fields + behind))
            else:
                missing = [""] * max(0, len(names) - len(row.values))
                kept = raw.rstrip("\r\n")
                written.append(kept + self._delimiter + self._record(missing + behind))
        # What the encoding has no sign for can only be in our own texts.
        text = "".join(written)
        encoding = self._encoding
        file.write(text.encode(encoding, errors="replace"))

    def _record(self, fields: list[str]) -> str:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=self._delimiter, lineterminator=self._newline).writerow(fields)
        return out.getvalue()


def _encoding(data: bytes) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # What Excel on an Italian Windows writes.
        return "cp1252"
    return "utf-8"


def _shown(encoding: str, data: bytes) -> str:
    if data.isascii():
        return "ASCII"
    names = {
        "utf-8-sig": "UTF-8, BOM",
        "utf-16": "UTF-16, BOM",
        "utf-8": "UTF-8",
        "cp1252": "cp1252 (Windows)",
    }
    return names.get(encoding, encoding)


def _delimiter(lines: list[str]) -> str:
    """Tell what cuts the most records into the same number of fields, and into the most of them."""
    best, most = ";", (0, 0)
    for candidate in _DELIMITERS:
        widths: Counter[int] = Counter()
        try:
            for fields in csv.reader(lines[:_SAMPLE], delimiter=candidate):
                widths[len(fields)] += 1
        except csv.Error:
            continue
        widths.pop(0, None)
        widths.pop(1, None)
        if not widths:
            continue
        width, records = widths.most_common(1)[0]
        if (records, width) > most:
            best, most = candidate, (records, width)
    return best


def _plain(field: str) -> str:
    """Take off what is written around a value so that Excel keeps its zeros: `="0123"`."""
    if field.startswith('="') and field.endswith('"') and len(field) > 3:
        return field[2:-1]
    return field
