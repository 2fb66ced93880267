"""The feature extractor of a small scale: a classifier trained on its own train split."""

from __future__ import annotations

from dataclasses import dataclass

from bench.config.checks import check_positive


@dataclass(frozen=True)
class ExtractorConfig:
    """Three convolutions and a linear layer.

    Attributes:
        width: pool features, and channels of the last convolutions.
        epochs, batch_size, learning_rate, seed: of its training with AdamW.
    """

    width: int = 64
    epochs: int = 60
    batch_size: int = 64
    learning_rate: float = 2e-3
    seed: int = 0

    def __post_init__(self):
        check_positive(self, "width", "epochs", "batch_size", "learning_rate")
