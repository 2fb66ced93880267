"""What the scale imagenet256-standin is run on, in the formats of the real thing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from bench.models import build
from tests.data.images import write_image_folder
from tests.models.autoencoders import write_autoencoder

CLASSES = tuple(f"n0{index}" for index in range(4))
SIZE = 64
# SiT's published file: one more class for the null label, sigma's channels learnt and unused.
SIT = {
    "input_size": SIZE // 8,
    "in_channels": 4,
    "num_classes": len(CLASSES),
    "patch_size": 2,
    "hidden_size": 16,
    "depth": 2,
    "num_heads": 2,
}


def write_standin(folder: Path, inception: Path, alexnet: Path) -> None:
    """220 JPEGs in ImageNet's layout, an autoencoder, a SiT, a reference batch, and links to the
    weights of the two evaluation networks."""
    write_image_folder(folder / "imagenet" / "train", 50, seed=0, classes=CLASSES)
    write_image_folder(folder / "imagenet" / "val", 5, seed=1, classes=CLASSES)
    artefacts = folder / "artefacts"
    write_autoencoder(artefacts / "autoencoder")
    write_sit(artefacts / "sit.pt")
    write_reference(artefacts / "reference.npz", images=8)
    (artefacts / "inception.pth").symlink_to(inception)
    (artefacts / "alexnet.pth").symlink_to(alexnet)


def write_sit(path: Path) -> None:
    """Random weights under the official code's names, sigma's half of the last layer included."""
    torch.manual_seed(0)
    shapes = {name: list(value.shape) for name, value in build(SIT).state_dict().items()}
    for name in ("final_layer.linear.weight", "final_layer.linear.bias"):
        shapes[name][0] *= 2
    weights = {name: 0.05 * torch.randn(shape) for name, shape in shapes.items()}
    torch.save({"ema": weights}, path)


def write_reference(path: Path, images: int) -> None:
    """An ADM reference batch: images, and statistics that are not those of the images."""
    rng = np.random.default_rng(0)
    statistics = {}
    for suffix, width in (("", 2048), ("_s", 2023)):
        features = rng.random((64, width))
        statistics[f"mu{suffix}"] = features.mean(0)
        statistics[f"sigma{suffix}"] = np.cov(features, rowvar=False)
    pixels = rng.integers(0, 256, (images, SIZE, SIZE, 3), dtype=np.uint8)
    np.savez(path, arr_0=pixels, **statistics)
