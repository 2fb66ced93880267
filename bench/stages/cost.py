"""The multiply-accumulates of each cell of a scale."""

from __future__ import annotations

from bench.config.scale import Scale
from bench.cost import guided_macs
from bench.guidance import build

MAIN_RUN = "routed"


def cell_costs(scale: Scale) -> list[dict]:
    """The costs of every cell in GMACs per guided step and sample; where its hyperparameters are
    searched, those in the middle of the space.

    Cells of `MAIN_RUN` are called by their method alone, others run/method.
    """
    costs = []
    for run_name, method in scale.cells:
        run = scale.run(run_name)
        architecture = scale.model(run)
        configs = {"main": architecture, "weak": architecture}
        spec = scale.method(method).example
        guidance = build(spec)
        full = guided_macs(guidance, configs, scale.sampling)
        shared = guided_macs(guidance, configs, scale.sampling, shared=True)
        costs.append(
            {
                "cell": method if run_name == MAIN_RUN else f"{run_name}/{method}",
                "linear_gmacs": full.linear / 1e9,
                "gmacs": full.total / 1e9,
                "shared_prefix_gmacs": shared.total / 1e9,
                "shared_prefix_saves_percent": 100 * (1 - shared.linear / full.linear),
                "guidance": spec,
            }
        )
    return costs
