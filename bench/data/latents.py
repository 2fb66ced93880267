"""Latents of images: what the paper's models are trained on."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor

from bench.data.latent_shards import map_shard, read_manifest

# diffusers' own limits of the logarithm of the variance.
LOG_VARIANCE = (-30.0, 20.0)


class Latents:
    """The latents of a folder of shards, as `TrainingData`: a stored form is a posterior of the
    image and one of its mirror image, [B, 2, 8, h, w]."""

    def __init__(self, folder: Path):
        manifest = read_manifest(folder)
        counts = [len(entry["labels"]) for entry in manifest["files"]]
        self.ends = list(accumulate(counts))
        self.shards = [
            map_shard(folder / entry["file"], count)
            for entry, count in zip(manifest["files"], counts)
        ]
        self.labels = np.concatenate([entry["labels"] for entry in manifest["files"]])
        self.scaling_factor = manifest["scaling_factor"]

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        rows = rows.tolist()
        moments = np.stack([self._moments(row) for row in rows])
        return torch.from_numpy(moments), torch.from_numpy(self.labels[rows])

    def decode(self, stored: Tensor, stream: Generator) -> Tensor:
        """A draw from each posterior, of the image or its mirror image, float32 [B, 4, h, w]."""
        raise NotImplementedError

    def mean(self, stored: Tensor) -> Tensor:
        """The posterior's mean of each image, float32 [B, 4, h, w]."""
        mean, _ = stored[:, 0].chunk(2, dim=1)
        return mean * self.scaling_factor

    def _moments(self, row):
        shard = bisect_right(self.ends, row)
        return self.shards[shard][row - self.ends[shard]]
