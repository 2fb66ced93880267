"""Features of images, one file per shard."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from bench.errors import BadInput
from bench.metrics.classifier import read_classifier
from bench.tensors import read_tensors, write_tensors

KIND = "features"
BATCH = 512


@dataclass(frozen=True)
class Features:
    """Of N images: pool [N, D] (FID, precision, recall, KID), spatial [N, S] (sFID) and class
    probabilities [N, K] (IS)."""

    pool: Tensor
    spatial: Tensor
    probabilities: Tensor


class Extractor:
    """A trained classifier, from its file."""

    def __init__(self, weights: Path, device: str):
        self.classifier, self.device = read_classifier(weights).to(device), device
        self.sha256 = hashlib.sha256(Path(weights).read_bytes()).hexdigest()

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Features:
        """The features of uint8 images [N, C, H, W], on the CPU."""
        batches = [self.classifier.features(batch.to(self.device)) for batch in images.split(BATCH)]
        pool, spatial, logits = (
            torch.cat([batch[name].cpu() for batch in batches])
            for name in ("pool", "spatial", "logits")
        )
        return Features(pool, spatial, logits.double().softmax(1))


def write_features(path: Path, features: Features, extractor: Extractor, source: dict) -> None:
    """Writes features and where they are from: the header of the samples, or a split's name."""
    description = {"kind": KIND, "extractor_sha256": extractor.sha256, "source": source}
    write_tensors(path, vars(features), description)


def read_features(path: Path) -> tuple[Features, dict]:
    """The features and the header of one shard."""
    names = ("pool", "spatial", "probabilities")
    tensors, description = read_tensors(path, KIND, names, keys=("extractor_sha256", "source"))
    return Features(**tensors), description


def read_shards(paths: list[Path]) -> tuple[list[Features], list[dict]]:
    """The features and headers of several shards.

    Raises:
        BadInput: the shards were not all made with the same extractor.
    """
    shards, descriptions = zip(*map(read_features, paths))
    for path, description in zip(paths, descriptions):
        if description["extractor_sha256"] != descriptions[0]["extractor_sha256"]:
            raise BadInput(f"{path}: made with another extractor than {paths[0]}; make both anew")
    return list(shards), list(descriptions)
