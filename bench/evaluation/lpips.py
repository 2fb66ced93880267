"""LPIPS (arXiv 1801.03924) by its authors' package, on AlexNet."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from torch import Tensor

from bench.data.pixels import from_uint8
from bench.errors import BadInput
from bench.models.published import read_published


class Lpips:
    """The perceptual distance of two images, by LPIPS.

    ``backbone`` is the file of torchvision's AlexNet; the weights of its channels come with the
    package.

    Raises:
        BadInput: the file holds other weights.
    """

    def __init__(self, backbone: Path, device: str):
        from lpips import LPIPS

        with warnings.catch_warnings():
            # The package asks torchvision for random weights by a deprecated argument.
            warnings.simplefilter("ignore", UserWarning)
            self.network = LPIPS(net="alex", pnet_rand=True, verbose=False)
        found = read_published(backbone)
        # The package cuts torchvision's `features` into slices and keeps the layers' numbers.
        for name, parameter in self.network.net.named_parameters():
            layer = f"features.{name.split('.', 1)[1]}"
            if layer not in found or found[layer].shape != parameter.shape:
                raise BadInput(f"{backbone}: has no {layer} of AlexNet; take torchvision's weights")
            parameter.data.copy_(found[layer])
        self.network.to(device).requires_grad_(False)

    @torch.inference_mode()
    def __call__(self, a: Tensor, b: Tensor) -> Tensor:
        """The distance [B] of uint8 images [B, 3, H, W], pair by pair."""
        return self.network(from_uint8(a), from_uint8(b)).flatten()
