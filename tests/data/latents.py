"""Small folders of latents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from torch import Tensor

from bench.data.latent_shards import write_shard
from bench.data.shards import shard_name


def write_latents(
    folder: Path, shards: Sequence[Iterable[tuple[int, Tensor, int]]], side: int = 2, **header
) -> list[Path]:
    """Writes a shard for each of ``shards``, of rows, moments [2, 8, side, side] and labels, and
    returns their paths; ``header`` replaces what their headers say."""
    description = {
        "moments_shape": [2, 8, side, side],
        "scaling_factor": 1.0,
        "autoencoder_sha256": "a",
        "listing_sha256": "b",
        "shards": len(shards),
        "unreadable": [],
        **header,
    }
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / shard_name(index) for index in range(len(shards))]
    for path, samples in zip(paths, shards):
        samples = list(samples)
        write_shard(path, samples, len(samples), description)
    return paths
