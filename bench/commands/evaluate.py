"""evaluate: compute the metrics of one cell."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out, cell_names, positive


def add_arguments(parser):
    parser.add_argument(
        "--features", required=True, type=Path, nargs="+", help="the shards of every block"
    )
    parser.add_argument("--reference", required=True, type=Path, help="features of real images")
    parser.add_argument(
        "--cell",
        nargs=3,
        metavar=("CONFIG", "RUN", "METHOD"),
        help="the names of the rows in metrics.csv",
    )
    parser.add_argument(
        "--preview", type=positive, metavar="N", help="the FID of the first N samples, too"
    )
    add_out(parser, "a row per seed block (.csv)")


def run(options):
    from bench.stages.evaluate import evaluate

    names = cell_names(*options.cell) if options.cell else {}
    rows = evaluate(options.features, options.reference, options.preview, names, options.out)
    for row in rows:
        print(f"seed {row['seed']}: FID {row['fid']:.4f}, {row['samples']} samples")
