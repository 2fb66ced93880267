"""Scenes that contradict a caption in one point, and are as good otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Generator

from bench.data.geneval import COLORS
from bench.data.shapes import SHAPES
from bench.data.shapes.prompts import COUNTS
from bench.data.shapes.scenes import Scene, draw_scene

KINDS = ("shape", "color", "binding", "missing", "count", "relation")


def possible_kinds(include: Sequence[Mapping]) -> list[str]:
    """The kinds of contradiction that a caption admits, by its clauses."""
    first, last = include[0], include[-1]
    pair = len(include) == 2
    admitted = {
        "shape": True,
        "color": "color" in first,
        "binding": pair and "color" in first and first["color"] != last["color"],
        "missing": pair,
        "count": first["count"] > 1,
        "relation": "position" in last,
    }
    return [kind for kind in KINDS if admitted[kind]]


def contradict(include: Sequence[Mapping], scene: Scene, kind: str, stream: Generator) -> Scene:
    """The scene of a caption, changed so that the caption is wrong.

    shape: an object is another shape, which the caption does not name; color: an object has another
    colour; binding: two objects have each other's colours; missing: one of two objects is left out;
    count: a similar scene with one object more or fewer; relation: two objects change places.
    """
    chosen = _draw(len(scene.shapes), stream)
    if kind == "shape":
        return replace(scene, shapes=_with_another(scene.shapes, chosen, len(SHAPES), stream))
    if kind == "color":
        return replace(scene, colors=_with_another(scene.colors, chosen, len(COLORS), stream))
    if kind == "binding":
        return replace(scene, colors=scene.colors[::-1])
    if kind == "missing":
        return Scene(*(np.delete(values, chosen, axis=0) for values in vars(scene).values()))
    if kind == "relation":
        return replace(scene, centres=scene.centres[::-1], radii=scene.radii[::-1])
    (clause,) = include
    possible = [count for count in (1, *COUNTS) if abs(count - clause["count"]) == 1]
    count = possible[_draw(len(possible), stream)]
    color = clause.get("color", COLORS[scene.colors[0]])
    return draw_scene({"include": [{**clause, "count": count, "color": color}]}, stream)


def _draw(count, stream):
    return int(torch.randint(count, (), generator=stream))


def _with_another(values, chosen, count, stream):
    """The values with one changed to one that none of them is."""
    free = np.setdiff1d(np.arange(count), values)
    changed = values.copy()
    changed[chosen] = free[_draw(len(free), stream)]
    return changed
