"""The story through a relay: whoever calls holds a session, and never the provider's token."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from relayed import RELAY, Relay
from simulated import application

import sportello


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    """Give a relay of the test's own."""
    if not RELAY:
        pytest.skip("SPORTELLO_RELAY does not name the `sportello-relay` program")
    relay = Relay(RELAY, tmp_path)
    yield relay
    relay.close()


def test_the_story_in_a_thread(relay: Relay, tmp_path: Path) -> None:
    with sportello.Client(**relay.settings()) as client:
        service = client.service("assegno-unico")
        steps: list[str] = []
        submission = client.submit(
            service,
            application(),
            reference="story",
            confirm_price="19.00",
            on_progress=lambda progress: steps.append(progress.doing),
        )
        assert submission.charged == "yes"
        assert "committing" in steps
        assert [update.remote.progress for update in client.watch("story")][-1] == "delivered"
        update = client.wait("story", timeout=20)
        assert update is not None
        assert update.next_step == "fetch"
        assert client.delivery("story").extract(tmp_path / "out")[0].read_bytes().startswith(b"%PDF-")
        # The same reference again is the same submission.
        assert (
            client.submit(service, application(), reference="story", confirm_price="19.00").id
            == submission.id
        )
    assert len(relay.charges()) == 1


def test_the_story_in_an_event_loop(relay: Relay) -> None:
    async def story() -> None:
        async with sportello.AsyncClient(**relay.settings()) as client:
            service = await client.service("assegno-unico")
            hand_in = [
                client.submit(
                    service,
                    application(),
                    reference=f"async-{number}",
                    confirm_price="19.00",
                    allow_duplicate=True,
                )
                for number in range(4)
            ]
            assert {one.charged for one in await asyncio.gather(*hand_in)} == {"yes"}
            assert [update.remote.progress async for update in client.watch("async-2")][-1] == "delivered"

    asyncio.run(story())
    assert len(relay.charges()) == 4


def test_what_a_relay_refuses(relay: Relay) -> None:
    client = sportello.Client(**relay.settings())
    service = client.service("assegno-unico")
    with pytest.raises(sportello.ProviderError) as listed:
        client.submissions()
    assert listed.value.code == "submissions.not_listed"
    with pytest.raises(sportello.PriceError) as gross:
        client.submit(service, application(), reference="gross", confirm_price="23.18")
    assert (gross.value.code, gross.value.charged) == ("price.is_gross", "no")
    poor = sportello.Client(**relay.settings(relay.session_of("u-18", cap="10.00")))
    with pytest.raises(sportello.PriceError) as spent:
        poor.submit(service, application(), reference="capped", confirm_price="19.00")
    assert (spent.value.code, spent.value.charged) == ("spend.limit", "no")
    with pytest.raises(sportello.AuthError):
        sportello.Client(**relay.settings("not.signed")).services()
    assert not relay.charges()


def test_a_session_sees_its_own(relay: Relay, tmp_path: Path) -> None:
    mine = sportello.Client(**relay.settings(journal=str(tmp_path / "mine.sqlite")))
    service = mine.service("assegno-unico")
    mine.submit(service, application(), reference="mine", confirm_price="19.00")
    # Another session: what the relay keeps for one user, it shows to no other, and a reference of the one is none of the other's.
    other = sportello.Client(**relay.settings(relay.session_of("u-18")))
    with pytest.raises(sportello.ReferenceError) as unseen:
        other.status("mine")
    assert unseen.value.code == "reference.unknown"
    assert other.submit(service, application(), reference="mine", confirm_price="19.00").charged == "yes"
    assert mine.status("mine").charged == "yes"
    assert len({charge["submission"] for charge in relay.charges()}) == 2


def test_a_lost_answer_behind_the_relay_is_found_out_and_paid_once(relay: Relay) -> None:
    relay.fault({"call": "commit", "nth": 1, "fault": {"kind": "cut_after"}})
    client = sportello.Client(**{**relay.settings(), "commit_timeout": 90.0})
    service = client.service("assegno-unico")
    with contextlib.suppress(sportello.SportelloError):
        client.submit(service, application(), reference="lost", confirm_price="19.00")
    assert len(relay.charges()) == 1


@pytest.mark.parametrize("after_ms", [0, 5, 20, 60])
def test_being_cancelled_stops_the_waiting_and_never_a_commit(relay: Relay, after_ms: int) -> None:
    async def cancelled() -> None:
        client = sportello.AsyncClient(**relay.settings())
        service = await client.service("assegno-unico")

        async def hand_in() -> sportello.Submission:
            return await client.submit(service, application(), reference="cancelled", confirm_price="19.00")

        task = asyncio.create_task(hand_in())
        await asyncio.sleep(after_ms / 1000)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):  # it may have been quicker
            await task
        assert (await hand_in()).charged == "yes"

    asyncio.run(cancelled())
    assert len(relay.charges()) == 1
