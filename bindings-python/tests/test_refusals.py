"""What the commands refuse, in the language that was asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tables

import sportello
from sportello._table import refusals
from sportello._table.command import main
from sportello._table.words import LANGS

SOURCES = Path(refusals.__file__).parent


def test_whatever_is_refused_has_a_text_in_every_language() -> None:
    raised = {
        name
        for source in SOURCES.glob("*.py")
        for name in re.findall(
            r"(?:TableError|refusal)\(\s*[\"']([^\"']+)[\"']", source.read_text(encoding="utf-8")
        )
    }
    assert len(raised) > 30
    texts = refusals._TEXTS
    # The classes of errors and the codes of references are named by the library.
    by_name = {name for name in texts if hasattr(sportello, name) or name.startswith("reference.")}
    assert raised == set(texts) - by_name
    for name, four in texts.items():
        assert len(four) == len(set(four)) == len(LANGS) or name == "no_limit", name
        wanted = {frozenset(re.findall(r"{(\w+)}", text)) for text in four}
        assert len(wanted) == 1, name


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("it", "errore: `{}` non c’è"),
        ("en", "error: `{}` is not there"),
        ("fr", "erreur: `{}` n’existe pas"),
        ("de", "Fehler: `{}` gibt es nicht"),
    ],
)
def test_it_is_said_in_the_language_asked_for(
    lang: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    description = tmp_path / "service.json"
    description.write_text(tables.json_text(), encoding="utf-8")
    absent = tmp_path / "absent.csv"
    assert main(["check-table", str(absent), "--description", str(description), "--lang", lang]) == 2
    assert capsys.readouterr().err.strip() == said.format(absent)


def test_what_the_library_refuses_is_said_in_it_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPORTELLO_TOKEN", "x")
    table = tmp_path / "t.csv"
    table.write_text("Nome\nRosalia\n")
    # Nobody listens at port 9.
    where = ["--environment", "simulator", "--base-url", "http://127.0.0.1:9", "--lang", "it"]
    assert main(["check-table", str(table), *where]) == 4
    italian = capsys.readouterr().err
    assert italian.startswith("errore: il fornitore non si raggiunge [network.unreachable: ")
