"""cost: count the multiply-accumulates of each cell."""

from __future__ import annotations

import json

from bench.commands.options import add_config
from bench.config.load import load
from bench.stages.cost import cell_costs


def add_arguments(parser):
    add_config(parser)
    parser.add_argument("--json", action="store_true", help="a list of objects, for programs")


def run(options):
    cells = cell_costs(load(options.config))
    if options.json:
        print(json.dumps(cells, indent=1))
        return
    print("GMACs per guided step and sample; linear_gmacs is the paper's convention")
    for cell in cells:
        print(
            f"{cell['cell']:40} linear {cell['linear_gmacs']:12.6g}   "
            f"with attention {cell['gmacs']:12.6g}   "
            f"saved by the shared prefix {cell['shared_prefix_saves_percent']:.1f} %"
        )
