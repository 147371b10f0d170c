"""One story through every provider: the shared cases of `story/`, in Python's words."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from simulated import EXAMPLES, Simulator, settings
from vectors import read

import sportello

STORIES: list[dict[str, Any]] = read("story/stories.json")["cases"]
# What is invented where a case gives no answers; its `term` for the rest.
BY_KIND = {
    "codice_fiscale": "12345670124",
    "partita_iva": "12345670124",
    "codice_fiscale_persona": "PRVRSL90E52H501A",
    "province": "RM",
    "municipality": "H501",
    "email": "rosella.prova@example.org",
    "date": "01-02-1990",
}


def answers(case: dict[str, Any], service: sportello.Service) -> dict[str, Any]:
    if "answers" not in case:
        return {field.key: BY_KIND.get(field.kind, case["term"]) for field in service.fields}
    paper = (EXAMPLES / "mandate.pdf").read_bytes()
    return {
        key: value if isinstance(value, str) else (value["file"], paper)
        for key, value in case["answers"].items()
    }


def ended(client: sportello.Client) -> sportello.RemoteSubmission:
    update = client.wait("story", timeout=20)
    assert update is not None, "too slow"
    return update.remote


@pytest.mark.parametrize("case", STORIES, ids=lambda case: f"{case['provider']}-{case['name']}")
def test_a_story(case: dict[str, Any], simulator: Simulator, tmp_path: Path) -> None:
    client = sportello.Client(**{**settings(simulator), "provider": case["provider"]})
    service = client.service(case["service"])
    given = answers(case, service)
    report = client.check(service, given)
    assert report, report.errors
    options = case.get("options", [])
    quote = client.quote(service, options)
    assert str(quote.due_now) == case.get("due_now", str(quote.due_now))
    assert str(quote.due_on_choice) == case.get("due_on_choice", str(quote.due_on_choice))
    submission = client.submit(
        service,
        given,
        reference="story",
        confirm_price=quote.due_now,
        options=options,
        accept_warnings=[finding.code for finding in report.warnings],
    )
    assert (submission.price, submission.charged) == (quote.due_now, "yes")
    remote = ended(client)
    if "results" in case:
        found = [result for search in remote.searches for result in search.results]
        assert len(found) == case["results"]
        if "choose" in case:
            assert remote.progress == "choice_needed"
            wanted = found[case["choose"]].id
            client.choose("story", wanted, quote.due_on_choice)
            remote = ended(client)
            assert remote.chosen == wanted
    assert remote.progress == case["ends"]
    if remote.progress == "delivered":
        files = client.delivery("story", tmp_path).files
        assert all(file.path.stat().st_size == file.size for file in files)
    else:
        files = ()
        with pytest.raises(sportello.DeliveryError):
            client.delivery("story", tmp_path)
    assert len(files) == case["files"] == len(list(tmp_path.iterdir()))
    named = {"due_now": quote.due_now, "due_on_choice": quote.due_on_choice}
    charges = [named[charge] if charge in named else Decimal(charge) for charge in case["charges"]]
    assert [Decimal(charge["amount_cents"]) / 100 for charge in simulator.charges()] == charges
