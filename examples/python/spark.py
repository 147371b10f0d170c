"""Tables too large for one machine: `check_table` on every part of a Spark DataFrame, where the part is.

Only checking is spread. Handing in is refused inside a Spark task, which may run twice: collect what is right, and hand it in from
one process.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

import sportello


@functools.cache
def _service(description: str) -> sportello.Service:
    # Compiled once in each of Spark's workers.
    return sportello.Service.from_json(description)


def checked(applicants: DataFrame, description: str, columns: dict[str, str]) -> DataFrame:
    """Give the same rows with `ok` and `first_code` beside them. ``columns`` says which field each column answers."""

    def check(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            verdicts = pa.table(_service(description).check_table(batch, columns=columns))
            table = pa.Table.from_batches([batch])
            for name in ("ok", "first_code"):
                table = table.append_column(name, verdicts[name])
            yield from table.to_batches()

    # By Arrow, so that no row ever becomes a Python object.
    fields = ", ".join(f"`{field.name}` {field.dataType.simpleString()}" for field in applicants.schema)
    return applicants.mapInArrow(check, f"{fields}, ok boolean, first_code string")


def main(session: Any = None) -> None:
    """Check the invented applicants of `batch.py`, in four parts."""
    sys.path.insert(0, str(Path(__file__).parent))
    import batch

    spark = session or SparkSession.builder.master("local[2]").appName("sportello").getOrCreate()
    description = json.dumps(batch.DESCRIPTION)
    rows = spark.createDataFrame(batch.applicants(10_000).to_pylist()).repartition(4)
    result = checked(rows, description, batch.COLUMNS)
    result.groupBy("first_code").count().orderBy("first_code").show(truncate=False)


if __name__ == "__main__":
    main()
