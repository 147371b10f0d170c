"""`check-table`: reading, matching, damage, the report."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
import tables

import sportello
from sportello._models import Field, InputHints
from sportello._table import damage
from sportello._table.command import main
from sportello._table.match import match
from sportello._table.refusals import TableError
from sportello._table.table import open_table

IT = ["--lang", "it"]
HINTS = InputHints(None, "text", "text", "none", False, ())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tables.papers(tmp_path)
    (tmp_path / "service.json").write_text(json.dumps(tables.DESCRIPTION))
    return tmp_path


def check(folder: Path, name: str, *more: str) -> int:
    return main(
        ["check-table", str(folder / name), "--description", str(folder / "service.json"), *IT, *more]
    )


def damaged_workbook(path: Path) -> None:
    """Thirty rows below a title, a formula, another sheet, a format, and every kind of damage."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Domande"
    sheet["A1"] = "CAF Esempio: domande di novembre"
    for column, header in enumerate(tables.HEADERS, 1):
        sheet.cell(3, column, str(header)).font = openpyxl.styles.Font(bold=True)
    for number in range(1, 31):
        for column, value in enumerate(tables.applicant(number), 1):
            sheet.cell(3 + number, column, str(value))
    sheet["E4"] = 3331000001
    sheet["E5"] = "3,93E+11"
    sheet["E6"] = 612345678
    sheet["B7"] = datetime.datetime(2026, 2, 3)
    sheet["D8"] = "PRVRSL90E52H501B"
    sheet["F9"] = "rosalia.example.org"
    sheet["G10"] = "carte/manca.pdf"
    sheet["G11"] = "../../etc/passwd"
    sheet["D12"] = "#N/D"
    sheet["B13"] = '="Rosa"&"lia"'
    sheet["D14"] = None
    book.create_sheet("Note")["A1"] = "resta"
    book.save(path)


