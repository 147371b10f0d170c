"""Any object in: an answer or one of our own errors comes out, never a panic."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_vectors import FORM

import sportello

SERVICES = [
    sportello.Service.from_json(service)
    for service in {id(p.values[0][0]): p.values[0][0]["service"] for p in FORM}.values()
]
KEYS = sorted(
    {
        word
        for service in SERVICES
        for field in service.fields
        for word in (field.key, field.slug, field.label)
    }
)

texts = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.binary()
    | texts
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts | scalars, inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=8,
)
answers = st.dictionaries(st.sampled_from(KEYS) | texts, texts | anything, max_size=12)


def ours(call: Callable[[], Any]) -> None:
    """Whatever comes out is a value, or an error that a caller can be told to expect; `PanicException` is neither."""
    try:
        call()
    except (sportello.SportelloError, TypeError, ValueError, OverflowError):
        return


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SERVICES), answers | anything)
@example(SERVICES[0], {"$0": "\ud800"})
@example(SERVICES[0], {1: 2})
def test_answers(service: sportello.Service, given: object) -> None:
    def check() -> None:
        report = service.check(given)
        for finding in report.findings:
            finding.text("de")
        report.corrected()

    ours(check)


@settings(max_examples=200, deadline=None)
@given(anything)
def test_a_description(given: Any) -> None:
    ours(lambda: sportello.Service.from_json(given))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["text", "date", "codice_fiscale", "phone", "email", "rea", "x"]) | anything, anything)
def test_a_value_and_a_column(kind: Any, given: Any) -> None:
    ours(lambda: sportello.check_value(kind, given))
    ours(lambda: sportello.check_column(kind, given))
    ours(lambda: SERVICES[0].check_table(given, columns=kind))


@settings(max_examples=200, deadline=None)
@given(anything, anything, anything, st.dates() | anything)
def test_a_codice_fiscale(one: Any, other: Any, sex: Any, day: Any) -> None:
    ours(lambda: sportello.CodiceFiscale.parse(one))
    ours(lambda: sportello.CodiceFiscale.read(one))
    person = {"surname": one, "name": other, "sex": sex, "birth_date": day, "birthplace": "H501"}
    ours(lambda: sportello.CodiceFiscale.encode(**person))
    code = sportello.CodiceFiscale.parse("PRVRSL90E52H501A")
    ours(lambda: code.coherence(**person))
    ours(lambda: code.birth_date(not_after=day))
    ours(lambda: code.birth_date(age=sex, on=day))


@settings(max_examples=100, deadline=None)
@given(anything, anything)
def test_a_file(name: Any, content: Any) -> None:
    ours(lambda: sportello.Attachment.from_bytes(name, content))
    ours(lambda: sportello.pages([sportello.Attachment.from_bytes("a.jpg", content)]))


def test_what_is_compared_here_is_what_people_have() -> None:
    service = SERVICES[0]
    ours(lambda: service.check({"$0": Decimal("1"), "$1": datetime.date(2020, 1, 1)}))
    assert KEYS
