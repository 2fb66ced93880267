"""One step of a training."""

from __future__ import annotations

from contextlib import nullcontext

import torch
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from bench.config.training import TrainingConfig
from bench.data.conditions import Conditions
from bench.models.masking import MaskedSiT
from bench.models.velocity_model import VelocityModel
from bench.training.distributed import World
from bench.training.ema import EMA
from bench.training.losses import Draw, Objective


class Update:
    """Moves a model's weights and their average, on every rank to the same values.

    Every rank has an equal part of the batch and passes it on in equal micro batches, so the mean
    of their mean losses is the loss of the batch.
    """

    def __init__(
        self,
        model: VelocityModel,
        ema: EMA,
        optimizer: torch.optim.Optimizer,
        settings: TrainingConfig,
        world: World,
    ):
        self.model, self.ema, self.optimizer = model, ema, optimizer
        self.settings, self.world = settings, world
        self.learning_rates = [group["lr"] for group in optimizer.param_groups]
        self.micro_batch = settings.samples_per_pass(world.size)
        if settings.compile:
            # Compiled in place, so that the names of the weights stay.
            model.compile()
        # A masked model that masks nothing has a mask token without a gradient.
        unused = isinstance(model, MaskedSiT) and not settings.gamma
        self.objective = Objective(model, settings.mask_weight)
        if settings.sharding == "none":
            self.objective = world.replicate(self.objective, find_unused_parameters=unused)

    def __call__(self, step: int, x: Tensor, conditions: Conditions, drawn: Draw) -> Tensor:
        """Does step ``step``, from 1, with this rank's part of the batch, x [B, C, H, W] and
        its conditions. Returns the mean loss of the whole batch."""
        settings = self.settings
        self.optimizer.zero_grad(set_to_none=True)
        value = self.world.mean(self._accumulate_gradients(x, conditions, drawn))
        if settings.gradient_clip:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), settings.gradient_clip)
        for group, rate in zip(self.optimizer.param_groups, self.learning_rates):
            group["lr"] = rate * settings.learning_rate_factor(step)
        self.optimizer.step()
        self.ema.update(self.model, step)
        return value

    def _accumulate_gradients(self, x, conditions, drawn):
        passes = len(x) // self.micro_batch
        total = 0.0
        for number in range(passes):
            part = slice(number * self.micro_batch, (number + 1) * self.micro_batch)
            with self._gradients_shared(last=number == passes - 1):
                with torch.autocast(
                    x.device.type, torch.bfloat16, enabled=self.settings.dtype == "bf16"
                ):
                    value = self.objective(x[part], conditions[part], drawn[part]) / passes
                value.backward()
            total = total + value.detach()
        return total

    def _gradients_shared(self, last):
        """Ranks that have all weights share what the last micro batch completes; before, each adds
        up its own."""
        replicated = isinstance(self.objective, DistributedDataParallel)
        return self.objective.no_sync() if replicated and not last else nullcontext()
