"""Ways to spoil images of the shapes world, in three severities each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from bench.data.shapes import BACKGROUND, SIDE

SEVERITIES = (1, 2, 3)
# By severity: the deviation of a Gaussian in pixels; of noise, in levels of 255; the share of the
# background that is mixed in; by how much the difference from the background grows; the deviation
# of a displacement in pixels.
BLUR = (0.6, 1.0, 1.6)
NOISE = (15.0, 35.0, 70.0)
FADING = (0.25, 0.45, 0.65)
EXAGGERATION = (0.2, 0.5, 1.0)
DISTORTION = (0.7, 1.3, 2.2)
# Displacements are drawn on a grid of so many points a side.
KNOTS = 7


def blur(images: Tensor, severity: int, stream: Generator) -> Tensor:
    deviation = BLUR[severity - 1]
    reach = int(3 * deviation + 1)
    offsets = torch.arange(-reach, reach + 1)
    kernel = torch.exp(-0.5 * (offsets / deviation) ** 2)
    kernel = (kernel / kernel.sum()).view(1, 1, 1, -1)
    planes = F.pad(images.flatten(0, 1)[:, None], 4 * [reach], mode="replicate")
    blurred = F.conv2d(F.conv2d(planes, kernel), kernel.transpose(2, 3))
    return blurred.view_as(images)


def add_noise(images: Tensor, severity: int, stream: Generator) -> Tensor:
    return images + NOISE[severity - 1] * torch.randn(images.shape, generator=stream)


def fade(images: Tensor, severity: int, stream: Generator) -> Tensor:
    return images.lerp(_background(images), FADING[severity - 1])


def exaggerate(images: Tensor, severity: int, stream: Generator) -> Tensor:
    """More contrast than the world has, as too strong a guidance gives."""
    return images.lerp(_background(images), -EXAGGERATION[severity - 1])


def distort(images: Tensor, severity: int, stream: Generator) -> Tensor:
    knots = torch.randn(len(images), 2, KNOTS, KNOTS, generator=stream)
    moved = F.interpolate(knots, size=(SIDE, SIDE), mode="bicubic", align_corners=True)
    # grid_sample's coordinates run from -1 to 1 over the image.
    moved = moved.movedim(1, 3) * DISTORTION[severity - 1] * (2 / SIDE)
    points = (torch.arange(SIDE) + 0.5) * (2 / SIDE) - 1
    still = torch.stack(torch.meshgrid(points, points, indexing="xy"), dim=2)
    return F.grid_sample(images, still + moved, padding_mode="border", align_corners=False)


# From float images [B, 3, 48, 48] of 0 to 255 to spoilt ones.
DEGRADATIONS: Mapping[str, Callable[[Tensor, int, Generator], Tensor]] = {
    "blur": blur,
    "noise": add_noise,
    "fading": fade,
    "exaggeration": exaggerate,
    "distortion": distort,
}


def degrade(images: Tensor, kind: str, severity: int, stream: Generator) -> Tensor:
    """Images uint8 [B, 3, 48, 48], spoilt; severity 0 leaves them as they are."""
    if severity == 0:
        return images
    spoilt = DEGRADATIONS[kind](images.float(), severity, stream)
    return spoilt.round().clamp(0, 255).to(torch.uint8)


def _background(images):
    return torch.tensor(BACKGROUND, dtype=images.dtype).view(3, 1, 1)
