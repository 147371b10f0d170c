"""The story in Python, in a thread and in an event loop, against the simulator."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import pickle
import socket
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

import pytest
from simulated import EXAMPLES, Simulator, application, settings

import sportello

CANARY = "PRVRSL90E52H501A"


def test_the_story_in_a_thread(simulator: Simulator, tmp_path: Path) -> None:
    with sportello.Client(**settings(simulator)) as client:
        assert [one.name for one in client.services("assegno unico")] == ["Domanda Assegno Unico"]
        service = client.service("assegno-unico")
        answers = application()
        assert client.check(service, answers)
        quote = client.quote(service)
        assert quote.due_now == Decimal("19.00")
        assert quote.credit is None
        steps: list[sportello.SubmitProgress] = []
        submission = client.submit(
            service,
            answers,
            reference="story",
            confirm_price=quote.due_now,
            on_progress=steps.append,
        )
        assert (submission.charged, submission.price) == ("yes", Decimal("19.00"))
        doing = list(dict.fromkeys(step.doing for step in steps if step.doing != "recording"))
        assert doing == ["opening", "filling", "uploading", "verifying", "committing", "over"]
        # A file goes up in base64, and nothing else is called an upload.
        sizes = {(EXAMPLES / name).stat().st_size for name in ("mandate.pdf", "codice-fiscale-card.pdf")}
        totals = {step.total for step in steps if step.total}
        assert {min(sizes) < total < 2 * max(sizes) + 1000 for total in totals} == {True}
        assert all(step.doing == "uploading" for step in steps if step.total)
        seen = [update.remote.progress for update in client.watch("story")]
        assert seen[-1] == "delivered"
        update = client.wait("story", timeout=10)
        assert update is not None
        assert update.next_step == "fetch"
        delivery = client.delivery("story")
        assert [file.is_archive for file in delivery.files] == [True]
        saved, again = delivery.save(tmp_path), delivery.save(tmp_path)
        assert saved != again
        assert saved[0].read_bytes() == again[0].read_bytes()
        assert delivery.extract(tmp_path / "out")[0].read_bytes().startswith(b"%PDF-")
        assert [one.reference for one in client.submissions()] == ["story"]
        assert client.status("story").stage == "delivered"
        # The same reference again is the same submission.
        assert client.submit(service, answers, reference="story", confirm_price="19.00").id == submission.id
    assert len(simulator.charges()) == 1


def test_the_story_in_an_event_loop(simulator: Simulator, tmp_path: Path) -> None:
    async def story() -> None:
        async with sportello.AsyncClient(**settings(simulator)) as client:
            service = await client.service("assegno-unico")
            hand_in = [
                client.submit(
                    service,
                    application(),
                    reference=f"async-{number}",
                    confirm_price="19.00",
                    allow_duplicate=True,
                )
                for number in range(8)
            ]
            submissions = await asyncio.gather(*hand_in)
            assert {one.charged for one in submissions} == {"yes"}
            progress = [update.remote.progress async for update in client.watch("async-3")]
            assert progress[-1] == "delivered"
            delivery = await client.delivery("async-3", tmp_path)
            assert delivery.files[0].path.parent == tmp_path

    asyncio.run(story())
    assert len(simulator.charges()) == 8


def test_the_other_provider_with_the_account(simulator: Simulator, tmp_path: Path) -> None:
    config = {**settings(simulator), "provider": "docuengine"}
    del config["token"]
    config["credentials"] = ("cassa@caf.example", "sportello-simulator-key")
    with sportello.Client(**config) as client:
        service = client.service("Statuto")
        assert client.quote(service).credit == client.credit()
        client.submit(service, {"taxCode": "12485671007"}, reference="statuto", confirm_price="4.90")
        assert client.wait("statuto", timeout=10) is not None
        assert client.delivery("statuto", tmp_path).files[0].mime == "application/pdf"
        with pytest.raises(sportello.ServiceError) as caught:
            client.service("assegno-unico")
        assert caught.value.code == "service.elsewhere"
        assert "sportello-simulator-key" not in repr(client)
    assert len(simulator.charges()) == 1


def test_errors_are_classes_with_facts_and_survive_pickling(simulator: Simulator) -> None:
    client = sportello.Client(**settings(simulator))
    service = client.service("assegno-unico")
    with pytest.raises(sportello.PriceError) as price:
        client.submit(service, application(), reference="wrong", confirm_price="23.18")
    assert price.value.code == "price.is_gross"
    assert price.value.charged == "no"
    with pytest.raises(sportello.CheckError) as checked:
        client.submit(service, {"nome": "Rosalia"}, reference="wrong", confirm_price="19.00")
    assert {finding.code for finding in checked.value.findings} == {"required.missing"}
    copy = pickle.loads(pickle.dumps(checked.value))
    assert (type(copy), copy.reference, copy.findings) == (
        sportello.CheckError,
        "wrong",
        checked.value.findings,
    )
    with pytest.raises(TypeError):
        client.submit(service, application(), reference="wrong", confirm_price=19.0)  # type: ignore[arg-type]
    with pytest.raises(sportello.ReferenceError):
        client.status("never seen before")
    with pytest.raises(sportello.AuthError):
        sportello.Client(**{**settings(simulator), "token": "wrong"}).services()
    assert not simulator.charges()


def test_nothing_personal_is_shown(simulator: Simulator) -> None:
    client = sportello.Client(**settings(simulator))
    service = client.service("assegno-unico")
    submission = client.submit(service, application(), reference="masked", confirm_price="19.00")
    shown = repr([application(), client, service, submission, client.check(service, application())])
    assert CANARY not in shown
    assert "Rosalia" not in shown
    assert simulator.token not in shown


LOGS = """
import logging, sys, sportello
from simulated import application, settings
class Simulated: url, token = sys.argv[1:]
logging.basicConfig(level=1, format="%(name)s %(levelname)s %(message)s", stream=sys.stdout)
sportello.log_to_logging()
client = sportello.Client(**settings(Simulated))
service = client.service("assegno-unico")
client.submit(service, application(), reference="logged", confirm_price="19.00")
client.wait("logged", timeout=10)
client.delivery("logged")
"""


def test_the_log_says_what_is_done_and_nothing_personal(simulator: Simulator) -> None:
    command = [sys.executable, "-c", LOGS, simulator.url, simulator.token]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent, timeout=60)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any(line.startswith("sportello.transport DEBUG") and "call=" in line for line in lines), (
        done.stdout
    )
    assert any(line.startswith("sportello.flow DEBUG") for line in lines)
    for canary in (
        CANARY,
        "Rosalia",
        "Prova",
        "rosella",
        "3331234567",
        "333 1234567",
        "mandate.pdf",
        simulator.token,
    ):
        assert canary not in done.stdout + done.stderr


def test_a_lost_answer_is_found_out_and_paid_once(simulator: Simulator) -> None:
    simulator.fault({"call": "commit", "nth": 1, "fault": {"kind": "cut_after"}})
    client = sportello.Client(**settings(simulator))
    service = client.service("assegno-unico")
    submission = client.submit(service, application(), reference="lost", confirm_price="19.00")
    assert submission.charged == "yes"
    assert len(simulator.charges()) == 1


@pytest.mark.parametrize("after_ms", [0, 1, 5, 10, 20, 40, 80])
def test_being_cancelled_stops_the_waiting_and_never_a_commit(simulator: Simulator, after_ms: int) -> None:
    async def cancelled() -> None:
        client = sportello.AsyncClient(**settings(simulator))
        service = await client.service("assegno-unico")
        arguments = {"reference": "cancelled", "confirm_price": "19.00"}
        task = asyncio.create_task(client.submit(service, application(), **arguments))  # type: ignore[arg-type]
        await asyncio.sleep(after_ms / 1000)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):  # it may have been quicker
            await task
        submission = await client.submit(service, application(), **arguments)  # type: ignore[arg-type]
        assert submission.charged == "yes"

    asyncio.run(cancelled())
    assert len(simulator.charges()) == 1


def test_options_are_for_one_call_or_for_all_through_a_client() -> None:
    # A server that accepts and says nothing.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        client = sportello.Client(environment="simulator", base_url=url, token="x", journal=":memory:")
        patient = client.with_options(timeout=60)
        for call in (
            lambda: client.services(timeout=0.2),
            lambda: client.service("assegno-unico", timeout=0.2, attempts=1),
            lambda: patient.services(timeout=0.2),
            lambda: client.with_options(timeout=0.2).services(attempts=2),
            lambda: asyncio.run(
                sportello.AsyncClient(
                    environment="simulator", base_url=url, token="x", journal=":memory:"
                ).services(timeout=0.2)
            ),
        ):
            began = time.monotonic()
            with pytest.raises(sportello.NetworkError) as caught:
                call()
            assert caught.value.code == "network.timeout"
            assert time.monotonic() - began < 5
        for wrong in ({"timeout": -1.0}, {"timeout": float("nan")}, {"attempts": 0}):
            with pytest.raises(ValueError, match="number"):
                client.services(**wrong)


def test_attempts_count_the_sends(simulator: Simulator) -> None:
    client = sportello.Client(**settings(simulator))
    simulator.fault({"call": "services", "nth": 1, "times": 2, "fault": {"kind": "status", "status": 503}})
    with pytest.raises(sportello.ProviderError) as once:
        client.services(attempts=1)
    assert once.value.http_status == 503
    assert client.services(attempts=3)


def test_both_clients_have_one_surface() -> None:
    for name in dir(sportello.Client):
        if name.startswith("_"):
            continue
        ours, theirs = getattr(sportello.Client, name), getattr(sportello.AsyncClient, name)
        parameters = inspect.signature(ours).parameters
        assert list(parameters) == list(inspect.signature(theirs).parameters), name
        if name not in ("close", "check", "with_options", "revoke_tokens"):
            assert "attempts" in parameters, name
    assert {name for name in dir(sportello.AsyncClient) if name[0] != "_"} == {
        name for name in dir(sportello.Client) if name[0] != "_"
    }


def test_files_are_paths_bytes_or_open_files(simulator: Simulator) -> None:
    client = sportello.Client(**settings(simulator))
    service = client.service("assegno-unico")
    content = (EXAMPLES / "mandate.pdf").read_bytes()
    with (EXAMPLES / "codice-fiscale-card.pdf").open("rb") as card:
        answers = {
            "nome": "Rosalia",
            "cognome": "Prova",
            "email": "rosella.prova@example.org",
            "cellulare": 3331234567,
            "codice_fiscale": CANARY,
            "$5": ("identity.pdf", content),
            "$6": card,
            "$7": sportello.Attachment.from_file("mandate.pdf", io.BytesIO(content)),
        }
        client.submit(service, answers, reference="files", confirm_price="19.00")
    assert len(simulator.charges()) == 1


def test_calls_from_many_threads(simulator: Simulator) -> None:
    client = sportello.Client(**settings(simulator))
    names: list[str] = []
    threads = [
        threading.Thread(target=lambda: names.append(client.service("assegno-unico").name)) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names == ["Domanda Assegno Unico"] * 16


EXITS = """
import asyncio, sys, sportello
_, url, token = sys.argv
client = sportello.AsyncClient(environment="simulator", base_url=url, token=token, journal=":memory:")
async def main():
    await client.services()
    asyncio.ensure_future(client.service("assegno-unico"))
    await asyncio.sleep(0)
