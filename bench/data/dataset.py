"""What a dataset consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from bench.data.conditions import Conditions


@dataclass(frozen=True)
class DatasetInfo:
    """Shape and classes of the images as the models see them; known without loading any."""

    input_size: int
    in_channels: int
    num_classes: int


@dataclass(frozen=True)
class Split:
    """images uint8 [N, C, H, W] and labels int64 [N]."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self):
        return len(self.labels)


class TrainingData(Protocol):
    """What a model is trained on.

    Samples are read in the form they are stored in and decoded on the training device. What is
    random in that (a latent's posterior noise, its flip) is drawn beforehand, for a whole batch:
    of several processes each draws all of it and keeps the part of its own samples.
    """

    @property
    def identity(self) -> dict[str, str]:
        """The hashes that tell these data from others: data_sha256 and, where models see latents,
        autoencoder_sha256. Checkpoints record them."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Tensor) -> tuple[Tensor, Conditions]:
        """The stored form [B, ...] and the conditions of the samples ``rows``, int64 [B]."""

    def draw(self, batch: int, stream: Generator) -> tuple[Tensor, ...]:
        """What is random in the decoding of ``batch`` samples, whichever they are: CPU tensors
        [batch, ...], or nothing."""

    def decode(self, stored: Tensor, *drawn: Tensor) -> Tensor:
        """What the model learns, float32 [B, C, H, W], of the stored form and the draws of B
        samples, all on one device; each sample by itself."""
