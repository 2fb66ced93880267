"""What the scores of the shapes world are for perfect images and for images of other prompts."""

from __future__ import annotations

import pandas as pd
import torch
from torch import Tensor

from bench.data.shapes.prompts import Metadata, Part, prompt_at
from bench.data.shapes.rendering import render
from bench.data.shapes.scenes import draw_scene
from bench.evaluation.judging import judge_images
from bench.evaluation.shapes_detector import ShapesDetector
from bench.seeds import generator


def ceiling(part: Part, count: int, seed: int) -> pd.DataFrame:
    """The judgements of renders of the first ``count`` prompts; all are to be correct."""
    images, prompts = _renders(part, count, seed)
    return judge_images(ShapesDetector(), images, prompts)


def floor(part: Part, count: int, seed: int) -> pd.DataFrame:
    """The same renders, judged by their shuffled prompts: what good images score by chance."""
    images, prompts = _renders(part, count, seed)
    order = torch.randperm(count, generator=generator(seed, "condition"))
    return judge_images(ShapesDetector(), images, [prompts[index] for index in order])


def _renders(part: Part, count: int, seed: int) -> tuple[Tensor, list[Metadata]]:
    prompts = [prompt_at(part, index) for index in range(count)]
    streams = (generator(seed, "scene", index) for index in range(count))
    scenes = [draw_scene(*pair) for pair in zip(prompts, streams)]
    return torch.from_numpy(render(scenes)), prompts