asyncio.run(main())
operation = client._native.services(None)
"""


def test_the_interpreter_ends_cleanly_with_work_in_flight(simulator: Simulator) -> None:
    for _ in range(50):
        done = subprocess.run(
            [sys.executable, "-c", EXITS, simulator.url, simulator.token], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


FORKS = """
import os, sys, sportello
_, url, token = sys.argv
client = sportello.Client(environment="simulator", base_url=url, token=token, journal=":memory:")
client.services()
child = os.fork()
if child == 0:
    try:
        client.services()
    except sportello.RuntimeGone as error:
        os._exit(0 if error.code == "python.forked" else 1)
    os._exit(2)
_, status = os.waitpid(child, 0)
client.services()
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(not hasattr(sys, "getdlopenflags"), reason="this system does not fork")
def test_a_fork_is_a_clear_error(simulator: Simulator) -> None:
    command = [sys.executable, "-c", FORKS, simulator.url, simulator.token]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


INTERRUPTED = """
import os, signal, sys, threading, sportello
# A shell that runs its jobs in the background has them ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
_, url, token = sys.argv
client = sportello.Client(environment="simulator", base_url=url, token=token, journal=":memory:")
threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    client.services()
except KeyboardInterrupt:
    sys.exit(7)
"""


def test_ctrl_c_ends_a_wait() -> None:
    # A server that accepts and says nothing.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        command = [sys.executable, "-c", INTERRUPTED, f"http://127.0.0.1:{silent.getsockname()[1]}", "x"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode == 7, done.stderr
