"""What a dataset consists of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Facts:
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
