"""The small classifier in whose features a small scale is measured."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bench.data.pixels import from_uint8
from bench.evaluation.features import Features, concatenate
from bench.files.hashes import sha256_of
from bench.files.tensors import read_tensors

KIND = "classifier"
# As the ADM evaluator takes the first 7 channels of one Inception convolution for sFID.
SPATIAL_CHANNELS = 7
BATCH = 512


class Classifier(nn.Module):
    """uint8 images [B, C, H, W] to logits [B, num_classes], over three convolutions."""

    def __init__(self, in_channels: int, num_classes: int, width: int):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width // 2, 3, padding=1)
        self.conv2 = nn.Conv2d(width // 2, width, 3, stride=2, padding=1)
        self.conv3 = nn.Conv2d(width, width, 3, padding=1)
        self.head = nn.Linear(width, num_classes)

    def layers(self, images: Tensor) -> list[Tensor]:
        """The outputs [B, C, h, w] of the three convolutions, before the last one's ReLU."""
        first = F.relu(self.conv1(from_uint8(images)))
        second = F.relu(self.conv2(first))
        return [first, second, self.conv3(second)]

    def features(self, images: Tensor) -> dict[str, Tensor]:
        """pool [B, width]; spatial [B, 7 h w], the raw output of the last convolution's first 7
        channels; logits [B, num_classes]."""
        raw = self.layers(images)[-1]
        pool = F.relu(raw).mean((2, 3))
        spatial = raw[:, :SPATIAL_CHANNELS].flatten(1)
        return {"pool": pool, "spatial": spatial, "logits": self.head(pool)}

    def forward(self, images: Tensor) -> Tensor:
        return self.features(images)["logits"]


class ClassifierExtractor:
    """A trained classifier as an `Extractor`.

    pool [N, width]; spatial [N, 7 h w]; probabilities [N, num_classes], float64.

    Raises:
        BadInput: the file holds no classifier.
    """

    def __init__(self, weights: Path, device: str):
        self.network, self.device = read_classifier(weights).to(device), device
        self.name = f"classifier {sha256_of(weights)[:12]}"

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Features:
        return concatenate(self._features(batch) for batch in images.split(BATCH))

    def pool(self, images: Tensor) -> Tensor:
        return self(images)["pool"]

    def _features(self, images):
        found = self.network.features(images.to(self.device))
        probabilities = found.pop("logits").double().softmax(1)
        return {**found, "probabilities": probabilities}


def read_classifier(weights: Path) -> Classifier:
    """The trained classifier of a file.

    Raises:
        BadInput: the file holds no classifier.
    """
    tensors, description = read_tensors(weights, KIND)
    classifier = Classifier(**description["architecture"])
    classifier.load_state_dict(tensors)
    return classifier.eval().requires_grad_(False)
