"""The sampler of every guidance method: images from seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from bench.config.sampling import SamplingConfig
from bench.data.conditions import Conditions, ConditionSource
from bench.data.pixels import to_uint8
from bench.guidance import Branch, Guidance, Step
from bench.models.velocity_model import VelocityModel
from bench.sampling import subsets
from bench.sampling.batches import fill_blocks
from bench.sampling.evaluation import evaluate
from bench.sampling.ode import SOLVERS
from bench.sampling.time_shift import in_position
from bench.seeds import generator


@dataclass(frozen=True)
class Samples:
    """images uint8 [B, C, H, W] and the B conditions that they were asked for."""

    images: Tensor
    conditions: Conditions


@torch.inference_mode()
def sample(
    models: Mapping[str, VelocityModel],
    guidance: Guidance,
    settings: SamplingConfig,
    conditions: ConditionSource,
    seed: int,
    indices: Sequence[int],
    decode: Callable[[Tensor], Tensor] = lambda data: data,
) -> Iterator[Samples]:
    """Batches of samples in the order of ``indices``.

    A sample is a function of the checkpoints, the guidance, the solver and its steps, the seed
    and its own index, and of nothing else: not of the batch size, nor of the other indices.

    Args:
        models: by checkpoint: "main" and, where the guidance asks for it, "weak".
        conditions: the conditions that the samples of a block are asked for.
        seed: of the block of samples.
        indices: of the samples within the block.
        decode: turns samples as the models see them into images [B, C, H, W] of -1..1.
    """
    for start in range(0, len(indices), settings.batch_size):
        batch = list(indices[start : start + settings.batch_size])
        data, given = integrate(models, guidance, settings, conditions, seed, batch)
        images = to_uint8(decode(data), settings.uint8_rule).cpu()
        yield Samples(images, given.to("cpu"))


def integrate(
    models: Mapping[str, VelocityModel],
    guidance: Guidance,
    settings: SamplingConfig,
    conditions: ConditionSource,
    seed: int,
    batch: list[int],
) -> tuple[Tensor, Conditions]:
    """One batch of samples: the solver's final states, float32 [B, C, H, W], and their
    conditions."""
    padded = fill_blocks(batch, models["main"].device)
    trajectory = Trajectory(models, guidance, settings, conditions, seed, padded)
    data, given = trajectory.run(), trajectory.given
    return data[: len(batch)], given[: len(batch)]


class Trajectory:
    """One batch of samples on its way from noise to data."""

    def __init__(self, models, guidance, settings, conditions, seed, indices):
        main = models["main"]
        self.models, self.guidance, self.settings = models, guidance, settings
        self.device, self.tokens = main.device, main.config.tokens
        self.state = {}

        def streams(purpose: str) -> list[Generator]:
            return [generator(seed, purpose, index) for index in indices]

        noise = [torch.randn(main.sample_shape, generator=stream) for stream in streams("noise")]
        self.noise = torch.stack(noise).to(self.device)
        self.given = conditions.given(indices, streams("condition")).to(self.device)
        self.null = main.null_condition(len(indices))
        self.source, self.random_streams = conditions, streams("random condition")
        self.subset_streams = streams("subsets")

    def run(self) -> Tensor:
        """The final state [B, C, H, W], float32."""
        solver, steps, shift = self.settings.solver, self.settings.steps, self.settings.time_shift
        velocity = self.velocity if shift is None else in_position(self.velocity, steps, shift)
        return SOLVERS[solver].solve(velocity, self.noise, steps)

    def velocity(self, x: Tensor, t: float, index: int) -> Tensor:
        """The guided velocity at one evaluation of the solver."""
        step = Step(x, t, index, self.settings.steps, self.state)
        branches = self.guidance.branches(step)
        with torch.autocast(
            self.device.type, torch.bfloat16, enabled=self.settings.dtype == "bf16"
        ):
            predictions = evaluate(
                branches, self.models, self.conditions(branches), x, t, self.draw_subsets
            )
        predictions = {name: velocity.float() for name, velocity in predictions.items()}
        guided = self.guidance.combine(predictions, step)
        channels = self.settings.guided_channels
        if channels is None:
            return guided
        return torch.cat([guided[:, :channels], predictions[branches[0].name][:, channels:]], dim=1)

    def conditions(self, branches: Sequence[Branch]) -> dict[str, Conditions]:
        """The conditions that the branches of one evaluation need, by kind.

        A random condition is drawn anew for every evaluation. Were it kept, x_t would come to
        depend on it, and independent condition guidance rests on their independence.
        """
        found = {"given": self.given, "null": self.null}
        if any(branch.condition == "random" for branch in branches):
            found["random"] = self.source.random(self.random_streams).to(self.device)
        return found

    def draw_subsets(self, gamma: float):
        """Fresh subsets, from each sample's own stream."""
        draw = subsets.fixed_count if self.settings.subsets == "fixed" else subsets.bernoulli
        return draw(self.tokens, gamma, self.subset_streams)
