"""Tables of invented applicants, in the formats and with the damage that offices have them in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from simulated import EXAMPLES as EXAMPLES
from vectors import read

import sportello

DESCRIPTION: Any = read("form/assegno-unico.json")["service"]
HEADERS: list[object] = [
    "Pratica",
    "Nome",
    "Cognome",
    "Codice fiscale",
    "Cellulare",
    "E-mail",
    "Documento di identità fronte e retro",
    "Tessera codice fiscale fronte e retro",
]
CODE = "PRVRSL90E52H501A"
# Invented people, each with a codice fiscale of their own.
PEOPLE: list[dict[str, str]] = [one for one in read("codice_fiscale/encode.json")["cases"] if one.get("code")]


def applicant(number: int) -> list[object]:
    """Give the row of an applicant without a mistake."""
    person = PEOPLE[number % len(PEOPLE)]
    return [
        f"P-{number:04}",
        person["name"],
        person["surname"],
        person["code"],
        f"333 {1_000_000 + number}",
        f"rosalia.{number}@example.org",
        "carte/carta.pdf",
        "carte/tessera.pdf",
    ]


def papers(folder: Path) -> None:
    """Put the files there that the rows name."""
    (folder / "carte").mkdir(exist_ok=True)
    for name, source in [("carta.pdf", "mandate.pdf"), ("tessera.pdf", "codice-fiscale-card.pdf")]:
        (folder / "carte" / name).write_bytes((EXAMPLES / source).read_bytes())


def csv_bytes(rows: Iterable[Iterable[object]], encoding: str = "cp1252", delimiter: str = ";") -> bytes:
    """Write rows as CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def json_text() -> str:
    """Give the description of that service as its file."""
    return json.dumps(DESCRIPTION)


def service() -> sportello.Service:
    """Give the service that all of them ask for."""
    return sportello.Service.from_json(DESCRIPTION)
