"""Pairs of a better and a worse image of the shapes world for the same caption."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from bench.data.shapes.captions import caption
from bench.data.shapes.contradictions import contradict, possible_kinds
from bench.data.shapes.degradations import DEGRADATIONS, SEVERITIES, degrade
from bench.data.shapes.rendering import render
from bench.data.shapes.scenes import Scene
from bench.evaluation.shapes_preference import word_indices
from bench.seeds import generator

# A scene and the clauses of its caption, from a random stream.
Source = Callable[[Generator], tuple[Scene, list[dict]]]


@dataclass(frozen=True, eq=False)
class Contradictions:
    """Clean images that fit their caption, and others that contradict it.

    Attributes:
        right, wrong: uint8 [N, 3, 48, 48].
        words: int64 [N, 12].
        kinds: of the contradictions, by name.
    """

    right: Tensor
    wrong: Tensor
    words: Tensor
    kinds: Sequence[str]

    def __len__(self):
        return len(self.words)


def draw_contradictions(source: Source, seed: int, indices: Sequence[int]) -> Contradictions:
    """Pairs whose captions are drawn from a source; each is a function of the seed and its
    index."""
    right, wrong, captions, kinds = [], [], [], []
    for index in indices:
        stream = generator(seed, "scene", index)
        scene, include = source(stream)
        possible = possible_kinds(include)
        kinds.append(possible[torch.randint(len(possible), (), generator=stream)])
        right.append(scene)
        wrong.append(contradict(include, scene, kinds[-1], stream))
        captions.append(caption(include))
    images = (torch.from_numpy(render(scenes)) for scenes in (right, wrong))
    return Contradictions(*images, word_indices(captions), kinds)


def draw_pairs(
    drawn: Contradictions, rows: Tensor, stream: Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """A batch to train on: better and worse images uint8 [B, 3, 48, 48], and their captions.

    Half of the pairs differ in how severely the same flaw spoils the same right image. The others
    are right and wrong ones, equally spoilt.
    """
    half = len(rows) // 2
    better, worse = drawn.right[rows].clone(), drawn.wrong[rows]
    worse[:half] = better[:half]
    kinds = torch.randint(len(DEGRADATIONS), (len(rows),), generator=stream)
    # Two different severities, the less severe first; of the other half the same one twice.
    lower = torch.randint(len(SEVERITIES), (len(rows),), generator=stream)
    higher = lower + 1 + (torch.rand(len(rows), generator=stream) * (3 - lower)).long()
    higher[half:] = lower[half:]
    for index, kind in enumerate(DEGRADATIONS):
        for severity in SEVERITIES:
            for images, severities in ((better, lower), (worse, higher)):
                chosen = (kinds == index) & (severities == severity)
                if chosen.any():
                    images[chosen] = degrade(images[chosen], kind, severity, stream)
    return better, worse, drawn.words[rows]
