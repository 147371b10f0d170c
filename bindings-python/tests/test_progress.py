"""The bar, by whichever library is there, and without any."""

from __future__ import annotations

import sys

import pytest
from simulated import Simulator, application, settings

import sportello

STEPS = [
    sportello.SubmitProgress("opening", 0, 0),
    sportello.SubmitProgress("uploading", 512, 2048),
    sportello.SubmitProgress("uploading", 2048, 2048),
    sportello.SubmitProgress("committing", 0, 0),
]


def hide(absent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Make packages look as if they were not installed."""
    for name in absent:
        for loaded in [name, *sys.modules]:
            if loaded.partition(".")[0] == name:
                monkeypatch.setitem(sys.modules, loaded, None)


@pytest.mark.parametrize(
    ("absent", "by"), [([], "rich"), (["rich"], "tqdm"), (["rich", "tqdm"], "lines")], ids=str
)
def test_what_draws_it(
    absent: list[str], by: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hide(absent, monkeypatch)
    with sportello.progress_bar() as bar:
        assert bar.by == by
        for step in STEPS:
            bar(step)
    said = capsys.readouterr()
    assert said.out == ""
    assert "committing" in said.err
    if by != "lines":
        assert "2.0" in said.err
    # Once more: it goes up anew.
    bar(STEPS[0])
    bar.close()
    assert "opening" in capsys.readouterr().err


@pytest.mark.parametrize("absent", [[], ["rich"], ["rich", "tqdm"]], ids=str)
def test_it_shows_a_submission(
    absent: list[str],
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hide(absent, monkeypatch)
    client = sportello.Client(**settings(simulator))
    service = client.service("assegno-unico")
    bar = sportello.progress_bar()
    client.submit(service, application(), reference="shown", confirm_price="19.00", on_progress=bar)
    said = capsys.readouterr().err
    assert "committing" in said
    assert "recording" not in said
    # The verb took it down: nothing of it is left that would go on drawing.
    assert getattr(bar, "_shown", None) is None


def test_it_is_taken_down_when_the_verb_fails(
    simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    client = sportello.Client(**settings(simulator))
    service = client.service("assegno-unico")
    simulator.wallet(0)
    bar = sportello.progress_bar()
    with pytest.raises(sportello.CreditError):
        client.submit(service, application(), reference="poor", confirm_price="19.00", on_progress=bar)
    assert getattr(bar, "_shown", None) is None
    assert capsys.readouterr().err
