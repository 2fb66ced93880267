"""Captioned images of the shapes world to train on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator

from bench.data.geneval import COLORS
from bench.data.shapes.captions import caption
from bench.data.shapes.prompts import combination, held_out_combinations, prompts
from bench.data.shapes.rendering import render
from bench.data.shapes.scenes import Scene, draw_scene
from bench.seeds import generator

# How often each task is drawn: the harder, the more often.
WEIGHTS = {
    "single_object": 0.10,
    "two_object": 0.14,
    "counting": 0.18,
    "colors": 0.12,
    "position": 0.23,
    "color_attr": 0.23,
}
# Half of their captions also name the colours, which their prompts leave open, unless that asks for
# what tuning or test ask for.
ALSO_WITH_COLORS = ("single_object", "two_object", "position")


@dataclass(frozen=True, eq=False)
class CaptionedImages:
    """Images uint8 [N, 3, 48, 48] and a caption of each."""

    images: np.ndarray
    captions: Sequence[str]


def captioned_images(seed: int, indices: Sequence[int]) -> CaptionedImages:
    """The training images ``indices`` of a seed; each is a function of the seed and its index.

    Their captions never ask for what tuning and test ask for (`prompts.held_out_combinations`), and
    name two objects in reading order.
    """
    scenes, captions = zip(*(_captioned_scene(seed, index) for index in indices))
    return CaptionedImages(render(scenes), captions)


def training_captions(seed: int, indices: Sequence[int]) -> list[str]:
    """The captions of `captioned_images`, without the images."""
    return [_captioned_scene(seed, index)[1] for index in indices]


def _captioned_scene(seed, index):
    # Not in `described_scene`: the preference score, which learns from that, is to expect no order.
    scene, include = described_scene(generator(seed, "scene", index))
    return scene, caption(_in_reading_order(include, scene.centres))


def _in_reading_order(include, centres):
    """The clauses of "a star and a heart" with the one in front whose object is further to the
    upper left; a caption with a relation says itself what is where.

    Were the order of all nouns random, neither it nor the relation would tell anything without the
    other: a parity, which trials did not learn. From this order they learnt places, and then what
    a relation makes of them.
    """
    if len(include) == 1 or "position" in include[-1]:
        return include
    first, last = centres.sum(axis=1)
    return include if first < last else include[::-1]


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
