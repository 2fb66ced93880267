"""The ADM protocol's feature extractor, in place of a small scale's own classifier."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InceptionConfig:
    """Names of the zoo, or paths.

    Attributes:
        weights: of the Inception network of 2015, as torch-fidelity stores them.
        reference: an ADM reference batch (.npz).
        lpips: torchvision's AlexNet, for the perceptual distance.
    """

    weights: str = "inception-2015"
    reference: str = "adm-imagenet256"
    lpips: str = "alexnet"
