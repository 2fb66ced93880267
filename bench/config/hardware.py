"""What the GPUs of a cluster are assumed to do."""

from __future__ import annotations

from dataclasses import dataclass

from bench.config.checks import check_positive


@dataclass(frozen=True)
class Hardware:
    """What jobs are given, and assumptions that estimates of time rest on; no result does.

    Attributes:
        training_gpus: that one training is spread over.
        feature_threads: CPU threads that resize images for one GPU that extracts their features.
        tera_macs_per_second: 10^12 MACs that one GPU does in a second of training or sampling.
        autoencoder_images_per_second: that it encodes or decodes.
        inception_images_per_second: that it extracts features of, their resizing included.
    """

    training_gpus: int = 1
    feature_threads: int = 1
    tera_macs_per_second: float = 150.0
    autoencoder_images_per_second: float = 150.0
    inception_images_per_second: float = 500.0

    def __post_init__(self):
        check_positive(self, *vars(self))