def test_a_damaged_workbook(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damaged_workbook(folder / "domande.xlsx")
    assert check(folder, "domande.xlsx") == 1
    shown = capsys.readouterr().out
    assert "Excel, foglio «Domande», intestazioni alla riga 3, 30 righe" in shown
    assert "20 a posto, 10 da correggere" in shown
    # No value, only rows and reasons.
    assert tables.CODE not in shown
    assert "rosalia.example.org" not in shown
    book = openpyxl.load_workbook(folder / "domande-esito.xlsx")
    assert book.sheetnames == ["Domande", "Note"]
    sheet = book["Domande"]
    assert sheet["A3"].font.bold
    assert sheet["B13"].value == '="Rosa"&"lia"'
    assert [sheet["I3"].value, sheet["J3"].value, sheet["I3"].font.bold] == ["esito", "cosa correggere", True]
    said = {row: str(sheet.cell(row, 10).value) for row in range(4, 34) if sheet.cell(row, 10).value}
    assert sorted(said) == [5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
    assert "3,93E+11" in said[5]
    assert said[6].endswith("→ scrivere 0612345678")
    assert "data" in said[7]
    assert "lettera finale" in said[8]
    assert "Il file non c’è" in said[10]
    assert "Il file non c’è" in said[11]
    assert "errore del foglio" in said[12]
    assert "formula mai calcolata" in said[13]
    assert sheet["I4"].value == "a posto"
    assert sheet["I14"].value == "da correggere"
    # An earlier report is never written over.
    assert check(folder, "domande.xlsx") == 1
    assert (folder / "domande-esito-2.xlsx").exists()
    # And a report that somebody corrected is a table again.
    assert check(folder, "domande-esito.xlsx") == 1
    assert openpyxl.load_workbook(folder / "domande-esito-esito.xlsx")["Domande"].max_column == 10


@pytest.mark.parametrize(
    ("encoding", "delimiter", "said"),
    [
        ("cp1252", ";", "CSV, separatore «;», cp1252 (Windows)"),
        ("utf-8-sig", ";", "CSV, separatore «;», UTF-8, BOM"),
        ("utf-8", ",", "CSV, separatore «,», UTF-8"),
        ("utf-16", "\t", "CSV, separatore tabulazione, UTF-16, BOM"),
    ],
)
def test_csv_is_recognised_and_kept(
    folder: Path, capsys: pytest.CaptureFixture[str], encoding: str, delimiter: str, said: str
) -> None:
    rows = [
        tables.HEADERS,
        tables.applicant(1),
        [],
        [*tables.applicant(2)[:3], "PRVRSL90E52H501B", *tables.applicant(2)[4:]],
    ]
    before = tables.csv_bytes(rows, encoding, delimiter)
    (folder / "t.csv").write_bytes(before)
    assert check(folder, "t.csv") == 1
    assert said in capsys.readouterr().out
    old = before.decode(encoding).split("\r\n")
    new = (folder / "t-esito.csv").read_bytes().decode(encoding).split("\r\n")
    assert new[0] == old[0] + delimiter + "esito" + delimiter + "cosa correggere"
    assert new[1] == old[1] + delimiter + "a posto" + delimiter
    assert new[2] == ""
    assert new[3].startswith(old[3] + delimiter + "da correggere")


def test_records_of_several_lines_and_short_ones_keep_their_columns(folder: Path) -> None:
    text = 'sep=;\r\nNome;Cognome;Note\r\n"Rosalia";"Prova";"due\r\nrighe"\r\nRosalia\r\n'
    (folder / "t.csv").write_bytes(text.encode())
    check(folder, "t.csv")
    assert [row.number for row in open_table(folder / "t.csv").rows] == [1, 2, 3]
    written = (folder / "t-esito.csv").read_bytes().decode()
    assert '"Rosalia";"Prova";"due\r\nrighe";a posto;\r\n' in written
    assert "\r\nRosalia;;;da correggere;" in written


def test_parquet(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns: dict[str, list[Any]] = {
        str(header): list(values)
        for header, values in zip(
            tables.HEADERS, zip(*map(tables.applicant, [1, 2]), strict=True), strict=True
        )
    }
    columns["Cellulare"] = [3331000001, 612345678]
    pyarrow.parquet.write_table(pyarrow.table(columns), folder / "t.parquet", compression="ZSTD")
    assert check(folder, "t.parquet") == 1
    assert "Parquet, 2 righe" in capsys.readouterr().out
    report = pyarrow.parquet.read_table(folder / "t-esito.parquet")
    assert report["esito"].to_pylist() == ["a posto", "da correggere"]
    assert report.select(tables.HEADERS).equals(pyarrow.table(columns))


def field(kind: str, label: str = "Campo", choices: tuple[str, ...] = ()) -> Field:
    listed = tuple(sportello._models.Choice(code, code) for code in choices)
    return Field("$0", "campo", label, kind, "", True, listed, HINTS)


@pytest.mark.parametrize(
    ("value", "of", "code", "repaired"),
    [
        (1234567897, field("partita_iva"), "table.zeros_lost", "01234567897"),
        ("1234567897", field("partita_iva"), "table.zeros_lost", "01234567897"),
        (1234567890, field("partita_iva"), None, None),
        (184, field("text", "C.A.P."), "table.zeros_lost", "00184"),
        (184, field("text", "Numero civico"), None, None),
        (1, field("text", choices=("01", "02")), "table.zeros_lost", "01"),
        ("02", field("text", choices=("01", "02")), None, None),
        ("3,93E+11", field("text"), "table.exponent", None),
        ("3.93331234567e+11", field("text"), "table.exponent", "393331234567"),
        ("1E5", field("text"), None, None),
        (3.9333123456712345e17, field("text"), "table.digits_lost", None),
        (3331234567.0, field("text"), None, None),
        (33005, field("date"), "table.serial_date", "12-05-1990"),
        (datetime.date(1990, 5, 12), field("date"), None, None),
        (datetime.datetime(1990, 5, 12), field("text", "Data di nascita"), None, None),
        (datetime.datetime(2026, 2, 3), field("text", "Numero civico"), "table.became_date", None),
        ("#RIF!", field("text"), "table.cell_error", None),
        ("#####", field("text"), "table.cell_error", None),
        ("# 3", field("text"), None, None),
        (float("nan"), field("text"), None, None),
    ],
)  # fmt: skip
def test_damage(value: object, of: Field, code: str | None, repaired: str | None) -> None:
    reading = damage.read(value, of)
    assert (reading.damage, reading.repaired) == (code, repaired)


@pytest.mark.parametrize(
    ("header", "key", "how"),
    [
        ("CODICE FISCALE", "$4", "exact"),
        ("codice_fiscale", "$4", "exact"),
        ("$4", "$4", "exact"),
        ("C.F.", "$4", "guess"),
        ("Cod. fisc.", "$4", "guess"),
        ("Cell.", "$3", "guess"),
        ("mail", "$2", "exact"),
        ("E-Mail", "$2", "exact"),
        ("Documento identità", "$5", "guess"),
        ("Tessera", "$6", "guess"),
        ("Mandato", "$7", "guess"),
        ("NOME", "$0", "exact"),
        ("Cognome e nome", None, None),
        ("Note", None, None),
    ],
)
def test_headers_are_matched(folder: Path, header: str, key: str | None, how: str | None) -> None:
    (folder / "t.csv").write_bytes(tables.csv_bytes([[header, "Altro"], ["x", "y"]], "utf-8"))
    columns = match(open_table(folder / "t.csv"), tables.service().fields, [])
    found = [(one.field.key, one.how) for one in columns.matches if one.column == 0]
    assert found == ([] if key is None else [(key, how)])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("$99=Nome", "no field `$99`"),
        ("$0=Nessuna", "no column `Nessuna`"),
        ("$0", "FIELD=HEADER"),
    ],
)
def test_a_wrong_column_is_a_clear_error(folder: Path, given: str, said: str) -> None:
    (folder / "t.csv").write_bytes(tables.csv_bytes([tables.HEADERS, tables.applicant(1)]))
    with pytest.raises(TableError, match=said.replace("$", r"\$")):
        match(open_table(folder / "t.csv"), tables.service().fields, [given])


def test_two_columns_of_one_name_are_not_chosen_between(folder: Path) -> None:
    (folder / "t.csv").write_bytes(tables.csv_bytes([["Nome", "Nome"], ["a", "b"]]))
    table, fields = open_table(folder / "t.csv"), tables.service().fields
    with pytest.raises(TableError, match="several columns"):
        match(table, fields, [])
    assert match(table, fields, ["nome=#2"]).matches[0].column == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "lo salvi come .xlsx"),
        ("t.xlsx", b"PK\x03\x04 broken", "non si può leggere come cartella di lavoro Excel"),
        ("t.parquet", b"PAR1 broken", "non si può leggere come Parquet"),
        ("t.csv", b"", "non ha righe"),
        ("t.csv", b"Colore;Peso\r\nrosso;3\r\n", "nessuna colonna risponde a un campo"),
    ],
)
def test_what_is_no_table_is_a_clear_error(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, said: str
) -> None:
    (folder / name).write_bytes(content)
    assert check(folder, name) == 2
    assert said in capsys.readouterr().err


