"""Tables by the Arrow PyCapsule interface: the same verdicts as one by one, whatever type a column has, and Python goes on meanwhile."""

from __future__ import annotations

import datetime
import threading
from typing import Any

import pytest
from test_vectors import VALUES

import sportello

pa = pytest.importorskip("pyarrow")
pl = pytest.importorskip("polars")
pd = pytest.importorskip("pandas")
duckdb = pytest.importorskip("duckdb")

CODE = "PRVRSL90E52H501A"
SERVICE = sportello.Service.from_json(
    {
        "hash_visura": "table",
        "nome_visura": "Prova",
        "json_struttura": {
            "validazione": "$0 && $1 && $3",
            "campi": {
                "$0": {"nome": "NOME", "tipo": "testo", "null": False},
                "$1": {"nome": "COGNOME", "tipo": "testo", "null": False},
                "$2": {"nome": "CELLULARE", "tipo": "testo", "null": True},
                "$3": {"nome": "CODICE FISCALE", "tipo": "codice_fiscale_persona_fisica", "null": False},
                "$4": {"nome": "DATA DI NASCITA", "tipo": "date_iso8601", "null": True},
            },
        },
    }
)


def verdicts(table: object, **options: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pa.table(SERVICE.check_table(table, **options)).to_pylist()
    return rows


def test_rows_are_judged_as_answers_are_one_by_one() -> None:
    rows: list[dict[str, Any]] = [
        {"nome": "Rosalia", "cognome": "Prova", "cellulare": "333 1234567", "codice_fiscale": CODE},
        {"nome": "Rosalia", "cognome": "Bianchi", "cellulare": "1", "codice_fiscale": CODE},
        {"nome": None, "cognome": " ", "cellulare": None, "codice_fiscale": CODE.lower()},
        {"nome": "Rosalia", "cognome": "Prova", "cellulare": "", "codice_fiscale": "PRVRSL90E52H501B"},
    ] * 20_000
    found = verdicts(pa.Table.from_pylist(rows))
    assert len(found) == len(rows)
    for row, verdict in zip(rows[:4], found[-4:], strict=True):
        report = SERVICE.check(row)
        assert verdict["ok"] is report.ok
        assert [(one["field"], one["code"]) for one in verdict["findings"]] == [
            (one.field, one.code) for one in report.findings
        ]
        first = [finding.code for finding in report.errors + report.findings]
        assert verdict["first_code"] == (first[0] if first else None)


def test_every_value_of_the_shared_cases_as_a_column() -> None:
    kinds: dict[str, list[dict[str, Any]]] = {}
    for param in VALUES:
        file, case = param.values[0]
        kinds.setdefault(file["kind"], []).append(case)
    for kind, cases in kinds.items():
        column = pa.array([case["input"] for case in cases])
        found = pa.table(sportello.check_column(kind, column)).to_pylist()
        for case, verdict in zip(cases, found, strict=True):
            assert [one["code"] for one in verdict["findings"]] == [
                one["code"] for one in case["findings"]
            ], case


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())],
    ids=str,
)
def test_every_type_of_text(kind: Any) -> None:
    column = pa.array([CODE, None, "wrong", CODE]).cast(kind)
    found = pa.table(sportello.check_column("codice_fiscale_persona", column.slice(1)))
    assert found["ok"].to_pylist() == [None, False, True]


def test_numbers_dates_and_nulls() -> None:
    table = pa.table(
        {
            "nome": ["Rosalia"] * 2,
            "cognome": ["Prova"] * 2,
            "codice fiscale": [CODE] * 2,
            "$2": pa.array([3331234567, None], pa.uint64()),
            "data di nascita": pa.array([datetime.date(1990, 5, 12), datetime.date(1990, 12, 5)]),
            "else": [1.5, 2.5],
        }
    )
    found = verdicts(table)
    assert [row["first_code"] for row in found] == [None, "coherence.birth_date"]
    verdict = SERVICE.check_table(table)
    assert verdict.ignored == ["else"]
    assert verdict.columns["codice fiscale"] == "$3"
    nothing = table.set_column(3, "$2", pa.nulls(2))
    assert [row["ok"] for row in verdicts(nothing)] == [True, True]


