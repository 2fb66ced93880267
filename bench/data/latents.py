"""Latents of images: what the paper's models are trained on."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor

from bench.data.conditions import Labels
from bench.data.latent_shards import MANIFEST, map_shard, read_manifest
from bench.files.hashes import sha256_of

# diffusers' own limits of the logarithm of the variance.
LOG_VARIANCE = (-30.0, 20.0)


class Latents:
    """The latents of a folder of shards, as `TrainingData`: a stored form is a posterior of the
    image and one of its mirror image, [B, 2, 8, h, w]."""

    def __init__(self, folder: Path):
        manifest = read_manifest(folder)
        self.identity = {
            # The manifest holds the hash of every shard.
            "data_sha256": sha256_of(folder / MANIFEST),
            "autoencoder_sha256": manifest["autoencoder_sha256"],
        }
        counts = [len(entry["labels"]) for entry in manifest["files"]]
        self.ends = list(accumulate(counts))
        self.shards = [
            map_shard(folder / entry["file"], count)
            for entry, count in zip(manifest["files"], counts)
        ]
        self.labels = np.concatenate([entry["labels"] for entry in manifest["files"]])
        self.scaling_factor = manifest["scaling_factor"]
        _, moments, *size = manifest["moments_shape"]
        self.shape = (moments // 2, *size)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: Tensor) -> tuple[Tensor, Labels]:
        rows = rows.tolist()
        moments = np.stack([self._moments(row) for row in rows])
        return torch.from_numpy(moments), Labels(torch.from_numpy(self.labels[rows]))

    def draw(self, batch: int, stream: Generator) -> tuple[Tensor, Tensor]:
        """Whether each image is mirrored, [batch], and its posterior's noise, [batch, 4, h, w]."""
        mirrored = torch.rand(batch, generator=stream) < 0.5
        return mirrored, torch.randn((batch, *self.shape), generator=stream)

    def decode(self, stored: Tensor, mirrored: Tensor, noise: Tensor) -> Tensor:
        """A draw from the posterior of each image or of its mirror image, scaled."""
        moments = torch.where(mirrored.view(-1, 1, 1, 1), stored[:, 1], stored[:, 0])
        mean, log_variance = moments.chunk(2, dim=1)
        deviation = (log_variance.clamp(*LOG_VARIANCE) / 2).exp()
        return (mean + deviation * noise) * self.scaling_factor

    def mean(self, stored: Tensor) -> Tensor:
        """The posterior's mean of each image, float32 [B, 4, h, w]."""
        mean, _ = stored[:, 0].chunk(2, dim=1)
        return mean * self.scaling_factor

    def _moments(self, row):
        shard = bisect_right(self.ends, row)
        return self.shards[shard][row - self.ends[shard]]
