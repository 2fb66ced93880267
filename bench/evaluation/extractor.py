"""What turns images into features: a small scale's classifier, or the ADM protocol's Inception."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from bench.evaluation.classifier import read_classifier
from bench.evaluation.features import Features, joined
from bench.evaluation.inception import InceptionExtractor
from bench.files.hashes import sha256_of

BATCH = 512


class Extractor(Protocol):
    """See `load_extractor`; ``name`` is the network's, with the beginning of its weights'
    SHA-256."""

    name: str

    def __call__(self, images: Tensor) -> Features:
        """All features of uint8 images [N, C, H, W], on the CPU."""

    def pool(self, images: Tensor) -> Tensor:
        """The pooled features [N, D] alone, on the CPU: what a FID takes."""


class ClassifierExtractor:
    """A small scale's own classifier as an `Extractor`."""

    def __init__(self, weights: Path, device: str):
        self.name = f"classifier {sha256_of(weights)[:12]}"
        self.network, self.device = read_classifier(weights).to(device), device

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Features:
        return joined(self._features(batch) for batch in images.split(BATCH))

    def pool(self, images: Tensor) -> Tensor:
        return self(images).pool

    def _features(self, images):
        found = self.network.features(images.to(self.device))
        return Features(found["pool"], found["spatial"], found["logits"].double().softmax(1))


def load_extractor(weights: Path, device: str) -> Extractor:
    """A classifier of `train_classifier` (.safetensors), or torch-fidelity's Inception weights.

    Raises:
        BadInput: the file holds neither.
    """
    kind = ClassifierExtractor if weights.suffix == ".safetensors" else InceptionExtractor
    return kind(weights, device)
