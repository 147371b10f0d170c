"""The relay as a process of its own, with a simulator behind it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

RELAY = os.environ.get("SPORTELLO_RELAY")


class Relay:
    """A counter for those who hold no token of the provider's."""

    def __init__(self, program: str, folder: Path) -> None:
        """Start it and learn where it is, and by which session one comes in."""
        key = folder / "session.key"
        key.write_text("0123456789abcdef" * 4 + "\n")
        self._program, self._key = program, str(key)
        command = [
            program,
            "serve",
            "--simulator",
            "--listen",
            "127.0.0.1:0",
            "--session-key-file",
            self._key,
        ]
        command += ["--folder", str(folder / "relay")]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        said = "".join(self._process.stdout.readline() for _ in range(2))
        self.url, self.behind = re.findall(r"http://[0-9.:]+", said)
        self.session = self.session_of("u-17")

    def session_of(self, user: str, cap: str | None = None) -> str:
        """Sign a session for a user, who may have a cap on what is spent."""
        command = [self._program, "--session-key-file", self._key, "session", "--user", user]
        command += [] if cap is None else ["--cap", cap]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def settings(self, session: str | None = None, journal: str = ":memory:") -> dict[str, Any]:
        """Give the settings of a client that goes through it."""
        return {
            "environment": "simulator",
            "provider": "relay",
            "base_url": self.url,
            "token": session or self.session,
            "journal": journal,
            "commit_timeout": 2.0,
            "quiet_margin": 0.2,
        }

    def charges(self) -> list[dict[str, Any]]:
        """Tell what was charged behind it."""
        with urllib.request.urlopen(f"{self.behind}/_simulator/ledger") as answer:
            charges: list[dict[str, Any]] = json.loads(answer.read())["charges"]
        return charges

    def fault(self, rule: dict[str, Any]) -> None:
        """Add a fault between the relay and the provider."""
        request = urllib.request.Request(
            f"{self.behind}/_simulator/faults", data=json.dumps(rule).encode(), method="POST"
        )
        urllib.request.urlopen(request).close()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
