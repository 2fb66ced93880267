"""Latents of images, which the paper's models are trained on."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, chain
from pathlib import Path

import torch
from torch import Generator, Tensor

from bench.data.conditions import Labels
from bench.data.latent_shards import ShardMoments, read_manifest
from bench.data.shards import MANIFEST
from bench.files.hashes import sha256_of

# The limits that diffusers sets to the logarithm of the variance.
LOG_VARIANCE = (-30.0, 20.0)


class Latents:
    """The latents of a folder of shards, as `TrainingData`.

    Attributes:
        listing_sha256: of the listing of images that they were encoded from.

    The stored form of an image is its posterior and that of its mirror image, [B, 2, 8, h, w].

    Raises:
        BadInput: the folder has no manifest, or a shard of it is missing, truncated or another
            file.
    """

    null = None

    def __init__(self, folder: Path):
        manifest = read_manifest(folder)
        self.identity = {
            # The manifest holds the hash of every shard.
            "data_sha256": sha256_of(folder / MANIFEST),
            "autoencoder_sha256": manifest["autoencoder_sha256"],
        }
        labels = [entry["labels"] for entry in manifest["files"]]
        self.shards = [ShardMoments(folder / entry["file"]) for entry in manifest["files"]]
        self.starts = list(accumulate(map(len, labels[:-1]), initial=0))
        self.labels = torch.tensor(list(chain.from_iterable(labels)), dtype=torch.int64)
        self.listing_sha256 = manifest["listing_sha256"]
        self.scaling_factor = manifest["scaling_factor"]
        _, moments, *size = manifest["moments_shape"]
        self.shape = (moments // 2, *size)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: Tensor) -> tuple[Tensor, Labels]:
        moments = torch.stack([self._moments(row) for row in rows.tolist()])
        return moments, Labels(self.labels[rows])

    @property
    def rows(self) -> Tensor:
        """The row of each image in the listing, int64 [N]: images that could not be read are
        missing."""
        return torch.cat([shard.rows for shard in self.shards])

    def draw(self, batch: int, stream: Generator) -> tuple[Tensor, Tensor]:
        """A coin that mirrors each image, bool [batch], and the noise of its posterior,
        [batch, 4, h, w]."""
        mirrored = torch.rand(batch, generator=stream) < 0.5
        return mirrored, torch.randn((batch, *self.shape), generator=stream)

    def decode(self, stored: Tensor, mirrored: Tensor, noise: Tensor) -> Tensor:
        """A draw from the posterior of each image or of its mirror image, scaled: float32
        [B, 4, h, w]."""
        moments = torch.where(mirrored.view(-1, 1, 1, 1), stored[:, 1], stored[:, 0])
        mean, log_variance = moments.chunk(2, dim=1)
        deviation = (log_variance.clamp(*LOG_VARIANCE) / 2).exp()
        return (mean + deviation * noise) * self.scaling_factor

    def mean(self, stored: Tensor) -> Tensor:
        """The scaled mean of each image's posterior, float32 [B, 4, h, w]."""
        mean, _ = stored[:, 0].chunk(2, dim=1)
        return mean * self.scaling_factor

    def _moments(self, row):
        shard = bisect_right(self.starts, row) - 1
        return self.shards[shard][row - self.starts[shard]]
