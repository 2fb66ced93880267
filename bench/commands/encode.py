"""encode: turn one shard of a split's images into latents."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_config, add_device, add_out, add_split, choose_device
from bench.config.load import load
from bench.errors import BadInput


def add_arguments(parser):
    add_config(parser)
    add_split(parser)
    parser.add_argument("--images", required=True, type=Path, help="listing of `list-images`")
    parser.add_argument("--shard", required=True, type=int, help="its number, from 0")
    parser.add_argument(
        "--autoencoder", required=True, type=Path, help="folder of a diffusers AutoencoderKL"
    )
    add_out(parser, "the shard (.safetensors)")
    add_device(parser)


def run(options):
    from bench.models.autoencoder import Autoencoder
    from bench.stages.encode import encode_shard

    latents = load(options.config).required_latents
    shards = latents.shards[options.split]
    if not 0 <= options.shard < shards:
        raise BadInput(f"--shard: {options.shard} is not one of 0 to {shards - 1}")
    autoencoder = Autoencoder(options.autoencoder, choose_device(options.device))
    left_out = encode_shard(
        latents, options.split, options.images, options.shard, autoencoder, options.out
    )
    print(f"{options.out}: shard {options.shard} of {shards}, {left_out} images left out")
