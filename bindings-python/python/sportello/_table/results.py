"""The file that remembers what became of each row: a CSV without personal data, put in place whole after every row."""

from __future__ import annotations

import csv
import datetime
import io
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Literal, TypeAlias

from .refusals import TableError
from .table import write_whole

State: TypeAlias = Literal["sent", "refused", "retry", "person"]


@dataclass(frozen=True)
class Result:
    """What became of one row."""

    reference: str
    row: int
    state: State
    charged: str
    price: str
    id: str
    code: str
    service: str
    place: str
    """Which environment and provider it was handed in to."""
    at: str


class Results:
    """The results so far, of one service in one place."""

    def __init__(self, path: Path, table: Path, service: str, place: str) -> None:
        """Read what earlier runs left."""
        self.path, self._like = path, table
        self._service, self._place = service, place
        self._by_reference: dict[str, Result] = {}
        if path.exists():
            for line in self._read():
                if (line.service, line.place) != (service, place):
                    raise TableError("other_results", path=path, place=line.place)
                self._by_reference[line.reference] = line

    def _read(self) -> Iterator[Result]:
        names = [one.name for one in fields(Result)]
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.DictReader(file, delimiter=";")
                if reader.fieldnames is None or list(reader.fieldnames) != names:
                    raise TableError("no_results_file", path=self.path)
                for line in reader:
                    yield Result(**{**line, "row": int(line["row"])})  # type: ignore[arg-type]
        except (OSError, UnicodeError, csv.Error, ValueError, TypeError):
            raise TableError("broken_results", path=self.path) from None

    def get(self, reference: str) -> Result | None:
        """Give what became of a reference."""
        return self._by_reference.get(reference)

    def sent(self, reference: str) -> bool:
        """Tell whether it was handed in."""
        known = self.get(reference)
        return known is not None and known.state == "sent"

    def put(
        self, reference: str, row: int, state: State, charged: str, price: str, id: str = "", code: str = ""
    ) -> None:
        """Remember one, durably."""
        at = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        result = Result(reference, row, state, charged, price, id, code, self._service, self._place, at)
        self._by_reference[reference] = result
        write_whole(self.path, self._write, self._like)

    def _write(self, file: IO[bytes]) -> None:
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, [one.name for one in fields(Result)], delimiter=";")
        writer.writeheader()
        writer.writerows(asdict(one) for one in self._by_reference.values())
        # With the mark, Excel reads it as what it is.
        file.write(out.getvalue().encode("utf-8-sig"))


@contextmanager
def alone(path: Path) -> Generator[None, None, None]:
    """Keep a second run on the same results out for as long as this one lasts; the lock goes with the process, however it ends."""
    lock = path.with_name(f".{path.name}.lock")
    with lock.open("ab") as file:
        if not _lock(file):
            raise TableError("busy", path=path)
        yield


def _lock(file: IO[bytes]) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
