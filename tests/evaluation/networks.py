"""Published files of feature networks, in small and with random weights."""

from __future__ import annotations

from pathlib import Path

import torch


def write_dinov2(path: Path, width: int = 64, depth: int = 2, grid: int = 37) -> None:
    """A file as DINOv2's authors publish it, of a narrow network with one head.

    Patches of 14 x 14 pixels, positions for ``grid`` x ``grid`` of them.
    """
    torch.manual_seed(0)
    shapes = {
        "cls_token": (1, 1, width),
        "pos_embed": (1, 1 + grid**2, width),
        "mask_token": (1, width),
        "patch_embed.proj.weight": (width, 3, 14, 14),
        "patch_embed.proj.bias": (width,),
        "norm.weight": (width,),
        "norm.bias": (width,),
    }
    for index in range(depth):
        block = {
            "norm1.weight": (width,),
            "norm1.bias": (width,),
            "attn.qkv.weight": (3 * width, width),
            "attn.qkv.bias": (3 * width,),
            "attn.proj.weight": (width, width),
            "attn.proj.bias": (width,),
            "ls1.gamma": (width,),
            "norm2.weight": (width,),
            "norm2.bias": (width,),
            "mlp.fc1.weight": (4 * width, width),
            "mlp.fc1.bias": (4 * width,),
            "mlp.fc2.weight": (width, 4 * width),
            "mlp.fc2.bias": (width,),
            "ls2.gamma": (width,),
        }
        shapes |= {f"blocks.{index}.{name}": shape for name, shape in block.items()}
    weights = {name: 0.1 * torch.randn(shape) for name, shape in shapes.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(weights, path)
