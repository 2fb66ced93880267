"""overview: write the verdicts of several scales into a Markdown file."""

from __future__ import annotations

from pathlib import Path

from bench.files.atomic import write_text
from bench.files.csv_rows import read_rows


def add_arguments(parser):
    parser.add_argument(
        "--claims", required=True, type=Path, nargs="+", help="files of `claims` (.csv), by folder"
    )
    parser.add_argument(
        "--into", required=True, type=Path, help="file whose marked table is replaced (.md)"
    )


def run(options):
    from bench.report.overview import insert, side_by_side

    columns = ("id", "place", "claim", "verdict", "interval_percent", "paper_difference_percent")
    scales = {path.parent.name: read_rows(path, *columns) for path in options.claims}
    markdown = side_by_side(scales)
    write_text(options.into, insert(options.into, markdown))
    print(markdown, end="")
