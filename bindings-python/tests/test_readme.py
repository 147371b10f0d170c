"""What the README shows is run (`readme.py`)."""

from __future__ import annotations

from pathlib import Path

import pytest
import readme
from simulated import Simulator


def test_every_block_runs(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [language for language, _ in readme.BLOCKS] == ["python", "python", "python", "sh", "sh", "python"]
    monkeypatch.chdir(tmp_path)
    assert readme.run(simulator, tmp_path) == len(readme.BLOCKS)
