"""What becomes of a submission whose waiter is cancelled: at each of its awaits, and while each of its calls is under way.

Before the simulator stands a network that misbehaves (`examples/conformance`), which has the last word: how often the paid call came, when
it came again, and what the ledger says.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import urllib.request
from collections.abc import Awaitable, Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from simulated import Simulator, application, settings

import sportello

CONFORMANCE = os.environ.get("SPORTELLO_CONFORMANCE")
T = TypeVar("T")
# As long as the client of these tests waits for a paid call, and leaves it alone after that.
TIMEOUT_MS, MARGIN_MS = 700, 300


class Network:
    """A network before a simulator, and its verdict."""

    def __init__(self, program: str, simulator: Simulator) -> None:
        """Put it there."""
        upstream = simulator.url.removeprefix("http://")
        command = [program, "--keep", "--upstream", upstream]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        said = json.loads(self._process.stdout.readline())
        self._control, self.origin = said["control"], said["origin"]

    def _call(self, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._control}/_conformance/{path}", data=data)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())

    def begin(self, script: str, on: str, nth: int) -> None:
        """From now on the n-th free or paid call meets a trouble."""
        quiet = TIMEOUT_MS + MARGIN_MS
        self._call(
            "story", {"script": script, "on": on, "nth": nth, "timeoutMs": TIMEOUT_MS, "quietMs": quiet}
        )

    def problems(self) -> list[str]:
        """Tell what was wrong since it began."""
        problems: list[str] = self._call("verdict")["verdicts"][-1]["problems"]
        return problems

    def is_met(self) -> bool:
        """Tell whether the trouble was met."""
        return not any(problem.startswith("trouble_not_met") for problem in self.problems())

    def close(self) -> None:
        """Take it away."""
        self._process.kill()
        self._process.wait()


@pytest.fixture
def network(simulator: Simulator) -> Iterator[Network]:
    """Give a network of the test's own."""
    if not CONFORMANCE:
        pytest.skip("SPORTELLO_CONFORMANCE does not name the `sportello-conformance` program")
    network = Network(CONFORMANCE, simulator)
    yield network
    network.close()


class CancelledAt(Awaitable[T]):
    """Awaits something, and is cancelled at one of the places where that gives the control away, counted from 0."""

    def __init__(self, inner: Awaitable[T], at: int) -> None:
        self._inner, self._at = inner, at

    def __await__(self) -> Generator[Any, Any, T]:
        steps = self._inner.__await__()
        try:
            for _ in range(self._at):
                yield next(steps)
            next(steps)
        except StopIteration as end:
            ended: T = end.value
            return ended
        # As an event loop does it: thrown in where it waits.
        steps.throw(asyncio.CancelledError())
        raise AssertionError("being cancelled was swallowed")


def client(simulator: Simulator, network: Network, folder: Path) -> sportello.AsyncClient:
    return sportello.AsyncClient(
        **{
            **settings(simulator),
            "base_url": network.origin,
            "journal": folder / "journal.sqlite",
            "commit_timeout": TIMEOUT_MS / 1000,
            "quiet_margin": MARGIN_MS / 1000,
        }
    )


async def settled(
    client: sportello.AsyncClient, service: sportello.Service, reference: str
) -> sportello.Submission:
    """Go on with the reference, as whoever was cancelled would."""
    while True:
        try:
            return await client.submit(
                service, application(), reference=reference, confirm_price="19.00", allow_duplicate=True
            )
        except sportello.SportelloError as error:
            if not error.is_retryable:
                raise


def test_at_each_await(simulator: Simulator, network: Network, tmp_path: Path) -> None:
    """The answer to the commit is lost, too: so there is the most to wait for."""

    async def cancelled_at(at: int) -> bool:
        reference = f"await-{at}"
        caller = client(simulator, network, tmp_path)
        service = await caller.service("assegno-unico")
        network.begin("reset-after", "paid", 1)
        submit = caller.submit(
            service,
            application(),
            reference=reference,
            confirm_price="19.00",
            allow_duplicate=True,
            on_progress=lambda progress: None,
        )
        try:
            await CancelledAt(submit, at)
            was_cancelled = False
        except asyncio.CancelledError:
            was_cancelled = True
        # Another client of the same journal: what it finds is what a new process would.
        after = client(simulator, network, tmp_path)
        submission = await settled(after, service, reference)
        assert (submission.charged, submission.reference) == ("yes", reference)
        assert network.problems() == []
        return was_cancelled

    at = 0
    while asyncio.run(cancelled_at(at)):
        at += 1
    charges = [charge["submission"] for charge in simulator.charges()]
    print(f"cancelled at each of {at} awaits: {len(charges)} submissions, {len(set(charges))} charges")
    assert at >= 6
    assert len(charges) == len(set(charges)) == at + 1


# Opening the draft, its texts, its two files, the look at it; then the paid call, which may take effect or not, early or late.
CALLS = [("free", nth, "late-answer") for nth in range(1, 6)]
CALLS += [
    ("paid", 1, script)
    for script in ("late-answer", "late-effect", "mute-before", "mute-after", "trickle", "slow-close")
]


@pytest.mark.parametrize(("on", "nth", "script"), CALLS)
def test_while_each_call_is_under_way(
    simulator: Simulator, network: Network, tmp_path: Path, on: str, nth: int, script: str
) -> None:
    async def cancelled() -> None:
        caller = client(simulator, network, tmp_path)
        service = await caller.service("assegno-unico")
        network.begin(script, on, nth)
        submit = caller.submit(service, application(), reference="call", confirm_price="19.00")
        task = asyncio.create_task(submit)
        # The network has the call, and is in no hurry.
        while not await asyncio.to_thread(network.is_met):
            assert not task.done(), "the trouble is never met"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        if on == "paid":
            # What may have been paid is found out, and never left in doubt.
            (found,) = await client(simulator, network, tmp_path).resume()
            assert found.state in ("advanced", "waiting", "needs_answers", "ready")
        submission = await settled(client(simulator, network, tmp_path), service, "call")
        assert submission.charged == "yes"

    asyncio.run(cancelled())
    assert network.problems() == []
    assert len(simulator.charges()) == 1
