"""collect: collect rows, of all cells in metrics.csv for instance."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out


def add_arguments(parser):
    parser.add_argument(
        "--rows", required=True, type=Path, nargs="+", help="files of `evaluate`, or of `grid`"
    )
    add_out(parser, "all of their rows (.csv)")


def run(options):
    from bench.stages.collect import collect

    print(f"{options.out}: {collect(options.rows, options.out)} rows")
