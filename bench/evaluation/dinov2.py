"""DINOv2 (arXiv 2304.07193), whose features FD-DINOv2 (arXiv 2306.04675) compares."""

from __future__ import annotations

from math import isqrt
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bench.errors import BadInput
from bench.evaluation.features import Features, concatenate
from bench.files.hashes import sha256_of
from bench.models.published import read_published

SIDE = 224
# Mean and deviation of ImageNet's pixels in [0, 1].
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
# The width of an attention head in ViT-S, ViT-B and ViT-L; a file does not tell it.
HEAD_WIDTH = 64
BATCH = 64


class DinoV2Extractor:
    """The network as its authors publish it (``dinov2_vitl14_pretrain.pth``), by timm, in fp32.

    dinov2 [N, D]: the class token after the last norm; D is 1,024 for ViT-L/14, the network of
    FD-DINOv2. Images are resized to 224 x 224 as in EDM2's evaluation (arXiv 2312.02696): bicubic,
    antialiased, neither clipped nor rounded.

    Raises:
        BadInput: the file holds other weights, or more than weights.
    """

    def __init__(self, weights: Path, device: str):
        self.network, self.device = _read(weights).to(device), device
        self.name = f"dinov2 {sha256_of(weights)[:12]}"
        self.mean, self.std = (
            torch.tensor(values, device=device).view(3, 1, 1) for values in (MEAN, STD)
        )

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Features:
        return concatenate({"dinov2": self._features(batch)} for batch in images.split(BATCH))

    def _features(self, images):
        pixels = F.interpolate(
            images.to(self.device).float(), size=(SIDE, SIDE), mode="bicubic", antialias=True
        )
        return self.network((pixels / 255 - self.mean) / self.std)


def build_network(weights: dict[str, Tensor]) -> nn.Module:
    """The vision transformer that published weights are of, with them, for images of 224 x 224.

    Raises:
        BadInput: the weights are not those of a DINOv2 without registers and with an MLP.
    """
    from timm.models.vision_transformer import VisionTransformer

    # Learned for the masked patches of training.
    weights = {name: values for name, values in weights.items() if name != "mask_token"}
    try:
        width, _, _, patch = weights["patch_embed.proj.weight"].shape
        # Without memory: the weights are put in the places of the network's own.
        with torch.device("meta"):
            network = VisionTransformer(
                img_size=SIDE,
                patch_size=patch,
                embed_dim=width,
                depth=sum(name.endswith(".norm1.weight") for name in weights),
                num_heads=width // HEAD_WIDTH,
                init_values=1.0,
                num_classes=0,
            )
        weights["pos_embed"] = resize_positions(weights["pos_embed"], SIDE // patch)
        network.load_state_dict(weights, assign=True)
    except (KeyError, ValueError, ZeroDivisionError, AssertionError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:120]
        raise BadInput(
            f"not DINOv2's weights ({reason}); `download dinov2-vitl14` has them"
        ) from None
    return network.eval().requires_grad_(False)


def resize_positions(embedding: Tensor, side: int) -> Tensor:
    """The position embedding [1, 1 + M M, D] for a grid of ``side`` x ``side`` patches.

    As in the authors' code: bicubic, not antialiased, and with 0.1 of a patch added to the side
    that gives the scale. The published embeddings are of 37 x 37 patches; EDM2 uses 16 x 16.
    """
    token, patches = embedding[:, :1], embedding[:, 1:]
    grid = isqrt(patches.shape[1])
    if grid == side:
        return embedding
    square = patches.unflatten(1, (grid, grid)).permute(0, 3, 1, 2)
    scale = (side + 0.1) / grid
    resized = F.interpolate(square, scale_factor=(scale, scale), mode="bicubic")
    return torch.cat([token, resized.flatten(2).transpose(1, 2)], dim=1)


def _read(weights):
    tensors = read_published(weights)
    try:
        return build_network(tensors)
    except BadInput as error:
        raise error.in_file(weights) from None
