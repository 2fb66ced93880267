"""The autoencoder between images and latents: diffusers' AutoencoderKL (stabilityai/sd-vae-ft-ema
for the paper, Flux's for PRX), always in fp32."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from torch import Tensor

from bench.config.data import CHANNELS, DOWNSAMPLING
from bench.data.pixels import from_uint8
from bench.errors import BadInput
from bench.files.hashes import sha256_of
from bench.files.tensors import check_finite

WEIGHTS = "diffusion_pytorch_model.safetensors"
# Latents that are decoded at a time, however many the models sample: in here an image is large.
BATCH = 32


class Autoencoder:
    """A folder with ``config.json`` and ``diffusion_pytorch_model.safetensors``.

    Args:
        channels: C, of the latents.

    Attributes:
        scaling_factor, shift: latents that models see are the autoencoder's own less the shift,
            times the factor, so that their variance is about 1.
        sha256: of the weights, the factor and the shift, that is of what latents depend on.

    Raises:
        BadInput: the folder holds no such autoencoder, one with latents of another shape, or
            weights that are not whole or not finite.
    """

    def __init__(self, folder: Path, device: str, channels: int = CHANNELS):
        self.network = _read(folder, channels).to(device).eval().requires_grad_(False)
        self.scaling_factor = self.network.config.scaling_factor
        self.shift = self.network.config.shift_factor or 0.0
        parts = [sha256_of(folder / WEIGHTS), self.scaling_factor, self.shift]
        self.sha256 = hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @torch.inference_mode()
    def encode(self, images: Tensor) -> Tensor:
        """The posterior of uint8 images [B, 3, H, W]: [B, 2 C, H / 8, W / 8], the mean's channels
        and then the logarithm of the variance's, neither shifted nor scaled."""
        pixels = from_uint8(images.to(self.network.device))
        return self.network.encode(pixels).latent_dist.parameters

    @torch.inference_mode()
    def decode(self, latents: Tensor) -> Tensor:
        """Images [B, 3, H, W] of -1..1, roughly, of latents [B, C, H / 8, W / 8] as models see
        them."""
        own = latents.float() / self.scaling_factor + self.shift
        return torch.cat([self.network.decode(part).sample for part in own.split(BATCH)])


def _read(folder, channels):
    from diffusers import AutoencoderKL

    try:
        network, loading = AutoencoderKL.from_pretrained(
            str(folder),
            local_files_only=True,
            use_safetensors=True,
            low_cpu_mem_usage=False,
            torch_dtype=torch.float32,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        problem = str(error).strip().splitlines()[0]
        raise BadInput(f"{folder}: holds no AutoencoderKL of diffusers ({problem})") from None
    # diffusers warns of such keys alone and leaves random weights in their places.
    for kind, names in (("lack", loading["missing_keys"]), ("have", loading["unexpected_keys"])):
        if names:
            raise BadInput(
                f"{folder / WEIGHTS}: the weights {kind} {sorted(names)[0]} and {len(names) - 1} "
                "other keys, but every key of the network is wanted and no other"
            )
    check_finite(folder / WEIGHTS, network.state_dict())
    shape = (network.config.latent_channels, 2 ** (len(network.config.block_out_channels) - 1))
    if shape != (channels, DOWNSAMPLING):
        raise BadInput(
            f"{folder}: its latents have {shape[0]} channels at 1/{shape[1]} of the size; the "
            f"models see {channels} at 1/{DOWNSAMPLING}"
        )
    return network
