"""collect: join rows into metrics.csv."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out
from bench.files.atomic import write_text


def add_arguments(parser):
    parser.add_argument("--rows", required=True, type=Path, nargs="+", help="files of `evaluate`")
    add_out(parser, "one row a cell and seed block (.csv)")


def run(options):
    import pandas as pd

    from bench.files.csv_rows import read_rows

    # As text: joining changes no digit.
    rows = pd.concat([read_rows(path, "seed", "fid", dtype=str) for path in options.rows])
    write_text(options.out, rows.to_csv(index=False))
    print(f"{options.out}: {len(rows)} rows")
