"""The data, conditions and random draws of each step of a training."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Sampler

from bench.config.training import TrainingConfig
from bench.data.conditions import Conditions
from bench.data.dataset import TrainingData
from bench.models.velocity_model import VelocityModel
from bench.seeds import generator
from bench.training.distributed import World
from bench.training.losses import Draw, draw


def batches(
    data: TrainingData,
    model: VelocityModel,
    settings: TrainingConfig,
    steps: range,
    past: int,
    world: World,
    device: torch.device,
) -> Iterator[tuple[int, Tensor, Conditions, Draw]]:
    """Yields, for each of ``steps``: the step, the data [B, C, H, W], the conditions and the draws
    of this rank's part of the batch, on ``device``.

    Args:
        past: iterations behind the weights that this training started from. Order and draws go on
            from there, so that a finetuning does not see those of the first steps again.
    """
    part = world.part(settings.batch_size)
    loader = DataLoader(
        data,
        batch_size=None,
        sampler=StepRows(len(data), settings, steps, past, part),
        num_workers=settings.workers,
        pin_memory=device.type == "cuda",
    )
    # Every rank draws for the whole batch: no draw depends on how many ranks there are.
    for step, (stored, conditions) in enumerate(loader, start=steps.start):
        iteration = past + step
        stream = generator(settings.seed, "training step", iteration)
        drawn = draw(model, settings, settings.batch_size, stream)
        decoding = data.draw(settings.batch_size, generator(settings.seed, "decoding", iteration))
        x = data.decode(
            stored.to(device, non_blocking=True), *(each[part].to(device) for each in decoding)
        )
        yield step, x, conditions.to(device, non_blocking=True), drawn[part].to(device)


class StepRows(Sampler[Tensor]):
    """The rows, among ``count`` samples, of each of ``steps`` (1 is the first of all) behind
    ``past`` iterations of an earlier training: the ``part`` of its batch. An epoch is an order of
    all samples; a batch may span several."""

    def __init__(self, count: int, settings: TrainingConfig, steps: range, past: int, part: slice):
        self.count, self.settings, self.part = count, settings, part
        self.iterations = range(past + steps.start, past + steps.stop)

    def __iter__(self) -> Iterator[Tensor]:
        size, orders = self.settings.batch_size, {}
        for iteration in self.iterations:
            positions = torch.arange((iteration - 1) * size, iteration * size)
            epochs = positions // self.count
            orders = {
                epoch: orders[epoch] if epoch in orders else self._order(epoch)
                for epoch in epochs.unique().tolist()
            }
            rows = [orders[epoch][positions[epochs == epoch] % self.count] for epoch in orders]
            yield torch.cat(rows)[self.part]

    def _order(self, epoch):
        stream = generator(self.settings.seed, "training order", epoch)
        return torch.randperm(self.count, generator=stream)
