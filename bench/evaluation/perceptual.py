"""The perceptual distance of two images, in the layers of a scale's own classifier."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from bench.evaluation.classifier import Classifier


@torch.inference_mode()
def perceptual_distance(classifier: Classifier, a: Tensor, b: Tensor) -> Tensor:
    """The distance [B] of uint8 images [B, C, H, W], pair by pair.

    LPIPS (arXiv 1801.03924, equation 1) with the scale's own classifier as the network and every
    channel's weight 1: activations are normalized to unit length over the channels of each
    position, and their squared differences summed over channels, averaged over positions and
    summed over layers.
    """
    distance = torch.zeros(len(a), device=a.device)
    for layer_a, layer_b in zip(classifier.layers(a), classifier.layers(b)):
        difference = F.normalize(layer_a.relu(), dim=1) - F.normalize(layer_b.relu(), dim=1)
        distance += difference.square().sum(1).mean((1, 2))
    return distance
