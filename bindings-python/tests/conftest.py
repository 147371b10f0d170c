"""The simulator, for whichever test asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from simulated import COMMAND, Simulator


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Give a simulator of the test's own."""
    if not COMMAND:
        pytest.skip("SPORTELLO_COMMAND does not name the `sportello` command")
    simulator = Simulator(COMMAND)
    yield simulator
    simulator.close()
