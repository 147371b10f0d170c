"""What belongs to Python alone: errors, conversions, masking."""

import dataclasses
import datetime
import json
import multiprocessing
import pickle
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pydantic
import pytest
import tables
from simulated import EXAMPLES
from test_vectors import FORM

import sportello

SERVICE: Any = FORM[0].values[0][0]["service"]


def test_a_broken_description_is_an_error_with_a_code() -> None:
    with pytest.raises(sportello.SchemaError) as caught:
        sportello.Service.from_json("not json")
    assert caught.value.code == "schema.not_json"
    assert str(caught.value) == caught.value.detail != ""
    assert isinstance(caught.value, (sportello.SportelloError, ValueError))


def test_an_error_survives_pickling() -> None:
    error = sportello.KindError("check.kind_unknown", "no kind")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.code, copy.detail) == (type(error), error.code, error.detail)


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(sportello.KindError) as caught:
        sportello.check_value("shoe_size", "42")
    assert caught.value.code == "check.kind_unknown"


@pytest.mark.parametrize("convert", [lambda it: it, json.dumps, lambda it: json.dumps(it).encode()])
def test_a_description_is_a_dict_a_text_or_bytes(convert: Callable[[object], Any]) -> None:
    assert sportello.Service.from_json(convert(SERVICE)).id == sportello.Service.from_json(SERVICE).id


@pytest.mark.parametrize("answers", ["RSSMRA85T10A562S", ["RSSMRA85T10A562S"], {"$0": 7.5}])
def test_unreadable_answers_are_an_error_that_quotes_none_of_them(answers: object) -> None:
    with pytest.raises(sportello.AnswersError) as caught:
        sportello.Service.from_json(SERVICE).check(answers)
    assert caught.value.code == "answers.not_readable"
    assert "RSSMRA" not in repr(caught.value)


def test_answers_may_be_a_dataclass_and_a_file_may_hold_bytes() -> None:
    @dataclasses.dataclass
    class Answers:
        nobody: str
        paper: dict[str, Any]

    file = {"name": "a.pdf", "mime": "application/pdf", "size": 5, "head": b"%PDF-", "tail": b"%PDF-"}
    report = sportello.Service.from_json(SERVICE).check(Answers("x", {"file": file}))
    about = {finding.field for finding in report.findings}
    assert {"nobody", "paper"} <= about


class Applicant(pydantic.BaseModel):
    nome: str
    cognome: str
    codice_fiscale: str
    email: str
    cellulare: str
    identity: Path = pydantic.Field(alias="$5")
    card: sportello.Attachment = pydantic.Field(alias="$6")

    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)


def test_answers_may_be_a_pydantic_model() -> None:
    service = sportello.Service.from_json(tables.DESCRIPTION)
    card = sportello.Attachment.from_path(EXAMPLES / "codice-fiscale-card.pdf")
    given: dict[str, Any] = {
        "nome": "Rosalia",
        "cognome": "Prova",
        "codice_fiscale": "PRVRSL90E52H501A",
        "email": "rosella.prova@example.org",
        "cellulare": "333 1234567",
        "$5": EXAMPLES / "mandate.pdf",
        "$6": card,
    }
    assert service.check(given).findings == []
    model = Applicant(**given)
    assert service.check(model).findings == []
    # A model's alias is the key; without one it is the field's own name.
    wrong = model.model_copy(update={"codice_fiscale": "prvrsl90e52h501a", "card": "no file"})
    assert {finding.field for finding in service.check(wrong).findings} == {"$4", "$6"}
    assert service.check(wrong).corrected()["codice_fiscale"] == "PRVRSL90E52H501A"


def test_a_finding_has_a_text_in_every_language_and_shows_no_answer() -> None:
    finding = sportello.check_value("codice_fiscale", "RSSMRA85T10A562X", lang="en")[0]
    texts = {finding.text(lang) for lang in ("it", "en", "fr", "de-CH")}
    assert len(texts) == 4
    assert finding.text() == finding.text("en")
    assert "RSSMRA" not in repr(finding)
    with pytest.raises(ValueError, match="xx"):
        finding.text("xx")


