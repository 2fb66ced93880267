"""The loop that most codes sample with, as a baseline for the sampler."""

from __future__ import annotations

import torch
from torch import Tensor

from bench.guidance import Step
from bench.sampling.sampler import Trajectory


class PlainTrajectory(Trajectory):
    """Each branch is a forward pass of the whole network in fp32: nothing is shared between
    branches, and nothing goes in one batch. Samples are the sampler's up to rounding."""

    def velocity(self, x: Tensor, t: float, index: int) -> Tensor:
        step = Step(x, t, index, self.settings.steps, self.state)
        branches = self.guidance.branches(step)
        conditions, times = self.conditions(branches), torch.full((len(x),), t, device=x.device)
        predictions = {}
        for branch in branches:
            keep = self.draw_subsets(branch.gamma).to(x.device) if branch.gamma else None
            network = self.models[branch.checkpoint]
            predictions[branch.name] = network(x, times, conditions[branch.condition], keep)
        return self.guidance.combine(predictions, step)
