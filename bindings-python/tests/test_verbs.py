"""The verbs and settings that the story does not need: each does in Python what its name says."""

from __future__ import annotations

import http.server
import queue
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from simulated import Simulator, application, settings

import sportello

# Of the simulator's catalogue: a search with two results.
SEARCHED = "afa0b4cu7yd06226i5d89p00077c3j6t"


@pytest.fixture
def client(simulator: Simulator) -> sportello.Client:
    return sportello.Client(**settings(simulator))


def term(service: sportello.Service, text: str) -> dict[str, str]:
    by_kind = {"codice_fiscale": "12345670124", "partita_iva": "12345670124", "province": "MI"}
    return {field.key: by_kind.get(field.kind, text) for field in service.fields}


def test_another_search_is_a_purchase_of_its_own(client: sportello.Client, simulator: Simulator) -> None:
    service = client.service(SEARCHED)
    quote = client.quote(service)
    client.submit(service, term(service, "PROVA"), reference="search", confirm_price=quote.due_now)
    found = client.wait("search", timeout=20)
    assert found is not None
    assert found.next_step == "choose"
    assert service.search_price is not None
    for _ in range(2):
        # The same number again is the same search.
        again = client.search_again("search", 2, service, term(service, "ALTRA"), service.search_price)
        assert again.charged == "yes"
    assert len(simulator.charges()) == 2
    with pytest.raises(sportello.SubmitError) as skipped:
        client.search_again("search", 4, service, term(service, "ALTRA"), service.search_price)
    assert skipped.value.code == "search.number"
    assert len(simulator.charges()) == 2


def test_what_was_under_way_is_found_again(simulator: Simulator, tmp_path: Path) -> None:
    config = {**settings(simulator), "journal": tmp_path / "journal.sqlite"}
    before = sportello.Client(**config)
    service = before.service("assegno-unico")
    before.submit(service, application(), reference="resumed", confirm_price="19.00")
    before.wait("resumed", timeout=20)
    # Another process's client, as it were.
    (found,) = sportello.Client(**config).resume(tmp_path / "documents")
    assert (found.submission.reference, found.submission.charged, found.state) == (
        "resumed",
        "yes",
        "fetched",
    )
    assert list((tmp_path / "documents").rglob("*.zip"))


def test_what_is_not_paid_may_be_given_up(client: sportello.Client, simulator: Simulator) -> None:
    service = client.service("assegno-unico")
    simulator.wallet(0)
    with pytest.raises(sportello.CreditError) as poor:
        client.submit(service, application(), reference="given-up", confirm_price="19.00")
    assert (poor.value.charged, poor.value.http_status, poor.value.is_retryable) == ("no", 402, True)
    assert poor.value.id
    client.abandon("given-up")
    with pytest.raises(sportello.SportelloError):
        client.status("given-up")
    assert not simulator.charges()


def test_no_more_is_spent_than_allowed(simulator: Simulator) -> None:
    client = sportello.Client(**settings(simulator), max_spend=Decimal("20.00"))
    service = client.service("assegno-unico")
    client.submit(service, application(), reference="first", confirm_price="19.00")
    with pytest.raises(sportello.PriceError) as limit:
        client.submit(service, application(), reference="second", confirm_price="19.00", allow_duplicate=True)
    assert (limit.value.code, limit.value.charged) == ("spend.limit", "no")
    assert len(simulator.charges()) == 1
    with pytest.raises(TypeError, match="float"):
        sportello.Client(**settings(simulator), max_spend=20.0)  # type: ignore[arg-type]


def test_a_function_gives_the_tokens(simulator: Simulator) -> None:
    asked: list[str] = []

    def token() -> str | None:
        asked.append(threading.current_thread().name)
        return simulator.token

    config = settings(simulator)
    del config["token"]
    client = sportello.Client(**config, token_provider=token)
    assert client.services("assegno unico")
    assert asked
    silent = sportello.Client(**config, token_provider=lambda: None)
    with pytest.raises(sportello.SportelloError) as none:
        silent.services()
    assert none.value.code == "config.token_missing"


def test_a_warning_is_accepted_by_its_code(client: sportello.Client, simulator: Simulator) -> None:
    service = client.service("assegno-unico")
    odd = {
        "nome": "Rosalia",
        "cognome": "Bianchi",
        "email": "rosella.prova@example.org",
        "cellulare": "333 1234567",
        "codice_fiscale": "PRVRSL90E52H501A",
        "$5": application().identity_document,
        "$6": application().codice_fiscale_card,
    }
    report = client.check(service, odd, "en")
    assert report
    codes = [finding.code for finding in report.warnings]
    assert codes == ["coherence.surname"]
    with pytest.raises(sportello.CheckError) as refused:
        client.submit(service, odd, reference="odd", confirm_price="19.00")
    assert refused.value.code == "check.warnings"
    assert [finding.code for finding in refused.value.findings] == codes
    client.submit(service, odd, reference="odd", confirm_price="19.00", accept_warnings=codes)
    assert len(simulator.charges()) == 1


class Receiver(http.server.BaseHTTPRequestHandler):
    """Where the provider calls back."""

    came: queue.Queue[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.came.put((dict(self.headers.items()), body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[tuple[str, queue.Queue[tuple[dict[str, str], bytes]]]]:
    Receiver.came = queue.Queue()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/called", Receiver.came
    server.shutdown()
    server.server_close()


def test_a_callback_is_authenticated_and_confirmed(
    client: sportello.Client, receiver: tuple[str, queue.Queue[tuple[dict[str, str], bytes]]]
) -> None:
    url, came = receiver
    service = client.service("assegno-unico")
    client.submit(
        service,
        application(),
        reference="called",
        confirm_price="19.00",
        callback_url=url,
        notify_email="ufficio@example.org",
    )
    headers, body = came.get(timeout=20)
    event = client.receive_callback(headers, body)
    assert (event.submission.reference, event.submission.charged) == ("called", "yes")
    with pytest.raises(sportello.CallbackError) as forged:
        client.receive_callback({}, b"not a callback")
    assert forged.value.code == "callback.unreadable"


def test_a_client_says_what_is_wrong_with_its_settings(simulator: Simulator) -> None:
    config = settings(simulator)
    for wrong in ({"environment": "prod"}, {"provider": "other"}, {"base_url": None}, {"timeout": -1.0}):
        with pytest.raises(ValueError, match=r"\w"):
            sportello.Client(**{**config, **wrong})
    del config["token"]
    with pytest.raises(sportello.ConfigError) as missing:
        sportello.Client(**config).services()
    assert missing.value.code == "config.token_missing"
