"""cost: count the multiply-accumulates of each cell."""

from __future__ import annotations

import json

from bench.commands.options import add_config
from bench.config.load import load
from bench.cost import guided_macs
from bench.guidance import build

MAIN_RUN = "routed"


def add_arguments(parser):
    add_config(parser)
    parser.add_argument("--json", action="store_true", help="a list of objects, for programs")


def run(options):
    cells = cell_costs(load(options.config))
    if options.json:
        print(json.dumps(cells, indent=1))
        return
    print("per guided step and sample, in GMACs; linear_gmacs is the paper's convention")
    for cell in cells:
        print(
            f"{cell['cell']:40} linear {cell['linear_gmacs']:12.6g}   "
            f"with attention {cell['gmacs']:12.6g}   "
            f"saved by the shared prefix {cell['shared_prefix_saves_percent']:.1f} %"
        )


def cell_costs(scale) -> list[dict]:
    """The cost of every cell; where its sparsities are searched, of the grid's first point.

    Cells of the run `MAIN_RUN` go by their method's name, others by run/method.
    """
    costs = []
    for run_name, method in scale.cells:
        run = scale.run(run_name)
        architecture = scale.model(run)
        configs = {"main": architecture, "weak": architecture}
        guidance = build(scale.method(method).candidates[0])
        full = guided_macs(guidance, configs, scale.sampling)
        shared = guided_macs(guidance, configs, scale.sampling, shared=True)
        costs.append(
            {
                "cell": method if run_name == MAIN_RUN else f"{run_name}/{method}",
                "linear_gmacs": full.linear / 1e9,
                "gmacs": full.total / 1e9,
                "shared_prefix_gmacs": shared.total / 1e9,
                "shared_prefix_saves_percent": 100 * (1 - shared.linear / full.linear),
                "guidance": scale.method(method).candidates[0],
            }
        )
    return costs
