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


def expected(findings: list[dict[str, Any]], *, field: bool) -> list[tuple[Any, ...]]:
    keys = ("field",) * field + ("code", "severity", "position")
    return [tuple(finding.get(key) for key in keys) for finding in findings]


def seen(findings: list[sportello.Finding], *, field: bool) -> list[tuple[Any, ...]]:
    keys = ("field",) * field + ("code", "severity", "position")
    return [tuple(getattr(finding, key) for key in keys) for finding in findings]


@pytest.mark.parametrize("given", FORM)
def test_form(given: Case) -> None:
    file, case = given
    report = sportello.Service.from_json(file["service"]).check(case["answers"])
    expect = case["expect"]
    assert seen(report.findings, field=True) == expected(expect["findings"], field=True)
    assert bool(report) is expect["ok"]
    if missing := expect.get("missing"):
        assert report.missing_sets == missing["sets"]
        assert report.missing_more == missing["more"]


@pytest.mark.parametrize("given", VALUES)
def test_value(given: Case) -> None:
    file, case = given
    found = sportello.check_value(file["kind"], case["input"])
    assert seen(found, field=False) == expected(case["findings"], field=False)


def test_there_are_shared_cases() -> None:
    assert FORM
    assert VALUES
    print(f"vectors: {len(FORM) + len(VALUES)} cases")
