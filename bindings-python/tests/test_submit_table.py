"""`submit-table` against the simulator: looked at whole before anything is sent, one charge a row whatever is killed."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest
import tables
from simulated import Simulator

from sportello._table import results as results_module
from sportello._table.command import main


class Office:
    """A folder with a table, and the command that hands it in."""

    def __init__(self, folder: Path, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
        tables.papers(folder)
        self.folder, self.simulator = folder, simulator
        self.rows = [tables.applicant(number) for number in range(1, 7)]
        monkeypatch.setenv("SPORTELLO_TOKEN", simulator.token)

    def words(self, *more: str, name: str = "t.csv", column: str = "Pratica") -> list[str]:
        where = [
            "--environment",
            "simulator",
            "--base-url",
            self.simulator.url,
            "--journal",
            str(self.folder / "journal.sqlite"),
        ]
        papers = ["--column", "$6=Tessera codice fiscale fronte e retro"]
        times = ["--commit-timeout", "2", "--quiet-margin", "0.2", "--lang", "it"]
        return [
            "submit-table",
            str(self.folder / name),
            "--reference-column",
            column,
            *where,
            *papers,
            *times,
            *more,
        ]

    def submit(self, *more: str, name: str = "t.csv", column: str = "Pratica") -> int:
        if name == "t.csv":
            (self.folder / name).write_bytes(tables.csv_bytes([tables.HEADERS, *self.rows], "utf-8"))
        return main(self.words(*more, name=name, column=column))

    def results(self) -> list[dict[str, str]]:
        with (self.folder / "t-invii-simulator.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file, delimiter=";"))


@pytest.fixture
def office(tmp_path: Path, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(tmp_path, simulator, monkeypatch)


SIX = ["--confirm-price", "19.00", "--confirm-total", "114.00"]


def test_what_it_would_do_is_shown_and_nothing_sent(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    office.rows[2][3] = "PRVRSL90E52H501B"
    assert office.submit() == 3
    shown = capsys.readouterr().out
    assert "--confirm-price 19.00 --confirm-total 95.00" in shown
    assert "Saltate: 1 (righe 4)" in shown
    assert not office.simulator.charges()


@pytest.mark.parametrize(
    "wrong",
    [
        ["--confirm-price", "23.18", "--confirm-total", "114.00"],
        ["--confirm-price", "19.00", "--confirm-total", "95.00"],
    ],
)
def test_another_price_or_total_sends_nothing(office: Office, wrong: list[str]) -> None:
    assert office.submit(*wrong) == 3
    assert not office.simulator.charges()


def test_a_trial_then_the_rest_then_nothing(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert office.submit("--limit", "2", "--confirm-price", "19", "--confirm-total", "38") == 0
    assert len(office.simulator.charges()) == 2
    report = (office.folder / "t-inviata.csv").read_text(encoding="utf-8")
    assert (report.count(";inviata;"), report.count(";non ancora inviata;")) == (2, 4)
    # The same trial again is the same trial.
    assert office.submit("--limit", "2", "--confirm-price", "19", "--confirm-total", "38") == 0
    assert len(office.simulator.charges()) == 2
    capsys.readouterr()
    assert office.submit(*SIX) == 0
    assert "Da inviare ora: 4 (2 già inviate)" in capsys.readouterr().out
    assert len(office.simulator.charges()) == 6
    assert office.submit(*SIX) == 0
    assert len(office.simulator.charges()) == 6
    assert [(one["reference"], one["state"], one["charged"]) for one in office.results()] == [
        (f"P-{number:04}", "sent", "yes") for number in range(1, 7)
    ]
    report = (office.folder / "t-inviata.csv").read_text(encoding="utf-8")
    assert report.count(";inviata;") == 6
    assert tables.PEOPLE[1]["code"] not in (office.folder / "t-invii-simulator.csv").read_text(
        encoding="utf-8-sig"
    )


def test_a_lost_file_of_results_pays_nothing_again(office: Office) -> None:
    assert office.submit(*SIX) == 0
    (office.folder / "t-invii-simulator.csv").unlink()
    assert office.submit(*SIX) == 0
    assert len(office.simulator.charges()) == 6


def test_rows_with_findings_are_skipped_and_listed(office: Office) -> None:
    office.rows[1][5] = "no address"
    assert office.submit("--confirm-price", "19.00", "--confirm-total", "95.00") == 1
    assert len(office.simulator.charges()) == 5
    assert "da correggere" in (office.folder / "t-inviata.csv").read_text(encoding="utf-8").splitlines()[2]


def test_excel(office: Office) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in [tables.HEADERS, *office.rows]:
        book.active.append(list(row))
    book.save(office.folder / "t.xlsx")
    assert office.submit(*SIX, name="t.xlsx") == 0
    sheet = openpyxl.load_workbook(office.folder / "t-inviata.xlsx").active
    assert sheet is not None
    assert [sheet.cell(row, 9).value for row in (1, 2, 7)] == ["esito", "inviata", "inviata"]


@pytest.mark.parametrize(
    ("row", "reference", "said"),
    [
        (3, "", "riga 5: manca"),
        (3, "P-0001", "righe 2, 5: hanno lo stesso"),
        (3, "p-0001", "righe 2, 5: hanno lo stesso"),
        (3, tables.CODE, "riga 5: sembra un codice fiscale"),
        (3, "due parole", "riga 5: da 1 a 64 lettere"),
    ],
)
def test_references_are_refused_before_anything_is_sent(
    office: Office, capsys: pytest.CaptureFixture[str], row: int, reference: str, said: str
) -> None:
    office.rows[row][0] = reference
    assert office.submit(*SIX) == 2
    assert said in capsys.readouterr().err
    assert not office.simulator.charges()


def test_a_guess_or_a_field_without_a_column_sends_nothing(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    header = [*tables.HEADERS]
    header[3] = "C.F."
    (office.folder / "g.csv").write_bytes(tables.csv_bytes([header, *office.rows], "utf-8"))
    assert office.submit(*SIX, name="g.csv") == 2
    assert "--column '$4=C.F.'" in capsys.readouterr().err
    header[3] = "Codice"
    (office.folder / "g.csv").write_bytes(
        tables.csv_bytes([[*header[:3], "?", *header[4:]], *office.rows], "utf-8")
    )
    assert office.submit(*SIX, name="g.csv") == 2
    assert "nessuna colonna risponde a $4" in capsys.readouterr().err
    assert office.submit(*SIX, "--column", "codice_fiscale=?", name="g.csv") == 0


def test_three_failures_in_a_row_end_the_run_and_it_goes_on_later(office: Office) -> None:
    office.simulator.fault({"call": "commit", "fault": {"kind": "status", "status": 503}, "times": 1000})
    assert office.submit(*SIX) in (4, 5)
    assert len(office.results()) == 3
    office.simulator.clear_faults()
    assert office.submit(*SIX) == 0
    assert len(office.simulator.charges()) == 6


def test_the_credit_is_looked_at_first(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SPORTELLO_TOKEN")
    monkeypatch.setenv("SPORTELLO_ACCOUNT_EMAIL", "cassa@caf.example")
    monkeypatch.setenv("SPORTELLO_API_KEY", "sportello-simulator-key")
    office.simulator.wallet(10_000)
    assert office.submit(*SIX) == 3
    assert "il conto ha 100.00 EUR e ne servono 114.00" in capsys.readouterr().err
    assert not office.simulator.charges()


def test_results_of_another_place_are_not_believed(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert office.submit(*SIX) == 0
    path = office.folder / "t-invii-simulator.csv"
    path.write_bytes(path.read_bytes().replace(b"simulator visengine", b"production visengine"))
    assert office.submit(*SIX) == 2
    assert "un altro servizio o ambiente" in capsys.readouterr().err
    path.write_text("something else")
    assert office.submit(*SIX) == 2


def test_two_runs_at_once_are_kept_apart(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    with results_module.alone(office.folder / "t-invii-simulator.csv"):
        assert office.submit(*SIX) == 2
    assert "un’altra esecuzione" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_killed_again_and_again_each_row_is_charged_once(office: Office) -> None:
    assert office.submit() == 3
    command = [sys.executable, "-m", "sportello", *office.words(*SIX)]
    kills = 0

    def sent() -> int:
        try:
            return [one["state"] for one in office.results()].count("sent")
        except FileNotFoundError:
            return 0

    for attempt in range(60):
        before = sent()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ)
        # Counted in rows and not in seconds, so that a quick machine is struck as often as a slow one; a little later
        # every time, so that the blow falls on every part of the next row's way.
        deadline = time.monotonic() + 60
        while process.poll() is None and sent() == before and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(0.004 * (attempt % 5))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        _, said = process.communicate()
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, said.decode()
    else:
        pytest.fail("it never came to its end")
    assert kills >= 3
    assert len(office.simulator.charges()) == 6
    assert [one["state"] for one in office.results()] == ["sent"] * 6
