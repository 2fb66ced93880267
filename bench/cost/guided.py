"""The MACs of a guided step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bench.config.model import Architecture
from bench.config.sampling import SamplingConfig
from bench.cost.macs import Macs
from bench.cost.model import prefix_macs, suffix_macs
from bench.guidance import Branch, Guidance, trajectory


def step_macs(
    branches: Sequence[Branch], configs: Mapping[str, Architecture], shared: bool
) -> Macs:
    """One evaluation of every branch: each in full or, ``shared``, as the sampler evaluates them,
    with one prefix for the branches that agree in it.

    Args:
        configs: architectures by checkpoint ("main", "weak").
    """
    total, prefixes = Macs(), []
    for branch in branches:
        config = configs[branch.checkpoint]
        total += suffix_macs(config, branch.gamma, branch.perturbation)
        changed = branch.perturbation if config.in_prefix(branch.perturbation) else None
        prefixes.append((branch.checkpoint, branch.condition, changed))
    for checkpoint, _, changed in dict.fromkeys(prefixes) if shared else prefixes:
        total += prefix_macs(configs[checkpoint], changed)
    return total


def guided_macs(
    guidance: Guidance,
    configs: Mapping[str, Architecture],
    sampling: SamplingConfig,
    shared: bool = False,
) -> Macs:
    """A guided step: the sum of `step_macs` over a trajectory's evaluations, divided by the number
    of steps. Heun's 2 N - 1 evaluations in N steps make its step nearly twice as dear as Euler's.
    """
    total = Macs()
    # Most methods evaluate the same at every step.
    for branches, times in Counter(trajectory(guidance, sampling.evaluations)).items():
        total += times * step_macs(branches, configs, shared)
    return (1 / sampling.steps) * total
