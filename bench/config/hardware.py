"""What the GPUs of a cluster are assumed to do."""

from __future__ import annotations

from dataclasses import dataclass

from bench.config.checks import check_positive


@dataclass(frozen=True)
class Hardware:
    """Assumptions that estimates of time rest on; no result does.

    Attributes:
        training_gpus: that one training is spread over.
        tera_macs_per_second: 10^12 MACs that one GPU does in a second of training or sampling.
        autoencoder_images_per_second: that it encodes or decodes.
        inception_images_per_second: that it extracts features of.
    """

    training_gpus: int = 1
    tera_macs_per_second: float = 150.0
    autoencoder_images_per_second: float = 150.0
    inception_images_per_second: float = 1000.0

    def __post_init__(self):
        check_positive(self, *vars(self))
