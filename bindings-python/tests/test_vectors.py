"""The shared cases: data that every language runs."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sportello

ROOT = Path(os.environ.get("SPORTELLO_VECTORS", Path(__file__).parents[2] / "core" / "vectors"))
Case = tuple[dict[str, Any], dict[str, Any]]


def cases(folder: str) -> Iterator[Any]:
    for path in sorted((ROOT / folder).glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        for index, case in enumerate(file["cases"]):
            yield pytest.param((file, case), id=f"{path.stem}-{case.get('name', index)}")


FORM, VALUES = list(cases("form")), list(cases("values"))


def compare(found: list[sportello.Finding], expected: list[dict[str, Any]], *, field: bool) -> None:
    """Compare what a case gives; a position that it does not give is not compared."""
    always = ("field", "code", "severity") if field else ("code", "severity")
    wanted, seen = [], []
    for case in expected:
        wanted.append({key: case.get(key) for key in always} | case)
    for index, finding in enumerate(found):
        given = set(expected[index]) if index < len(expected) else set()
        seen.append({key: getattr(finding, key) for key in given.union(always)})
    assert seen == wanted


@pytest.mark.parametrize("given", FORM)
def test_form(given: Case) -> None:
    file, case = given
    report = sportello.Service.from_json(file["service"]).check(case["answers"])
    expect = case["expect"]
    compare(report.findings, expect["findings"], field=True)
    assert bool(report) is expect["ok"]
    if missing := expect.get("missing"):
        assert report.missing_sets == missing["sets"]
        assert report.missing_more == missing["more"]


@pytest.mark.parametrize("given", VALUES)
def test_value(given: Case) -> None:
    file, case = given
    found = sportello.check_value(file["kind"], case["input"])
    compare(found, case["findings"], field=False)


def test_there_are_shared_cases() -> None:
    assert FORM
    assert VALUES
    print(f"vectors: {len(FORM) + len(VALUES)} cases")
