"""Nothing is paid for from inside a Spark task: Spark runs a task again when it likes, on a machine with another journal."""

from __future__ import annotations

import sys
from typing import Any

from .errors import ConfigError


def refuse_in_task() -> None:
    """Refuse a paid verb inside a task. Spark's module is never imported here: where it is not loaded, no task runs."""
    spark: Any = sys.modules.get("pyspark")
    context = getattr(spark, "TaskContext", None)
    if context is not None and context.get() is not None:
        raise ConfigError(
            "python.spark_task",
            "a paid call can't be made inside a Spark task, which may run twice: collect the rows, and hand in from one process",
        )