def test_a_report_is_true_when_nothing_is_wrong() -> None:
    report = sportello.Service.from_json(SERVICE).check({"no such field": "x"})
    assert report.findings == [] or len(report.findings) == len(report.errors) + len(report.warnings)
    assert bool(report) == report.ok == (not report.errors)
    assert "no such field" not in repr(report)


def test_corrections_are_offered_under_the_caller_s_own_keys() -> None:
    services = [sportello.Service.from_json(param.values[0][0]["service"]) for param in FORM]
    asked = ((one, field) for one in services for field in one.fields)
    service, key = next((one, field) for one, field in asked if field.kind == "codice_fiscale_persona")
    given: dict[str, Any] = {key.label: " prvrsl90e52h501a", "nobody's": "x"}
    report = service.check(given)
    assert given[key.label] not in repr(report.findings)
    corrected = report.corrected()
    assert corrected == {key.label: "PRVRSL90E52H501A", "nobody's": "x"}
    assert given[key.label] == " prvrsl90e52h501a"
    # What was checked is what is corrected.
    given.clear()
    assert report.corrected() == corrected


def test_a_dict_is_checked_the_same_whichever_way_it_takes() -> None:
    service = sportello.Service.from_json(SERVICE)

    class Text(str):
        """A key of a class of its own takes the general way."""

    for file, case in [param.values[0] for param in FORM]:
        service = sportello.Service.from_json(file["service"])
        quick = service.check(case["answers"])
        general = service.check({Text(key): value for key, value in case["answers"].items()})
        assert [repr(finding) for finding in quick.findings] == [
            repr(finding) for finding in general.findings
        ]
        assert quick.missing_sets == general.missing_sets


def test_half_a_character_is_an_error_that_quotes_nothing() -> None:
    service = sportello.Service.from_json(SERVICE)
    for answers in ({"$0": "RSSMRA\ud800"}, {"RSSMRA\ud800": "x"}):
        with pytest.raises(sportello.AnswersError) as caught:
            service.check(answers)
        assert caught.value.code == "answers.not_readable"
        assert caught.value.__cause__ is None


def test_what_is_required_by_answers_includes_what_always_is() -> None:
    for param in FORM:
        file, case = param.values[0]
        service = sportello.Service.from_json(file["service"])
        assert set(service.required) <= set(service.required_by(case["answers"]))


def squeezed(pickled: tuple[bytes, Any]) -> list[str]:
    """Run in a process of its own."""
    service, answers = pickle.loads(pickled[0]), pickled[1]
    return [finding.code for finding in service.check(answers).findings]


def test_a_service_survives_pickling_and_goes_to_other_processes() -> None:
    jobs, here = [], []
    for param in FORM:
        file, case = param.values[0]
        service = sportello.Service.from_json(file["service"])
        copy = pickle.loads(pickle.dumps(service))
        assert (copy.id, copy.name, copy.rule, copy.price) == (
            service.id,
            service.name,
            service.rule,
            service.price,
        )
        assert (copy.fields, copy.options, copy.required) == (
            service.fields,
            service.options,
            service.required,
        )
        jobs.append((pickle.dumps(service), case["answers"]))
        here.append([finding.code for finding in service.check(case["answers"]).findings])
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(squeezed, jobs) == here


def test_a_service_says_what_it_costs_and_how_it_is_done() -> None:
    service = sportello.Service.from_json(tables.DESCRIPTION)
    assert (service.price, service.search_price) == (Decimal("19.00"), Decimal("0.00"))
    assert service.instructions == "" or "<p>" not in service.instructions


def test_a_moment_without_a_zone_is_none() -> None:
    with pytest.raises(ValueError, match="time zone"):
        sportello.delivery_estimate(datetime.datetime(2026, 3, 10, 9, 30))
