"""The codice fiscale by itself: the shared cases, and what belongs to Python alone."""

from __future__ import annotations

import datetime
import json
import pickle
from typing import Any

import pytest
from vectors import ROOT

import sportello

CODE = "PRVRSL90E52H501A"


def cases(name: str) -> list[dict[str, Any]]:
    file = json.loads((ROOT / "codice_fiscale" / f"{name}.json").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = file["cases"]
    return found


def day(text: str | None) -> datetime.date | None:
    return None if text is None else datetime.date.fromisoformat(text)


@pytest.mark.parametrize("case", cases("encode"), ids=lambda case: case.get("code") or case["error"])
def test_encode(case: dict[str, Any]) -> None:
    person: dict[str, Any] = {name: case[name] for name in ("surname", "name", "sex", "birthplace")}
    person["birth_date"] = datetime.date.fromisoformat(case["birth_date"])
    if code := case.get("code"):
        assert str(sportello.CodiceFiscale.encode(**person)) == code
        return
    with pytest.raises(sportello.CodiceFiscaleError) as caught:
        sportello.CodiceFiscale.encode(**person)
    assert caught.value.code == case["error"]


@pytest.mark.parametrize("case", cases("decode"), ids=lambda case: case["code"])
def test_decode(case: dict[str, Any]) -> None:
    code = sportello.CodiceFiscale.parse(case["code"])
    assert {
        "code": str(code),
        "canonical": str(code.canonical),
        "omocodia": code.is_omocodia,
        "sex": code.sex,
        "birth_dates": [date.isoformat() for date in code.birth_dates],
        "birthplace": code.birthplace,
    } == case


@pytest.mark.parametrize("case", cases("coherence"))
def test_coherence(case: dict[str, Any]) -> None:
    person = dict(case["person"])
    person["birth_date"] = day(person.get("birth_date"))
    found = sportello.CodiceFiscale.parse(case["code"]).coherence(**person)
    assert (found.disagreeing, found.undecided, found.is_swapped) == (
        case["disagreeing"],
        case["undecided"],
        case["swapped"],
    )
    assert bool(found) is not bool(found.disagreeing)


def test_a_wrong_code_says_what_is_wrong_and_where_and_shows_nothing() -> None:
    with pytest.raises(sportello.CodiceFiscaleError) as caught:
        sportello.CodiceFiscale.parse("PRVRSL90E52H501B")
    error = caught.value
    assert (error.code, error.findings[0].position) == ("codice_fiscale.check_letter", 15)
    assert isinstance(error, ValueError)
    assert "PRVRSL" not in f"{error!r}{error}{pickle.dumps(error)!r}"


def test_a_code_is_a_value() -> None:
    code = sportello.CodiceFiscale.parse(CODE)
    assert sportello.CodiceFiscale.read(" prvrsl90e52h501a ") == code
    assert sportello.CodiceFiscale.read("nothing") is None
    assert pickle.loads(pickle.dumps(code)) == code
    assert len(set(code.variants())) == 128
    assert code in set(code.variants())
    assert CODE not in repr([code, code.coherence(surname="Prova")])
    assert code.birth_date(not_after=datetime.date(2026, 1, 1)) == datetime.date(1990, 5, 12)
    assert code.birth_date(age=36, on=datetime.date(2026, 6, 1)) == datetime.date(1990, 5, 12)
    with pytest.raises(TypeError):
        code.birth_date()
    swapped = code.coherence(surname="Rosalia", name="Prova").findings("en")
    assert [finding.code for finding in swapped] == ["coherence.swapped"]
