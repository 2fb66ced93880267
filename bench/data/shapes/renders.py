"""Perfect images of prompts of the shapes world."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from bench.data.shapes.prompts import Metadata
from bench.data.shapes.rendering import render
from bench.data.shapes.scenes import draw_scene
from bench.seeds import generator


def renders(prompts: Sequence[Metadata], seed: int) -> Tensor:
    """Images uint8 [N, 3, 48, 48] that fulfil the prompts and show nothing else."""
    streams = (generator(seed, "scene", index) for index in range(len(prompts)))
    scenes = [draw_scene(*pair) for pair in zip(prompts, streams)]
    return torch.from_numpy(render(scenes))
