"""check CONFIG"""

from __future__ import annotations

from pathlib import Path

from bench.config.load import load


def add_arguments(parser):
    parser.add_argument("config", type=Path, help="YAML file of the scale")


def run(options):
    scale = load(options.config)
    searched = sum(len(scale.method(method).candidates) for _, method in scale.cells)
    print(
        f"{options.config}: fine; {len(scale.runs)} runs, {len(scale.cells)} cells on "
        f"{len(scale.measurement.seeds)} seed blocks, {searched} candidates to search"
    )
