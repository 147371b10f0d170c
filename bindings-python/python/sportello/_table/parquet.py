"""Parquet, by pyarrow."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from .refusals import TableError
from .table import About, Row, Table


def _pyarrow() -> Any:
    try:
        # With this part of it, which is not loaded by itself.
        import_module("pyarrow.parquet")
        return import_module("pyarrow")
    except ImportError:
        raise TableError("no_pyarrow") from None


class ParquetTable(Table):
    """A Parquet file. Its rows have no numbers of their own: they are counted from 1."""

    has_header = False

    def __init__(self, path: Path) -> None:
        """Read it all."""
        pyarrow = _pyarrow()
        self.path = path
        try:
            with pyarrow.parquet.ParquetFile(path) as file:
                group = file.metadata.row_group(0) if file.metadata.num_row_groups else None
                self._compression: str = (
                    group.column(0).compression if group and group.num_columns else "SNAPPY"
                )
                self._table: Any = file.read()
        except (pyarrow.ArrowException, OSError) as error:
            raise TableError("broken_parquet", path=path, why=type(error).__name__) from None
        self.names = list(self._table.column_names)
        columns: list[list[object]] = [column.to_pylist() for column in self._table.columns]
        self.rows = [Row(number, values) for number, values in enumerate(zip(*columns, strict=True), 1)]
        self.about = About("Parquet")

    def write(self, file: IO[bytes], header_row: int, columns: Mapping[str, Mapping[int, str]]) -> None:
        """Write the table with the columns behind it."""
        pyarrow = _pyarrow()
        table = self._table
        for name, texts in columns.items():
            column = pyarrow.array([texts.get(row.number, "") for row in self.rows], pyarrow.string())
            if name in table.column_names:
                table = table.set_column(table.column_names.index(name), name, column)
            else:
                table = table.append_column(name, column)
        pyarrow.parquet.write_table(
            table, file, compression=self._compression.lower().replace("uncompressed", "none")
        )