def test_two_photos_become_one_file(folder: Path) -> None:
    for name in ("identity-front.jpg", "identity-back.jpg"):
        (folder / name).write_bytes((tables.EXAMPLES / name).read_bytes())
    row = tables.applicant(1)
    row[6] = "identity-front.jpg | identity-back.jpg"
    (folder / "t.csv").write_bytes(tables.csv_bytes([tables.HEADERS, row]))
    assert check(folder, "t.csv") == 0


def test_a_file_outside_the_folder_is_not_opened(folder: Path) -> None:
    (folder / "inside").mkdir()
    tables.papers(folder / "inside")
    row = tables.applicant(1)
    row[6] = "../carte/carta.pdf"
    (folder / "inside" / "t.csv").write_bytes(tables.csv_bytes([tables.HEADERS, row]))
    assert check(folder, "inside/t.csv", "--description", str(folder / "service.json")) == 1
    assert "fuori dalla cartella" in (folder / "inside" / "t-esito.csv").read_bytes().decode("cp1252")


@pytest.mark.parametrize("lang", ["it", "en", "fr", "de"])
def test_every_language(folder: Path, capsys: pytest.CaptureFixture[str], lang: str) -> None:
    damaged_workbook(folder / "domande.xlsx")
    assert check(folder, "domande.xlsx", "--lang", lang) == 1
    words = {"it": "Tabella", "en": "Table", "fr": "Tableau", "de": "Tabelle"}
    assert capsys.readouterr().out.startswith(words[lang])


def test_it_is_a_command_and_knows_its_extras(folder: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}
        )

    assert "submit-table" in run("-m", "sportello", "--help").stdout
    damaged_workbook(folder / "domande.xlsx")
    without = "import sys; sys.modules['openpyxl'] = None; from sportello._table.command import main; sys.exit(main(sys.argv[1:]))"
    done = run(
        "-c",
        without,
        "check-table",
        str(folder / "domande.xlsx"),
        "--description",
        str(folder / "service.json"),
    )
    assert done.returncode == 2
    assert "pip install 'sportello[excel]'" in done.stderr
