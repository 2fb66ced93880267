"""collect: collect the rows of all cells in metrics.csv."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out


def add_arguments(parser):
    parser.add_argument("--rows", required=True, type=Path, nargs="+", help="files of `evaluate`")
    add_out(parser, "one row per cell and seed block (.csv)")


def run(options):
    from bench.stages.collect import collect

    print(f"{options.out}: {collect(options.rows, options.out)} rows")
