"""select: choose the best candidate of a search."""

from __future__ import annotations

import json
from pathlib import Path

from bench.commands.options import add_out
from bench.files.atomic import write_text


def add_arguments(parser):
    parser.add_argument("--searches", required=True, type=Path, nargs="+", help="files of `search`")
    parser.add_argument("--joined", required=True, type=Path, help="all of their rows (.csv)")
    add_out(parser, "the guidance spec with the lowest FID (.json)")


def run(options):
    import pandas as pd

    from bench.files.csv_rows import read_rows
    from bench.stages.search import best

    rows = pd.concat(
        [read_rows(path, "guidance", "fid") for path in options.searches], ignore_index=True
    )
    chosen = json.dumps(best(rows))
    write_text(options.joined, rows.to_csv(index=False))
    write_text(options.out, chosen + "\n")
    print(f"{len(rows)} candidates, lowest FID {rows['fid'].min():.4f}: {chosen}")
