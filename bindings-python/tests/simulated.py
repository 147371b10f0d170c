"""The provider as a process of its own, and what is handed in to it. Needs no pytest: the README is run without it, too."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import sportello

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"
COMMAND = os.environ.get("SPORTELLO_COMMAND")


class Simulator:
    """The provider on this machine."""

    def __init__(self, program: str) -> None:
        """Start it and learn where it is."""
        command = [program, "--json", "simulator", "--stage-ms", "50"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        said = json.loads(self._process.stdout.readline())
        self.url: str = said["baseUrl"]
        self.token: str = said["token"]

    def _call(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_simulator/{path}", data=data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"null")

    def charges(self) -> list[dict[str, Any]]:
        """Tell what was charged."""
        charges: list[dict[str, Any]] = self._call("GET", "ledger")["charges"]
        return charges

    def fault(self, rule: dict[str, Any]) -> None:
        """Add a fault."""
        self._call("POST", "faults", rule)

    def clear_faults(self) -> None:
        """Take all faults away."""
        self._call("DELETE", "faults")

    def wallet(self, cents: int) -> None:
        """Say what the account holds."""
        self._call("POST", "wallet", {"cents": cents})

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def settings(simulator: Simulator) -> dict[str, Any]:
    """Give the settings of a client that does not wait long."""
    return {
        "environment": "simulator",
        "base_url": simulator.url,
        "token": simulator.token,
        "journal": ":memory:",
        "commit_timeout": 2.0,
        "quiet_margin": 0.2,
    }


def application() -> sportello.AssegnoUnico:
    """Give an invented applicant."""
    return sportello.AssegnoUnico(
        given_name="Rosalia",
        family_name="Prova",
        email="rosella.prova@example.org",
        mobile="333 1234567",
        codice_fiscale="PRVRSL90E52H501A",
        identity_document=EXAMPLES / "mandate.pdf",
        codice_fiscale_card=EXAMPLES / "codice-fiscale-card.pdf",
    )
