"""check CONFIG"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.config.load import load


def add_arguments(parser):
    parser.add_argument("config", type=Path, help="YAML file of the scale")
    parser.add_argument(
        "--deep", action="store_true", help="also the paths, hashes and shapes of what it names"
    )


def run(options):
    scale = load(options.config)
    if options.deep:
        _inspect(scale)
    searched = sum(len(scale.method(method).candidates) for _, method in scale.tuned_cells)
    print(
        f"{options.config}: fine; {len(scale.runs)} runs, {len(scale.cells)} cells on "
        f"{len(scale.measurement.seeds)} seed blocks, {searched} candidates to search"
    )


def _inspect(scale):
    from bench.stages.check import problems

    found = list(problems(scale))
    for problem in found:
        print(f"error: {problem}", file=sys.stderr)
    if found:
        raise SystemExit(2)
