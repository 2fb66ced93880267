"""The parts of a dataset: its description, its splits, and what a training reads of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from bench.data.conditions import Conditions


@dataclass(frozen=True)
class DatasetInfo:
    """The shape and the classes of the images as the models see them, known without loading any.

    Attributes:
        input_size: height and width; None, as the channels, of prompts without images.
        num_classes: None where there are captions or prompts in the place of classes.
    """

    input_size: int | None
    in_channels: int | None
    num_classes: int | None = None


@dataclass(frozen=True)
class Split:
    """Images uint8 [N, C, H, W] and their labels int64 [N]."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self):
        return len(self.labels)


class TrainingData(Protocol):
    """The samples that a model is trained on.

    Samples are read in the form they are stored in and decoded on the training device. The random
    numbers of the decoding (a latent's posterior noise, its flip) are drawn beforehand for a whole
    batch: each of several processes draws all of them and keeps those of its own samples.

    Attributes:
        null: the condition that stands for none, a batch of one; None where the model has its own.
    """

    null: Conditions | None

    @property
    def identity(self) -> dict[str, str]:
        """The hashes that tell these data from others: data_sha256 and, where models see latents,
        autoencoder_sha256. Checkpoints record them."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Tensor) -> tuple[Tensor, Conditions]:
        """The stored form [B, ...] and the conditions of the samples ``rows``, int64 [B]."""

    def draw(self, batch: int, stream: Generator) -> tuple[Tensor, ...]:
        """The random numbers that decode any ``batch`` samples: CPU tensors [batch, ...], or
        none."""

    def decode(self, stored: Tensor, *drawn: Tensor) -> Tensor:
        """The samples as the model learns them, float32 [B, C, H, W], from their stored form and
        their random numbers, all on one device; each sample depends on its own alone."""
