"""A small autoencoder with random weights, in diffusers' own files."""

from __future__ import annotations

from pathlib import Path

import torch


def write_autoencoder(folder: Path, **changes) -> Path:
    """25,000 parameters; latents of 4 channels at an eighth of the size, as the paper's."""
    from diffusers import AutoencoderKL

    torch.manual_seed(0)
    settings = {
        "block_out_channels": (8, 8, 8, 8),
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "latent_channels": 4,
        "layers_per_block": 1,
        "norm_num_groups": 4,
    }
    AutoencoderKL(**(settings | changes)).save_pretrained(folder)
    return folder
