"""The examples run as they stand."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from simulated import Simulator

EXAMPLES = Path(__file__).parents[2] / "examples" / "python"


def test_the_story(simulator: Simulator, tmp_path: Path) -> None:
    for folder in ("data", "python"):
        shutil.copytree(EXAMPLES.parent / folder, tmp_path / folder)
    where = {**os.environ, "SPORTELLO_BASE_URL": simulator.url, "SPORTELLO_TOKEN": simulator.token}
    command = [sys.executable, "story.py"]
    done = subprocess.run(command, cwd=tmp_path / "python", env=where, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "python" / "documents").glob("*.zip"))
    assert len(simulator.charges()) == 1


def test_the_notebook(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPORTELLO_BASE_URL", simulator.url)
    monkeypatch.setenv("SPORTELLO_TOKEN", simulator.token)
    monkeypatch.chdir(EXAMPLES)
    notebook = json.loads((EXAMPLES / "notebook.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names: dict[str, object] = {"OUT": str(tmp_path)}
    for number, cell in enumerate(cells, 1):
        # What ran on somebody's machine is no part of the project, and may be personal.
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)
    assert len(cells) >= 5
    assert len(simulator.charges()) == 1


def test_a_hundred_thousand_invented_applicants() -> None:
    command = [sys.executable, str(EXAMPLES / "batch.py"), "100000"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("100000 applicants checked")
    assert done.stdout.rstrip().endswith("; 10000 codici fiscali were copied wrong")