def test_polars_streams_and_batches() -> None:
    frame = pl.DataFrame({"CF": [CODE, "x"], "Nome": ["Rosalia", ""], "Cognome": ["Prova", "Prova"]})
    columns = {"CF": "codice_fiscale", "Nome": "$0", "Cognome": "COGNOME"}
    verdict = SERVICE.check_table(frame, columns=columns)
    assert (len(verdict), verdict.wrong) == (2, 1)
    assert pl.DataFrame(verdict)["ok"].to_list() == [True, False]
    table = frame.to_arrow()
    reader = pa.RecordBatchReader.from_batches(table.schema, iter(table.to_batches() * 3))
    assert len(SERVICE.check_table(reader, columns=columns)) == 6
    assert len(SERVICE.check_table(table.to_batches()[0], columns=columns)) == 2
    assert pl.DataFrame(sportello.check_column("codice_fiscale", frame["CF"]))["ok"].to_list() == [
        True,
        False,
    ]
    assert CODE not in repr(verdict)


def test_pandas_and_duckdb() -> None:
    columns = {"CF": "codice_fiscale", "Nome": "$0", "Cognome": "COGNOME"}
    frame = pd.DataFrame({"CF": [CODE, "x"], "Nome": ["Rosalia", ""], "Cognome": ["Prova", "Prova"]})
    verdict = SERVICE.check_table(frame, columns=columns)
    assert (len(verdict), verdict.wrong) == (2, 1)
    assert pd.DataFrame.from_arrow(verdict)["ok"].tolist() == [True, False]
    assert SERVICE.check_table(duckdb.sql("select * from frame"), columns=columns).wrong == 1
    duckdb.register("checked", pa.table(SERVICE.check_table(frame, columns=columns)))
    assert duckdb.sql("select count(*) from checked where not ok").fetchall() == [(1,)]
    assert sportello.check_column("codice_fiscale", frame["CF"]).wrong == 1


@pytest.mark.parametrize(
    ("table", "columns", "code"),
    [
        ([CODE], None, "table.not_arrow"),
        (pa.array([CODE]), None, "table.not_a_table"),
        (pa.table({"nome": [1.5]}), None, "table.column_type"),
        (pa.table({"nome": [CODE]}), {"cognome": "$1"}, "table.column_unknown"),
        (pa.table({"nome": [CODE]}), {"nome": "$9"}, "table.field_unknown"),
        (pa.table({"nome": [CODE], "$0": [CODE]}), None, "table.column_twice"),
    ],
)
def test_what_is_no_such_table_is_a_clear_error(
    table: object, columns: dict[str, str] | None, code: str
) -> None:
    with pytest.raises(sportello.TableError) as caught:
        SERVICE.check_table(table, columns=columns)
    assert caught.value.code == code
    assert CODE not in repr(caught.value)
    assert "rust" not in str(caught.value).lower()


def test_a_column_that_lies_about_its_texts_is_an_error() -> None:
    broken = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")]
    )
    with pytest.raises(sportello.TableError) as caught:
        sportello.check_column("text", broken)
    assert caught.value.code == "table.damaged"
    with pytest.raises(sportello.KindError):
        sportello.check_column("shoe_size", broken)


def test_python_goes_on_meanwhile() -> None:
    column = pa.array(["PRVRSL90E52H501B"] * 300_000)
    counted, done = 0, threading.Event()

    def check() -> None:
        sportello.check_column("codice_fiscale", column)
        done.set()

    thread = threading.Thread(target=check)
    thread.start()
    while not done.is_set():
        counted += 1
    thread.join()
    assert counted > 1000
