"""Runs what the README shows, block by block, in the order in which somebody reads it. Needs nothing but the installed package."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import tables
from simulated import COMMAND, EXAMPLES, Simulator

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def lay_out(folder: Path) -> None:
    """Put the files there that the blocks name."""
    tables.papers(folder)
    (folder / "identity.pdf").write_bytes((EXAMPLES / "mandate.pdf").read_bytes())
    (folder / "card.pdf").write_bytes((EXAMPLES / "codice-fiscale-card.pdf").read_bytes())
    (folder / "assegno-unico.json").write_text(json.dumps(tables.DESCRIPTION))
    rows = [tables.HEADERS, tables.applicant(1), tables.applicant(2)]
    (folder / "applicants.csv").write_bytes(tables.csv_bytes(rows, "utf-8"))


def run(simulator: Simulator, folder: Path, without: tuple[str, ...] = ()) -> int:
    """Run every block in a folder, save those that import what is not to be asked of an empty environment; give their number."""
    lay_out(folder)
    names: dict[str, object] = {
        "description": tables.DESCRIPTION,
        "url": simulator.url,
        "token": simulator.token,
    }
    environment = {
        **os.environ,
        "URL": simulator.url,
        "SPORTELLO_TOKEN": simulator.token,
        "XDG_DATA_HOME": str(folder / "data"),
        "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}",
    }
    ran = 0
    for language, block in BLOCKS:
        if any(re.search(rf"^import {name}\b", block, re.MULTILINE) for name in without):
            continue
        if language == "python":
            exec(compile(block, str(README), "exec"), names)
        else:
            done = subprocess.run(["sh", "-c", block], env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
        ran += 1
    assert list((folder / "documents").glob("*.pdf"))
    assert len(simulator.charges()) == 3
    return ran


def main() -> None:
    """Run them where only the package is."""
    assert COMMAND, "SPORTELLO_COMMAND does not name the `sportello` command"
    simulator = Simulator(COMMAND)
    try:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            sys.stdout, said = open(os.devnull, "w"), sys.stdout
            ran = run(simulator, Path(folder), without=("pyarrow",))
            sys.stdout = said
            os.chdir("/")
    finally:
        simulator.close()
    print(f"{ran} of {len(BLOCKS)} blocks of the README run; the others need pyarrow")


if __name__ == "__main__":
    main()
