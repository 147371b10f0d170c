"""The recipe on a Spark of this machine, and what is refused there."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

import sportello

EXAMPLES = Path(__file__).parents[2] / "examples" / "python"
sys.path.insert(0, str(EXAMPLES))

import batch  # noqa: E402
import spark as recipe  # noqa: E402

DESCRIPTION = json.dumps(batch.DESCRIPTION)


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    # The workers import the recipe's module too.
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.executorEnv.PYTHONPATH", str(EXAMPLES)).getOrCreate()
    yield session
    session.stop()


def test_the_parts_say_what_the_whole_says(session: SparkSession) -> None:
    applicants = batch.applicants(2_000)
    whole = pa.table(sportello.Service.from_json(DESCRIPTION).check_table(applicants, columns=batch.COLUMNS))
    rows = session.createDataFrame(applicants.to_pylist()).repartition(4)
    parts = recipe.checked(rows, DESCRIPTION, batch.COLUMNS).toArrow()
    email = applicants.column_names.index("email")

    def verdicts(table: pa.Table, emails: Any) -> dict[str, tuple[bool, str]]:
        columns = zip(
            emails.to_pylist(), table["ok"].to_pylist(), table["first_code"].to_pylist(), strict=True
        )
        return {address: (ok, code) for address, ok, code in columns}

    expected = verdicts(whole, applicants.column(email))
    assert verdicts(parts, parts["email"]) == expected
    assert len({code for _, code in expected.values()}) > 1


def test_handing_in_from_a_task_is_refused(session: SparkSession) -> None:
    def hand_in(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        client = sportello.Client(
            environment="simulator", base_url="http://127.0.0.1:9", token="none", journal=":memory:"
        )
        service = sportello.Service.from_json(DESCRIPTION)
        for _ in batches:
            said = []
            paid_calls: list[Callable[[], object]] = [
                lambda: client.submit(service, {}, reference="r", confirm_price="19.00"),
                lambda: client.choose("r", "1", "19.00"),
                lambda: client.search_again("r", 2, service, {}, "19.00"),
            ]
            for paid in paid_calls:
                try:
                    paid()
                    said.append("paid")
                except sportello.ConfigError as refused:
                    said.append(refused.code)
            yield pa.RecordBatch.from_pydict({"said": said})

    said = session.range(1).mapInArrow(hand_in, "said string").collect()
    assert [row.said for row in said] == ["python.spark_task"] * 3
