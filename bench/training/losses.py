"""The training objective: flow matching, and MaskDiT's reconstruction."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn

from bench.config.spans import kept_tokens
from bench.config.training import TrainingConfig
from bench.data.conditions import Conditions
from bench.models.masking import MaskedSiT
from bench.models.velocity_model import VelocityModel


@dataclass(frozen=True)
class Draw:
    """The random part of one training step, for B samples.

    Attributes:
        t: times [B], 0 noise to 1 data.
        noise: [B, C, H, W].
        drop_condition: bool [B], where the null condition takes the condition's place.
        keep: indices of the processed tokens [B, K], or None for all.
    """

    t: Tensor
    noise: Tensor
    drop_condition: Tensor
    keep: Tensor | None

    def __getitem__(self, part: slice) -> Draw:
        """The draws of some of the samples."""
        return self._each(lambda drawn: drawn[part])

    def to(self, device) -> Draw:
        return self._each(lambda drawn: drawn.to(device))

    def _each(self, change):
        keep = None if self.keep is None else change(self.keep)
        return Draw(change(self.t), change(self.noise), change(self.drop_condition), keep)


def draw(model: VelocityModel, settings: TrainingConfig, batch: int, stream: Generator) -> Draw:
    """Draws a step from its own stream, on the CPU: the same draws whatever trains on them."""
    tokens = model.config.tokens
    if settings.time == "uniform":
        t = torch.rand(batch, generator=stream)
    else:
        normal = torch.randn(batch, generator=stream)
        t = (settings.time_mean + settings.time_deviation * normal).sigmoid()
    noise = torch.randn((batch, *model.sample_shape), generator=stream)
    drop_condition = torch.rand(batch, generator=stream) < settings.class_dropout
    order = torch.rand(batch, tokens, generator=stream).argsort(dim=1)
    kept = kept_tokens(tokens, settings.gamma)
    keep = order[:, :kept] if kept < tokens else None
    return Draw(t, noise, drop_condition, keep)


def loss(
    model: VelocityModel, x: Tensor, condition: Conditions, drawn: Draw, mask_weight: float
) -> Tensor:
    """The mean loss of data x [B, C, H, W] under its conditions.

    Flow matching: |v - (x - noise)|^2 at x_t = (1 - t) noise + t x, weighted as the prediction
    asks for (bench/models/prediction.py). A masked model is charged
    for it on visible tokens only, and on masked ones for lambda (1 - t)^2 |v|^2, the squared
    distance of the predicted data from x_t (arXiv 2601.01608, equation A4; MaskDiT's
    reconstruction of its noised input). Every sample has as many visible tokens as the others, so
    the loss of a batch is the mean of the losses of its equal parts.
    """
    t = drawn.t.view(-1, 1, 1, 1)
    x_t = (1 - t) * drawn.noise + t * x
    condition = model.null_condition(len(x)).where(drawn.drop_condition, condition)
    velocity = model(x_t, drawn.t, condition, drawn.keep).float()
    weight = model.prediction.loss_weight(drawn.t).view(-1, 1, 1, 1)
    error = weight * (velocity - (x - drawn.noise)).square()
    if drawn.keep is None or not isinstance(model, MaskedSiT):
        return error.mean()
    visible = visible_tokens(model, drawn.keep)
    reconstruction = ((1 - t) * velocity).square()
    return (
        model.patchify(error)[visible].mean()
        + mask_weight * model.patchify(reconstruction)[~visible].mean()
    )


def visible_tokens(model: VelocityModel, keep: Tensor) -> Tensor:
    """Tells of each token if it is among the kept ones: bool [B, T], from indices [B, K]."""
    visible = torch.zeros(len(keep), model.config.tokens, device=keep.device)
    return visible.scatter(1, keep, 1.0).bool()


class Objective(nn.Module):
    """`loss` as a module, for DistributedDataParallel: it averages the gradients of a module that
    it runs itself."""

    def __init__(self, model: VelocityModel, mask_weight: float):
        super().__init__()
        self.model, self.mask_weight = model, mask_weight

    def forward(self, x: Tensor, condition: Conditions, drawn: Draw) -> Tensor:
        return loss(self.model, x, condition, drawn, self.mask_weight)
