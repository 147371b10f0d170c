"""The command for tables: `python -m sportello check-table` and `submit-table`.

| file | what is in it |
|---|---|
| `command`, `options` | the two commands and how a run ends; what can be typed |
| `table` | what a table is, whatever file it is in; `csvfile`, `excel`, `parquet` read and write one format each |
| `match` | which column answers which field |
| `damage` | what a spreadsheet did to a value |
| `check` | the verdict on every row, and the same file with the verdicts in it |
| `submit`, `results` | handing in row by row, and the file that remembers what became of each |
| `show`, `words`, `refusals` | what a person reads |
"""
