"""What training minimizes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from bench.config.model import kept_tokens
from bench.config.training import TrainingConfig
from bench.models.masking import MaskedSiT
from bench.models.sit import SiT


@dataclass(frozen=True)
class Draw:
    """The random part of one training step, for B samples.

    Attributes:
        t: times [B], 0 noise to 1 data.
        noise: [B, C, H, W].
        drop_label: bool [B], where the null class takes the label's place.
        keep: indices of the processed tokens [B, K], or None for all.
    """

    t: Tensor
    noise: Tensor
    drop_label: Tensor
    keep: Tensor | None


def draw(model: SiT, settings: TrainingConfig, batch: int, stream: Generator) -> Draw:
    """Draws a step from its own stream, on the CPU; the same draws whatever the device."""
    config = model.config
    if settings.time == "uniform":
        t = torch.rand(batch, generator=stream)
    else:
        t = torch.randn(batch, generator=stream).sigmoid()
    shape = (batch, config.in_channels, config.input_size, config.input_size)
    noise = torch.randn(shape, generator=stream)
    drop_label = torch.rand(batch, generator=stream) < settings.class_dropout
    order = torch.rand(batch, config.tokens, generator=stream).argsort(dim=1)
    kept = kept_tokens(config.tokens, settings.sparsity)
    keep = order[:, :kept] if kept < config.tokens else None
    device = model.pos_embed.device
    moved = (t.to(device), noise.to(device), drop_label.to(device))
    return Draw(*moved, keep if keep is None else keep.to(device))


def loss(model: SiT, x: Tensor, y: Tensor, drawn: Draw, mask_weight: float) -> Tensor:
    """The mean loss of data x [B, C, H, W] with labels y [B].

    Flow matching: |v - (x - noise)|^2 at x_t = (1 - t) noise + t x. A masked model is charged
    for it on visible tokens only, and on masked ones for lambda (1 - t)^2 |v|^2, the squared
    distance of the predicted data from x_t (arXiv 2601.01608, equation A4; MaskDiT's
    reconstruction of its noised input).
    """
    t = drawn.t.view(-1, 1, 1, 1)
    x_t = (1 - t) * drawn.noise + t * x
    y = torch.where(drawn.drop_label, model.null_condition(len(y)), y)
    velocity = model(x_t, drawn.t, y, drawn.keep).float()
    error = (velocity - (x - drawn.noise)).square()
    if drawn.keep is None or not isinstance(model, MaskedSiT):
        return error.mean()
    visible = torch.zeros(len(x), model.config.tokens, device=x.device)
    visible = visible.scatter(1, drawn.keep, 1.0).bool()
    reconstruction = ((1 - t) * velocity).square()
    return (
        model.patchify(error)[visible].mean()
        + mask_weight * model.patchify(reconstruction)[~visible].mean()
    )
