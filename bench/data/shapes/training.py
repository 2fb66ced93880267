"""Captioned images of the shapes world to train on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator

from bench.data.geneval import COLORS
from bench.data.shapes.captions import caption
from bench.data.shapes.prompts import MIRRORED, combination, held_out_combinations, prompts
from bench.data.shapes.rendering import render
from bench.data.shapes.scenes import Scene, draw_scene
from bench.seeds import generator

# How often each task is drawn: the harder, the more often.
WEIGHTS = {
    "single_object": 0.06,
    "two_object": 0.14,
    "counting": 0.20,
    "colors": 0.08,
    "position": 0.34,
    "color_attr": 0.18,
}
# Half of their captions also name the colours, which their prompts leave open.
ALSO_WITH_COLORS = ("single_object", "two_object", "position")


@dataclass(frozen=True, eq=False)
class CaptionedImages:
    """Images uint8 [N, 3, 48, 48] and a caption of each."""

    images: np.ndarray
    captions: Sequence[str]


def captioned_images(seed: int, indices: Sequence[int]) -> CaptionedImages:
    """The training images ``indices`` of a seed; each is a function of the seed and its index.

    Their captions never ask for what tuning and test ask for (`prompts.held_out_combinations`).
    """
    scenes, captions = zip(*(_captioned_scene(seed, index) for index in indices))
    return CaptionedImages(render(scenes), captions)


def training_captions(seed: int, indices: Sequence[int]) -> list[str]:
    """The captions of `captioned_images`, without the images."""
    return [_captioned_scene(seed, index)[1] for index in indices]


def _captioned_scene(seed, index):
    """A scene and its caption, three in four of those with a relation from the left or from above.

    As many of each would leave the order of two nouns telling nothing by itself, and the relation
    neither: a parity, which trials did not learn. The order alone they learnt within 300 steps.
    """
    stream = generator(seed, "scene", index)
    scene, include = described_scene(stream)
    if torch.rand((), generator=stream) < 0.5:
        include = _from_the_left_or_above(include)
    return scene, caption(include)


def _from_the_left_or_above(include):
    """Of "a heart right of a star" the clauses of "a star left of a heart"; others stay."""
    relation = include[-1].get("position", [None])[0]
    if relation not in MIRRORED:
        return include
    target, placed = include
    unplaced = {key: value for key, value in placed.items() if key != "position"}
    return [unplaced, {**target, "position": [MIRRORED[relation], 0]}]


def described_scene(stream: Generator) -> tuple[Scene, list[dict]]:
    """A random scene of a prompt for training, and the clauses of its caption."""
    task = torch.multinomial(torch.tensor([*WEIGHTS.values()]), 1, generator=stream)
    possible = prompts("train", list(WEIGHTS)[task])
    metadata = possible[torch.randint(len(possible), (), generator=stream)]
    scene = draw_scene(metadata, stream)
    if metadata["tag"] in ALSO_WITH_COLORS and torch.rand((), generator=stream) < 0.5:
        # These tasks have one object a clause.
        include = [
            {**clause, "color": COLORS[color]}
            for clause, color in zip(metadata["include"], scene.colors)
        ]
        if not _is_held_out(include):
            return scene, include
    return scene, metadata["include"]


def _is_held_out(include):
    """Whether the objects, in whatever relation, are a held-out combination."""
    objects = [{key: clause[key] for key in ("class", "count", "color")} for clause in include]
    return combination(objects) in held_out_combinations()
