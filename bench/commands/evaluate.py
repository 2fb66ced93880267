"""evaluate: compute the metrics of one cell."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out, positive
from bench.config.load import config_hash, load
from bench.errors import BadInput
from bench.files.atomic import write_text


def add_arguments(parser):
    parser.add_argument(
        "--features", required=True, type=Path, nargs="+", help="the shards of every block"
    )
    parser.add_argument("--reference", required=True, type=Path, help="features of real images")
    parser.add_argument(
        "--cell",
        nargs=3,
        metavar=("CONFIG", "RUN", "METHOD"),
        help="what the rows are called in metrics.csv",
    )
    parser.add_argument(
        "--preview", type=positive, metavar="N", help="the FID of the first N samples, too"
    )
    add_out(parser, "a row per seed block (.csv)")


def run(options):
    import pandas as pd

    from bench.evaluation.rows import evaluation_rows
    from bench.report.rows import REAL

    names = {}
    if options.cell:
        config, run_name, method = options.cell
        scale = load(config)
        if (run_name, method) not in (*scale.cells, REAL):
            raise BadInput(f"--cell: {config} measures no {method!r} on {run_name!r}")
        names = {
            "scale": scale.name,
            "run": run_name,
            "method": method,
            "config_hash": config_hash(config),
        }
    rows = evaluation_rows(options.features, options.reference, options.preview)
    rows = [names | row for row in rows]
    write_text(options.out, pd.DataFrame(rows).to_csv(index=False))
    for row in rows:
        print(f"seed {row['seed']}: FID {row['fid']:.4f}, {row['samples']} samples")
