"""search: find the best hyperparameters of a method."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out, add_tuning_block, read_tuning_block
from bench.config.load import load
from bench.errors import BadInput


def add_arguments(parser):
    add_tuning_block(parser)
    parser.add_argument(
        "--chosen", required=True, type=Path, help="file for the spec of the best one (.json)"
    )
    add_out(parser, "a row per candidate (.csv)")


def run(options):
    from bench.stages.search import search

    scale = load(options.config)
    method = scale.method(options.method)
    if not method.is_tuned:
        raise BadInput(f"--method: {options.method!r} has no alternatives to search")
    block = read_tuning_block(options, scale)
    best = search(method, block, options.out, options.chosen)
    column = block.objective.column
    print(f"{options.chosen}: {column} {best[column]:.4f} with {best['guidance']}")
