"""What the README shows is run, block by block, in the order in which somebody reads it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tables
from conftest import EXAMPLES, Simulator

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_every_block_runs(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [language for language, _ in BLOCKS] == ["python", "python", "python", "sh", "sh", "python"]
    monkeypatch.chdir(tmp_path)
    tables.papers(tmp_path)
    (tmp_path / "identity.pdf").write_bytes((EXAMPLES / "mandate.pdf").read_bytes())
    (tmp_path / "card.pdf").write_bytes((EXAMPLES / "codice-fiscale-card.pdf").read_bytes())
    (tmp_path / "assegno-unico.json").write_text(json.dumps(tables.DESCRIPTION))
    rows = [tables.HEADERS, tables.applicant(1), tables.applicant(2)]
    (tmp_path / "applicants.csv").write_bytes(tables.csv_bytes(rows, "utf-8"))
    names: dict[str, object] = {
        "description": tables.DESCRIPTION,
        "url": simulator.url,
        "token": simulator.token,
    }
    environment = {
        **os.environ,
        "URL": simulator.url,
        "SPORTELLO_TOKEN": simulator.token,
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    for language, block in BLOCKS:
        if language == "python":
            exec(compile(block, str(README), "exec"), names)
        else:
            done = subprocess.run(["sh", "-c", block], env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
    assert list((tmp_path / "documents").glob("*.pdf"))
    assert len(simulator.charges()) == 3
