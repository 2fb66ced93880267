"""Feature extractors: networks that turn images into features, by the files of their weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from torch import Tensor

from bench.errors import BadInput
from bench.evaluation.classifier import ClassifierExtractor
from bench.evaluation.dinov2 import DinoV2Extractor
from bench.evaluation.features import Features
from bench.evaluation.inception import InceptionExtractor
from bench.models.published import read_published

# Each network by a tensor that its files alone have.
NETWORKS = {
    "conv1.weight": ClassifierExtractor,
    "Conv2d_1a_3x3.conv.weight": InceptionExtractor,
    "patch_embed.proj.weight": DinoV2Extractor,
}


class Extractor(Protocol):
    """A network that gives features of images, or several.

    Attributes:
        name: the network's, with the beginning of its weights' SHA-256; every row records it.
    """

    name: str

    def __call__(self, images: Tensor) -> Features:
        """All features of uint8 images [N, C, H, W], on the CPU."""


class PoolExtractor(Extractor, Protocol):
    """The network that a scale's FID is defined with."""

    def pool(self, images: Tensor) -> Tensor:
        """The features "pool" [N, D] alone, on the CPU, which is all that a FID takes."""


class SeveralExtractors:
    """Several networks as one `Extractor`, which gives the features of all of them.

    Raises:
        BadInput: when called, two networks give features of one name.
    """

    def __init__(self, extractors: Sequence[Extractor]):
        self.extractors = extractors
        self.name = " + ".join(extractor.name for extractor in extractors)

    def __call__(self, images: Tensor) -> Features:
        features = {}
        for extractor in self.extractors:
            found = extractor(images)
            common = sorted(features.keys() & found.keys())
            if common:
                raise BadInput(
                    f"--extractor: more than one of {self.name} gives {', '.join(common)}; name "
                    "one of them"
                )
            features |= found
        return features


def load_extractor(weights: Path, device: str) -> Extractor:
    """The network whose weights a file holds: a classifier of `train_classifier` (.safetensors),
    torch-fidelity's Inception, or DINOv2 as its authors publish it.

    Raises:
        BadInput: the file holds the weights of none of them.
    """
    found = read_published(weights)
    for tensor, network in NETWORKS.items():
        if tensor in found:
            return network(weights, device)
    raise BadInput(
        f"{weights}: the weights of no network that gives features; take a file of `extractor`, or "
        "`download inception-2015`"
    )


def load_extractors(weights: Sequence[Path], device: str) -> Extractor:
    """The networks of several files as one extractor.

    Raises:
        BadInput: as `load_extractor`.
    """
    extractors = [load_extractor(path, device) for path in weights]
    return extractors[0] if len(extractors) == 1 else SeveralExtractors(extractors)
