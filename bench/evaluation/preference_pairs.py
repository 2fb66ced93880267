"""Pairs of a better and a worse image of the shapes world for the same caption, or of a right and a
wrong caption for the same image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor

from bench.data.geneval import COLORS
from bench.data.shapes import SHAPES
from bench.data.shapes.captions import caption
from bench.data.shapes.contradictions import (
    OF_CAPTIONS,
    contradict,
    contradict_caption,
    possible_kinds,
)
from bench.data.shapes.degradations import DEGRADATIONS, SEVERITIES, degrade
from bench.data.shapes.rendering import render
from bench.data.shapes.scenes import CELL, CELLS, Scene
from bench.evaluation.shapes_preference import GRID, word_indices
from bench.seeds import generator

# A scene and the clauses of its caption, from a random stream.
Source = Callable[[Generator], tuple[Scene, list[dict]]]
# How often a kind of contradiction is drawn beside the others that a caption admits: more often
# what few captions admit, and what is learnt last.
WEIGHTS = {
    "shape": 1,
    "missing": 1,
    "surplus": 1,
    "color": 4,
    "binding": 4,
    "count": 4,
    "relation": 4,
}
# The share of a batch's pairs that differ in how severely they are spoilt; and of the others, which
# differ in what they show, the share that is not spoilt.
GRADED, CLEAN = 0.25, 0.5


@dataclass(frozen=True, eq=False)
class Contradictions:
    """Clean images that fit their caption, and images and captions that contradict these.

    Attributes:
        right, wrong: uint8 [N, 3, 48, 48].
        words, wrong_words: int64 [N, 12].
        kinds: of the contradictions of images, by name.
        shapes, colors: int64 [N, 36], what lies at each place of the grid of the right images, as
            indices into SHAPES and COLORS; their lengths where nothing does.
    """

    right: Tensor
    wrong: Tensor
    words: Tensor
    wrong_words: Tensor
    kinds: Sequence[str]
    shapes: Tensor
    colors: Tensor

    def __len__(self):
        return len(self.words)


def draw_contradictions(source: Source, seed: int, indices: Sequence[int]) -> Contradictions:
    """Pairs whose captions are drawn from a source; each is a function of the seed and its
    index."""
    right, wrong, captions, wrong_captions, kinds = [], [], [], [], []
    for index in indices:
        stream = generator(seed, "scene", index)
        scene, include = source(stream)
        possible = possible_kinds(include)
        kinds.append(_draw_kind(possible, stream))
        right.append(scene)
        wrong.append(contradict(include, scene, kinds[-1], stream))
        captions.append(caption(include))
        kind = _draw_kind([kind for kind in possible if kind in OF_CAPTIONS], stream)
        wrong_captions.append(caption(contradict_caption(include, kind, stream)))
    images = (torch.from_numpy(render(scenes)) for scenes in (right, wrong))
    words = (word_indices(texts) for texts in (captions, wrong_captions))
    objects = (torch.from_numpy(found) for found in _on_grid(right))
    return Contradictions(*images, *words, kinds, *objects)


def draw_pairs(
    drawn: Contradictions, rows: Tensor, stream: Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """A batch to train on: better and worse images uint8 [B, 3, 48, 48], and their captions.

    The first pairs differ in how severely the same flaw spoils the same right image. The others are
    right and wrong ones, equally spoilt or clean.
    """
    graded = round(GRADED * len(rows))
    better, worse = drawn.right[rows].clone(), drawn.wrong[rows]
    worse[:graded] = better[:graded]
    kinds = torch.randint(len(DEGRADATIONS), (len(rows),), generator=stream)
    # Two different severities, the less severe first; of the other half the same one twice.
    lower = torch.randint(len(SEVERITIES), (len(rows),), generator=stream)
    higher = lower + 1 + (torch.rand(len(rows), generator=stream) * (3 - lower)).long()
    lower[graded:] *= torch.rand(len(rows) - graded, generator=stream) > CLEAN
    higher[graded:] = lower[graded:]
    for index, kind in enumerate(DEGRADATIONS):
        for severity in SEVERITIES:
            for images, severities in ((better, lower), (worse, higher)):
                chosen = (kinds == index) & (severities == severity)
                if chosen.any():
                    images[chosen] = degrade(images[chosen], kind, severity, stream)
    return better, worse, drawn.words[rows]


def _draw_kind(kinds, stream):
    weights = torch.tensor([float(WEIGHTS[kind]) for kind in kinds])
    return kinds[int(torch.multinomial(weights, 1, generator=stream))]


def _on_grid(scenes):
    """What lies at each place of scenes, shapes and colours, int64 [N, 36] each."""
    shapes = np.full((len(scenes), CELLS, CELLS), len(SHAPES))
    colors = np.full((len(scenes), CELLS, CELLS), len(COLORS))
    for index, scene in enumerate(scenes):
        columns, rows = (scene.centres // CELL).astype(np.int64).T
        shapes[index, rows, columns], colors[index, rows, columns] = scene.shapes, scene.colors
    repeats = GRID // CELLS
    for cells in (shapes, colors):
        yield cells.repeat(repeats, 1).repeat(repeats, 2).reshape(len(scenes), -1)
