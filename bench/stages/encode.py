"""Encodes images into latents, a shard at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bench.config.data import CHANNELS, LatentsConfig
from bench.data.latent_shards import write_shard
from bench.data.shards import shard_range
from bench.data.split_images import SplitImages
from bench.errors import BadInput
from bench.files.hashes import sha256_of
from bench.models.autoencoder import Autoencoder
from bench.progress import counted

BATCH = 32


def encode_shard(
    settings: LatentsConfig,
    split: str,
    listing: Path,
    index: int,
    autoencoder: Autoencoder,
    out: Path,
) -> int:
    """Encodes the images of one shard, each as it is and mirrored.

    Args:
        listing: CSV of the images of ``split``.
        index: the shard's, from 0.

    Returns:
        The number of images that could not be read and were left out.

    Raises:
        BadInput: an image cannot be read, and the settings refuse such images; or models see the
            autoencoder's latents shifted, which stored ones are not.
    """
    if autoencoder.shift:
        raise BadInput(
            f"latents.autoencoder: models see its latents less {autoencoder.shift}, but latents "
            "are stored for models that see them unshifted; take another"
        )
    images, shards = SplitImages(settings, split, listing), settings.shards[split]
    chosen = shard_range(len(images), index, shards)
    description = {
        "moments_shape": [2, 2 * CHANNELS, *2 * [settings.dataset_info.input_size]],
        "scaling_factor": autoencoder.scaling_factor,
        "autoencoder_sha256": autoencoder.sha256,
        "listing_sha256": sha256_of(listing),
        "shards": shards,
        # Grows while the images are read; the shard's header is written last.
        "unreadable": images.unreadable,
    }
    readable = images.read(counted(chosen, "image"))
    write_shard(out, _encoded(readable, autoencoder), len(chosen), description)
    return len(images.unreadable)


def _encoded(samples, autoencoder) -> Iterator[tuple[int, Tensor, int]]:
    """The row, the moments [2, 8, h, w] and the label of each image."""
    batch = []
    for sample in samples:
        batch.append(sample)
        if len(batch) == BATCH:
            yield from _encode_batch(batch, autoencoder)
            batch = []
    if batch:
        yield from _encode_batch(batch, autoencoder)


def _encode_batch(batch, autoencoder):
    rows, images, labels = zip(*batch)
    pixels = torch.from_numpy(np.stack(images))
    both = [autoencoder.encode(side).cpu() for side in (pixels, pixels.flip(-1))]
    yield from zip(rows, torch.stack(both, dim=1), labels)
