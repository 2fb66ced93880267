"""grid: measure the FID, or the preference score of prompts, over a grid of hyperparameters, for
figures."""

from __future__ import annotations

from bench.commands.options import add_out, add_tuning_block, index_range, read_tuning_block
from bench.config.load import load
from bench.errors import BadInput


def add_arguments(parser):
    add_tuning_block(parser)
    parser.add_argument(
        "--points", type=index_range, metavar="A:B", help="A to B - 1 of the grid (default: all)"
    )
    add_out(parser, "a row per point (.csv)")


def run(options):
    from bench.stages.grid import grid

    scale = load(options.config)
    points = scale.method(options.method).grid_points
    if not points:
        raise BadInput(f"--method: {options.method!r} has no grid in {options.config}")
    chosen = options.points or range(len(points))
    if chosen[-1] >= len(points):
        raise BadInput(f"--points: the grid of {options.method!r} has only {len(points)}")
    grid([points[index] for index in chosen], read_tuning_block(options, scale), options.out)
