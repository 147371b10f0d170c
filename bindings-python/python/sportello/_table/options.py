"""What can be typed."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from .words import LANGS

Run = Callable[[argparse.Namespace], int]

_AFTER = """\
Exit codes, those of the `sportello` command:
  0    done: every row is in order, or was handed in
  1    some rows have findings; they are in the report
  2    the command line, or the table, can't be used
  3    refused before anything was sent: price, total, credit
  4    the provider or the network is in trouble; the same command again is safe
  5    whether a row was paid can't be told yet; the same command again finds out and never pays twice
  6    a person must look at a row
  8    something on this machine: a file, the journal
  130  interrupted; the same command again goes on

The token is read from SPORTELLO_TOKEN; or the account's e-mail and API key from SPORTELLO_ACCOUNT_EMAIL and SPORTELLO_API_KEY, and then
the credit is looked at before anything is sent. Money is net of VAT.
"""


def parser(check_table: Run, submit_table: Run) -> argparse.ArgumentParser:
    """Give what reads a command line; `run` of what it gives is one of these."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="sportello-py",
        description="Check and hand in whole tables: Excel, CSV, Parquet.",
        epilog=_AFTER,
        formatter_class=raw,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check-table",
        help="check every row; the report is the same file with two columns more",
        description="Check every row. The report is the same file with two columns more, `esito` and `cosa correggere`; "
        "the table stays as it is.",
        epilog=_AFTER,
        formatter_class=raw,
    )
    check.set_defaults(run=check_table)
    submit = commands.add_parser(
        "submit-table",
        help="hand in every row without findings; each is paid at most once",
        description="Hand in every row without findings. Without --confirm-price and --confirm-total it shows what it would "
        "do and cost, and sends nothing. Killed or interrupted, the same command does what is left: a row is paid at most once.",
        epilog=_AFTER,
        formatter_class=raw,
    )
    submit.set_defaults(run=submit_table)
    for one in (check, submit):
        one.add_argument("table", type=Path, help="the file: .xlsx, .csv or .parquet")
        one.add_argument(
            "--service",
            metavar="NAME",
            default="assegno-unico",
            help="by id, exact name or alias [%(default)s]",
        )
        one.add_argument(
            "--sheet",
            metavar="NAME",
            help="the sheet of a workbook [the one that was open when it was saved]",
        )
        one.add_argument("--column", metavar="FIELD=HEADER", action="append", default=[],
                         help="which column answers a field ($4, slug, label); #3 is the third column; may be repeated")  # fmt: skip
        one.add_argument(
            "--header-row", metavar="N", type=int, help="the row with the headers [found by itself]"
        )
        one.add_argument("--encoding", metavar="NAME", help="of a CSV [found by itself]")
        one.add_argument("--delimiter", metavar="C", help="of a CSV [found by itself]")
        one.add_argument(
            "--files",
            metavar="FOLDER",
            type=Path,
            help="where the files are that the table names [the table's folder]",
        )
        one.add_argument("--lang", choices=LANGS, help="language of all texts [the terminal's, else Italian]")
        one.add_argument(
            "--out",
            metavar="FILE",
            type=Path,
            help="the report [beside the table: TABLE-esito, or TABLE-inviata]",
        )
        where = one.add_argument_group("where the service is")
        where.add_argument(
            "--environment",
            choices=("production", "sandbox", "simulator"),
            help="no default: one of them costs money",
        )
        where.add_argument("--provider", choices=("visengine", "docuengine", "relay"), default="visengine")
        where.add_argument("--base-url", metavar="URL", help="another address of the API")
        where.add_argument("--oauth-url", metavar="URL", help=argparse.SUPPRESS)
        where.add_argument("--commit-timeout", metavar="SECONDS", type=float, help=argparse.SUPPRESS)
        where.add_argument("--quiet-margin", metavar="SECONDS", type=float, help=argparse.SUPPRESS)
    check.add_argument("--description", metavar="FILE", type=Path,
                       help="the service's description as JSON, as the provider gives it: nothing is asked of anybody")  # fmt: skip
    check.set_defaults(journal=":memory:", account="default")
    submit.set_defaults(description=None)
    submit.add_argument("--reference-column", metavar="HEADER", required=True,
                        help="the column with your own name of each request, such as a file number; it must name nobody")  # fmt: skip
    submit.add_argument(
        "--confirm-price", metavar="EUR", help="the exact net price of one row, options included"
    )
    submit.add_argument(
        "--confirm-total",
        metavar="EUR",
        help="the exact net price of all rows that can be handed in, those of earlier runs included",
    )
    submit.add_argument(
        "--limit", metavar="N", type=int, help="only the first N that can be handed in: a trial"
    )
    submit.add_argument(
        "--option", metavar="NAME", action="append", default=[], help="a paid option for every row"
    )
    submit.add_argument(
        "--accept-warning",
        metavar="CODE",
        action="append",
        default=[],
        help="hand in rows with this warning too",
    )
    submit.add_argument(
        "--results",
        metavar="FILE",
        type=Path,
        help="the file that remembers what became of each row [TABLE-invii.csv]",
    )
    submit.add_argument("--journal", metavar="FILE", help="the journal's file [one in your data directory]")
    submit.add_argument(
        "--account", metavar="NAME", default="default", help="when one journal serves several [%(default)s]"
    )
    return parser
