"""Scenes and captions that contradict each other in one point, and are as good otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Generator

from bench.data.geneval import COLORS
from bench.data.shapes import SHAPES
from bench.data.shapes.prompts import COUNTS, OPPOSITE
from bench.data.shapes.scenes import Scene, draw_scene, with_another

KINDS = ("shape", "color", "binding", "missing", "surplus", "count", "relation")
# Of these a changed caption is of a prompt's form, too.
OF_CAPTIONS = ("shape", "color", "binding", "count", "relation")


def possible_kinds(include: Sequence[Mapping]) -> list[str]:
    """The kinds of contradiction that a caption admits, by its clauses."""
    first, last = include[0], include[-1]
    pair = len(include) == 2
    admitted = {
        "shape": True,
        "color": "color" in first,
        "binding": pair and "color" in first and first["color"] != last["color"],
        "missing": pair,
        "surplus": first["count"] == 1,
        "count": first["count"] > 1,
        "relation": "position" in last,
    }
    return [kind for kind in KINDS if admitted[kind]]


def contradict(include: Sequence[Mapping], scene: Scene, kind: str, stream: Generator) -> Scene:
    """The scene of a caption, changed so that the caption is wrong.

    shape: an object is another shape, which the caption does not name; color: an object has another
    colour; binding: two objects have each other's colours; missing: one of two objects is left out;
    surplus: there is one object more, of a shape that the caption does not name (GenEval counts
    only those that it names); count: a similar scene with one object more or fewer; relation: two
    objects change places.
    """
    chosen = _draw(len(scene.shapes), stream)
    if kind == "shape":
        return replace(scene, shapes=_changed(scene.shapes, chosen, len(SHAPES), stream))
    if kind == "color":
        return replace(scene, colors=_changed(scene.colors, chosen, len(COLORS), stream))
    if kind == "binding":
        return replace(scene, colors=scene.colors[::-1])
    if kind == "missing":
        return Scene(*(np.delete(values, chosen, axis=0) for values in vars(scene).values()))
    if kind == "surplus":
        shape = _another(scene.shapes, len(SHAPES), stream)
        return with_another(scene, shape, _draw(len(COLORS), stream), stream)
    if kind == "relation":
        return replace(scene, centres=scene.centres[::-1], radii=scene.radii[::-1])
    (clause,) = include
    possible = [count for count in (1, *COUNTS) if abs(count - clause["count"]) == 1]
    count = possible[_draw(len(possible), stream)]
    color = clause.get("color", COLORS[scene.colors[0]])
    return draw_scene({"include": [{**clause, "count": count, "color": color}]}, stream)


def contradict_caption(include: Sequence[Mapping], kind: str, stream: Generator) -> list[dict]:
    """The clauses of a caption, changed so that a scene of them contradicts the caption.

    Args:
        kind: one of OF_CAPTIONS, as of `contradict`; relation: the opposite one.
    """
    clauses = [dict(clause) for clause in include]
    chosen = clauses[_draw(len(clauses), stream)]
    if kind == "shape":
        chosen["class"] = _choose(SHAPES, [clause["class"] for clause in clauses], stream)
    elif kind == "color":
        chosen["color"] = _choose(COLORS, [clause["color"] for clause in clauses], stream)
    elif kind == "binding":
        first, last = clauses
        first["color"], last["color"] = last["color"], first["color"]
    elif kind == "count":
        chosen["count"] = _choose(COUNTS, [chosen["count"]], stream)
    else:
        relation, target = clauses[-1]["position"]
        clauses[-1]["position"] = [OPPOSITE[relation], target]
    return clauses


def _choose(values, taken, stream):
    free = [value for value in values if value not in taken]
    return free[_draw(len(free), stream)]


def _draw(count, stream):
    return int(torch.randint(count, (), generator=stream))


def _another(values, count, stream):
    """An index below the count that none of the values is."""
    free = np.setdiff1d(np.arange(count), values)
    return free[_draw(len(free), stream)]


def _changed(values, chosen, count, stream):
    """The values with one changed to one that none of them is."""
    changed = values.copy()
    changed[chosen] = _another(values, count, stream)
    return changed
