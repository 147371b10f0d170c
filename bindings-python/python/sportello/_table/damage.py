"""What a spreadsheet did to a value: zeros that were lost, `3,93E+11`, codes that became dates.

This is knowledge about cells, so it is here and not in the core. Whether a repaired value would be right is asked of the core; a repair is
offered to the person and never put in silently.
"""

from __future__ import annotations

import datetime
import decimal
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .._models import Field
from .._native import check_value
from .excel import FormulaWithoutValue

Damage: TypeAlias = Literal[
    "table.zeros_lost",
    "table.exponent",
    "table.digits_lost",
    "table.became_date",
    "table.serial_date",
    "table.cell_error",
    "table.formula_unknown",
]

# A spreadsheet keeps 15 digits of a number and puts zeros for the rest.
_KEPT_DIGITS = 15
_EXPONENT = re.compile(r"([0-9])(?:[.,]([0-9]+))?E\+?([0-9]{1,3})", re.IGNORECASE)
# In English and in Italian, and what a column shows that is too narrow for a number.
_ERRORS = re.compile(
    r"#(?:N/[AD]|REF!|RIF!|VALUE!|VALORE!|NAME\?|NOME\?|DIV/0!|NUM!|NULL!|NULLO!|GETTING_DATA|SPILL!|#+)",
    re.IGNORECASE,
)
# The days of a spreadsheet's calendar that people are born on, or have papers until.
_SERIAL = range(3_000, 80_000)
_EPOCH = datetime.date(1899, 12, 30)


@dataclass(frozen=True)
class Reading:
    """What a cell says to a field."""

    text: str
    damage: Damage | None = None
    repaired: str | None = None
    """What it was, where that can be told. Personal data."""


def read(value: object, field: Field) -> Reading:
    """Read a cell as the answer to a field."""
    if value is None:
        return Reading("")
    if isinstance(value, FormulaWithoutValue):
        return Reading("", "table.formula_unknown")
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        return _date(value, field)
    if isinstance(value, (datetime.time, datetime.timedelta)):
        return Reading(str(value), "table.became_date")
    if isinstance(value, bool):
        return Reading("true" if value else "false")
    if isinstance(value, (int, float, decimal.Decimal)):
        return _number(value, field)
    text = str(value).strip()
    if _ERRORS.fullmatch(text):
        return Reading(text, "table.cell_error")
    exponent = _exponent(text)
    if exponent is not None:
        return exponent
    return _zeros(text, field)


def landline(text: str) -> Reading | None:
    """Tell whether a number that can't be called is one of a landline that lost its zero."""
    if text.isascii() and text.isdigit() and not check_value("phone", f"0{text}"):
        return Reading(text, "table.zeros_lost", f"0{text}")
    return None


def _date(value: datetime.date, field: Field) -> Reading:
    if field.kind == "date":
        return Reading(value.strftime("%d-%m-%Y"))
    text = value.strftime("%d/%m/%Y")
    # A text field that asks for a date wants one; anywhere else something like `3/2` was typed.
    words = field.label.casefold().split()
    asks = any(word.strip(".:") in ("data", "nascita", "scadenza", "rilascio") for word in words)
    return Reading(text) if field.kind in ("text", "unknown") and asks else Reading(text, "table.became_date")


def _number(value: int | float | decimal.Decimal, field: Field) -> Reading:
    if value != value or value in (float("inf"), float("-inf")):
        return Reading("")
    if value != int(value):
        return Reading(str(value).replace(".", ","))
    text = str(int(value))
    if field.kind == "date" and int(value) in _SERIAL:
        return Reading(text, "table.serial_date", _serial(int(value)))
    if isinstance(value, float) and len(text) > _KEPT_DIGITS:
        return Reading(text, "table.digits_lost")
    return _zeros(text, field)


def _serial(days: int) -> str:
    return (_EPOCH + datetime.timedelta(days=days)).strftime("%d-%m-%Y")


def _exponent(text: str) -> Reading | None:
    found = _EXPONENT.fullmatch(text)
    # `1E5` may be a code; with a comma or a sign it is a number that was too long for its column.
    if found is None or not ("+" in text or found[2]):
        return None
    digits, power = found[1] + (found[2] or ""), int(found[3])
    whole = len(digits) - 1 == power
    return Reading(text, "table.exponent", digits if whole else None)


def _zeros(text: str, field: Field) -> Reading:
    lost = Reading(text, "table.zeros_lost")
    if not (text.isascii() and text.isdigit()):
        return Reading(text)
    if field.choices:
        codes = [choice.code for choice in field.choices]
        same = [code for code in codes if code.lstrip("0") == text.lstrip("0")]
        if text not in codes and len(same) == 1:
            return Reading(text, lost.damage, same[0])
    elif field.kind in ("partita_iva", "codice_fiscale", "codice_fiscale_persona") and 5 <= len(text) < 11:
        whole = text.zfill(11)
        if not any(finding.is_error for finding in check_value(field.kind, whole)):
            return Reading(text, lost.damage, whole)
    elif field.kind == "date" and int(text) in _SERIAL and len(text) == 5:
        return Reading(text, "table.serial_date", _serial(int(text)))
    elif field.kind == "text" and len(text) < 5 and _asks_for_cap(field):
        return Reading(text, lost.damage, text.zfill(5))
    return Reading(text)


def _asks_for_cap(field: Field) -> bool:
    words = field.label.casefold().replace(".", "").split()
    return "cap" in words or ("codice" in words and ("postale" in words or "avviamento" in words))
