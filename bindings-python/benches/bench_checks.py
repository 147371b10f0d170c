"""What a check costs beside its peers, in one run: compare within a run, never between two. `cargo xtask bench --python`.

Targets: the form 1 µs good and 3.5 µs with three errors; a column of codici fiscali at 20 million a second on two cores; a million
applicants from Parquet to verdicts in 2 s; `import sportello` in 5 ms.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import polars as pl
import pyarrow as pa
import pytest
import stdnum.it.codicefiscale
from codicefiscale import codicefiscale
from pydantic import BaseModel, EmailStr, ValidationError, field_validator

import sportello

CODE = "PRVRSL90E52H501A"
TEXT = {"tipo": "testo", "null": False}
SERVICE = sportello.Service.from_json(
    {
        "hash_visura": "bench",
        "nome_visura": "Prova",
        "json_struttura": {
            "validazione": "$0 && $1 && $2 && $3 && $4",
            "campi": {
                "$0": {"nome": "NOME", **TEXT},
                "$1": {"nome": "COGNOME", **TEXT},
                "$2": {"nome": "EMAIL", "tipo": "email", "null": False},
                "$3": {"nome": "CELLULARE", **TEXT},
                "$4": {"nome": "CODICE FISCALE", "tipo": "codice_fiscale_persona_fisica", "null": False},
            },
        },
    }
)
GOOD = {
    "nome": "Rosalia",
    "cognome": "Prova",
    "email": "rosella.prova@example.org",
    "cellulare": "333 1234567",
    "codice_fiscale": CODE,
}
BAD = {**GOOD, "nome": "", "email": "rosella.prova", "codice_fiscale": "PRVRSL90E52H501B"}


class Applicant(BaseModel):
    nome: str
    cognome: str
    email: EmailStr
    cellulare: str
    codice_fiscale: str

    @field_validator("nome", "cognome")
    @classmethod
    def _filled(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("empty")
        return value

    @field_validator("codice_fiscale")
    @classmethod
    def _code(cls, value: str) -> str:
        stdnum.it.codicefiscale.validate(value)
        return value


def by_pydantic(answers: dict[str, str]) -> int:
    try:
        Applicant.model_validate(answers)
    except (ValidationError, stdnum.exceptions.ValidationError):
        return 1
    return 0


@pytest.fixture(params=[GOOD, BAD], ids=["good", "three-errors"])
def answers(request: pytest.FixtureRequest) -> dict[str, str]:
    given: dict[str, str] = request.param
    assert SERVICE.check(given).ok is (given is GOOD), SERVICE.check(given).findings
    return given


@pytest.mark.benchmark(group="form")
def test_form_sportello(benchmark: Any, answers: dict[str, str]) -> None:
    benchmark(SERVICE.check, answers)


@pytest.mark.benchmark(group="form")
def test_form_pydantic_email_stdnum(benchmark: Any, answers: dict[str, str]) -> None:
    benchmark(by_pydantic, answers)


@pytest.mark.benchmark(group="form")
def test_form_jsonschema_rs_patterns_only(benchmark: Any, answers: dict[str, str]) -> None:
    keys = {field.slug: answers[field.slug] for field in SERVICE.fields}
    schema = {
        "type": "object",
        "required": list(keys),
        "properties": {
            "nome": {"minLength": 1},
            "email": {"type": "string", "format": "email"},
            "codice_fiscale": {"type": "string", "pattern": "^[A-Z0-9]{16}$"},
        },
    }
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    benchmark(lambda: list(validator.iter_errors(keys)))


@pytest.mark.benchmark(group="one codice fiscale")
@pytest.mark.parametrize(
    "check",
    [
        lambda: sportello.check_value("codice_fiscale_persona", CODE),
        lambda: sportello.CodiceFiscale.parse(CODE),
        lambda: stdnum.it.codicefiscale.is_valid(CODE),
        lambda: codicefiscale.is_valid(CODE),
    ],
    ids=["sportello", "sportello-parsed", "python-stdnum", "python-codicefiscale"],
)
def test_one_code(benchmark: Any, check: Any) -> None:
    benchmark(check)


@pytest.mark.benchmark(group="a million codici fiscali")
def test_column_of_codes(benchmark: Any) -> None:
    codes = [str(code) for code in sportello.CodiceFiscale.parse(CODE).variants()]
    column = pa.array(codes * (1_000_000 // len(codes)))
    verdict = benchmark(sportello.check_column, "codice_fiscale_persona", column)
    assert verdict.wrong == 0


@pytest.mark.benchmark(group="a million applicants")
def test_parquet_to_verdicts(benchmark: Any, tmp_path: Path) -> None:
    path = tmp_path / "applicants.parquet"
    rows = 1_000_000
    good = rows * 9 // 10
    pl.DataFrame({key: [GOOD[key]] * good + [BAD[key]] * (rows - good) for key in GOOD}).write_parquet(path)

    def verdicts() -> sportello.Verdict:
        return SERVICE.check_table(pl.read_parquet(path))

    assert benchmark.pedantic(verdicts, rounds=3).wrong == rows - good


def test_import(capsys: pytest.CaptureFixture[str]) -> None:
    """Each in a process of its own, told by the process: an import is done once."""
    script = "import time; began = time.perf_counter(); import sportello; print(time.perf_counter() - began)"
    took = [
        float(
            subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
        )
        for _ in range(21)
    ]
    with capsys.disabled():
        print(f"\nimport sportello: {statistics.median(took) * 1000:.2f} ms, median of {len(took)} processes")
