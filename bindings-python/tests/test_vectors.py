"""The shared cases: data that every language runs."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest
from vectors import ROOT, read

import sportello
from sportello.errors import class_of

Case = tuple[dict[str, Any], dict[str, Any]]


def cases(folder: str) -> Iterator[Any]:
    for path in sorted((ROOT / folder).glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        for index, case in enumerate(file["cases"]):
            yield pytest.param((file, case), id=f"{path.stem}-{case.get('name', index)}")


def of_typing(part: str) -> Iterator[Any]:
    for path in sorted((ROOT / "typing").glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        form = file["form"]
        description = read(f"form/{form}.json")["service"] if isinstance(form, str) else form
        each = file[part]
        for index, case in enumerate(each.items() if part == "hints" else each):
            name = case[0] if part == "hints" else case.get("name", index)
            yield pytest.param((description, case), id=f"{path.stem}-{name}")


FORM, VALUES = list(cases("form")), list(cases("values"))
PEERS, RULES = list(cases("peers")), list(cases("rule"))
HINTS, FIELD, REQUIRED, CORRECTED = (
    list(of_typing(part)) for part in ("hints", "field", "required", "corrected")
)
CALENDAR, ERRORS = read("working_time.json"), read("errors.json")
CODES: list[str] = [error["code"] for error in ERRORS["errors"]]
CODES += [code for room in ERRORS["rooms"].values() for code in room]


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


@pytest.mark.parametrize("given", PEERS)
def test_what_other_validators_say(given: Case) -> None:
    _, case = given
    found = sportello.check_value(case["kind"], case["input"])
    is_wrong = any(finding.is_error for finding in found)
    assert ("wrong" if is_wrong else "warning" if found else "right") == case["ours"]
    assert [finding.code for finding in found] == case["codes"]


def with_rule(rule: str, keys: list[str]) -> dict[str, Any]:
    fields = {key: {"nome": f"FIELD {key}", "tipo": "testo", "null": True} for key in keys}
    return {
        "hash_visura": "rule",
        "nome_visura": "A rule",
        "json_struttura": {"validazione": rule, "campi": fields},
    }


@pytest.mark.parametrize("given", RULES)
def test_rule(given: Case) -> None:
    _, case = given
    rule = case["rule"]
    if case.get("error") == "schema.rule_too_long":
        # A description's rule is trimmed first, so its blanks must stand within.
        rule += f"&& {case['keys'][0]}"
    description = with_rule(rule, case["keys"])
    if "error" in case:
        with pytest.raises(sportello.SchemaError) as caught:
            sportello.Service.from_json(description)
        assert caught.value.code == case["error"]
        return
    service = sportello.Service.from_json(description)
    answers = dict.fromkeys(case["filled"], "Rosalia")
    report = service.check(answers)
    about_rule = [finding for finding in report.errors if finding.code.startswith("required.")]
    assert (not about_rule) is case["value"]
    if "missing" in case:
        assert (report.missing_sets, report.missing_more) == (
            case["missing"]["sets"],
            case["missing"]["more"],
        )
    assert service.required == case["required"]


@pytest.mark.parametrize("given", HINTS)
def test_what_an_input_can_be_told(given: tuple[Any, tuple[str, dict[str, Any]]]) -> None:
    description, (key, hints) = given
    field = next(field for field in sportello.Service.from_json(description).fields if field.key == key)
    said = field.input
    assert {
        "autocomplete": said.autocomplete,
        "inputMode": said.input_mode,
        "inputType": said.input_type,
        "capitalize": said.capitalize,
        "spellcheck": said.spellcheck,
        "accept": list(said.accept),
    } == hints


@pytest.mark.parametrize("given", FIELD)
def test_a_field_while_it_is_typed(given: Case) -> None:
    description, case = given
    found = sportello.Service.from_json(description).check_field(case["key"], case["answers"])
    assert (list(found.fields), found.whole_form) == (case["fields"], case["whole_form"])
    compare(list(found.findings), case["findings"], field=True)


@pytest.mark.parametrize("given", REQUIRED)
def test_what_is_required_by_now(given: Case) -> None:
    description, case = given
    assert sportello.Service.from_json(description).required_by(case["answers"]) == case["required"]


@pytest.mark.parametrize("given", CORRECTED)
def test_corrections(given: Case) -> None:
    description, case = given
    corrected = sportello.Service.from_json(description).check(case["answers"]).corrected()
    expected = {
        key: answer
        if isinstance(answer, str)
        else {name: answer["file"][name] for name in ("name", "mime", "size")}
        for key, answer in case["corrected"].items()
    }
    for key, answer in corrected.items():
        if isinstance(answer, sportello.Attachment):
            corrected[key] = {"name": answer.name, "mime": answer.mime, "size": answer.size}
        elif not isinstance(answer, str):
            corrected[key] = {name: answer["file"][name] for name in ("name", "mime", "size")}
    assert corrected == expected


def test_working_time() -> None:
    for text in CALENDAR["easter"]:
        easter = datetime.date.fromisoformat(text)
        assert easter in sportello.holidays(easter.year)
    for year in CALENDAR["holidays"]:
        assert [f"{day:%m-%d}" for day in sportello.holidays(year["year"])] == year["dates"]
    for day in CALENDAR["days"]:
        assert sportello.is_working_day(datetime.date.fromisoformat(day["date"])) is day["working"], day
    for case in CALENDAR["estimates"]:
        start, earliest, latest = (
            datetime.datetime.fromisoformat(case[name].replace("Z", "+00:00"))
            for name in ("start", "earliest", "latest")
        )
        found = sportello.delivery_estimate(start)
        assert (found.earliest, found.latest) == (earliest, latest), case["name"]


@pytest.mark.parametrize("code", CODES)
def test_every_error_code_has_a_class(code: str) -> None:
    kind = class_of(code)
    assert issubclass(kind, sportello.SportelloError)
    # Only what is amiss in the library itself has no class of its own.
    assert (kind is sportello.SportelloError) is (code in ("internal", "flow.misuse", "call.cancelled"))


def test_there_are_shared_cases() -> None:
    calendar = sum(len(CALENDAR[part]) for part in ("easter", "holidays", "days", "estimates"))
    code = (len(read(f"codice_fiscale/{name}.json")["cases"]) for name in ("encode", "decode", "coherence"))
    every_language = {"form": len(FORM), "values": len(VALUES)}
    besides = {
        "codice_fiscale": sum(code),
        "errors": len(CODES),
        "peers": len(PEERS),
        "rule": len(RULES),
        "story": len(read("story/stories.json")["cases"]),
        "typing": len(HINTS) + len(FIELD) + len(REQUIRED) + len(CORRECTED),
        "working_time": calendar,
    }
    here = {**every_language, **besides}
    assert all(here.values())
    # `schema` is what test_json_schema.py goes by. The others no caller of Python's can reach: the provider's wire, the machines' steps,
    # the journal's rows; and places by their names, which Python has no search for.
    assert {path.stem for path in ROOT.iterdir()} - set(here) == {
        "README",
        "schema",
        "api",
        "flow",
        "journal",
        "places",
    }
    print(f"vectors: {sum(every_language.values())} cases")
    each = ", ".join(f"{name} {count}" for name, count in besides.items())
    print(f"besides what every language runs: {each}; {sum(here.values())} shared cases in all")
