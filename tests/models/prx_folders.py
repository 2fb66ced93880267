"""A small PRX with random weights, in diffusers' own files."""

from __future__ import annotations

from pathlib import Path

import torch

from bench.data.prompts import Prompts

ARCHITECTURE = {
    "in_channels": 6,
    "patch_size": 2,
    "context_in_dim": 16,
    "hidden_size": 24,
    "mlp_ratio": 2.5,
    "num_heads": 2,
    "depth": 4,
    "axes_dim": [4, 8],
}
# What the folder does not state.
OURS = {"input_size": 8, "text_length": 14, "route": [1, 2]}


def write_prx(folder: Path) -> Path:
    """A PRXTransformer2DModel; no weight is zero, so nothing is hidden."""
    from diffusers import PRXTransformer2DModel

    torch.manual_seed(0)
    network = PRXTransformer2DModel(**ARCHITECTURE)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    network.save_pretrained(folder)
    return folder


def random_prompts(count: int) -> Prompts:
    """Prompts of 1 to 5 tokens."""
    stream = torch.Generator().manual_seed(0)
    states = torch.randn(count, 14, 16, generator=stream).bfloat16()
    mask = torch.arange(14) < torch.arange(count).unsqueeze(1) % 5 + 1
    return Prompts(states * mask.unsqueeze(2), mask, torch.arange(count))
