"""evaluate: compute the metrics of one cell on one seed block."""

from __future__ import annotations

import json
from pathlib import Path

from bench.atomic import write_text
from bench.commands.options import add_out
from bench.config.load import config_hash, load


def add_arguments(parser):
    parser.add_argument("--features", required=True, type=Path, nargs="+", help="the shards")
    parser.add_argument("--reference", required=True, type=Path, help="features of real images")
    parser.add_argument(
        "--cell",
        nargs=3,
        metavar=("CONFIG", "RUN", "METHOD"),
        help="what the row is called in metrics.csv",
    )
    add_out(parser, "the row (.json)")


def run(options):
    from bench.metrics.row import evaluation_row

    names = {}
    if options.cell:
        config, run_name, method = options.cell
        scale = load(config)
        names = {
            "scale": scale.name,
            "run": run_name,
            "method": method,
            "config_hash": config_hash(config),
        }
    row = names | evaluation_row(options.features, options.reference)
    write_text(options.out, json.dumps(row, indent=1) + "\n")
    cell = f"{row.get('run', '')} {row.get('method', '')} seed {row['seed']}".strip()
    print(f"{cell}: FID {row['fid']:.4f}, {row['samples']} samples")
