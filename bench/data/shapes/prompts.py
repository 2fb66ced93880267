"""The prompts of the shapes world, divided between training, tuning and test."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import permutations, product
from typing import Literal

from bench.data.geneval import COLORS, RELATIONS, TASKS
from bench.data.shapes import SHAPES
from bench.data.shapes.captions import caption

Metadata = dict
Part = Literal["train", "tuning", "test"]
COUNTS = (2, 3, 4)
# Of a task's combinations, one in so many is for tuning and one for the test: where there are few,
# more of them.
ONE_IN = {
    "single_object": 4,
    "two_object": 4,
    "counting": 4,
    "colors": 4,
    "position": 8,
    "color_attr": 8,
}
OPPOSITE = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}


@cache
def prompts(part: Part, task: str) -> tuple[Metadata, ...]:
    """The prompts of a task, in a pseudo-random order.

    Prompts that mean the same (a star and a heart, a heart and a star) are one combination, and a
    combination belongs to one part. A hash orders them, the shapes taking turns; the first are the
    test's, the next are for tuning, and the training sees all others: every shape, number, colour
    and relation.
    """
    meant = {}
    for metadata in _all(task):
        meant.setdefault(combination(metadata["include"]), []).append(metadata)
    ordered = _in_turns(sorted(meant, key=_hash), lambda key: meant[key][0]["include"][0]["class"])
    held_out = len(ordered) // ONE_IN[task]
    first = {"test": 0, "tuning": held_out, "train": 2 * held_out}[part]
    last = len(ordered) if part == "train" else first + held_out
    found = [metadata for key in ordered[first:last] for metadata in meant[key]]
    return tuple(sorted(found, key=lambda metadata: _hash(metadata["prompt"])))


def prompt_at(part: Part, index: int) -> Metadata:
    """The prompt of a sample: the tasks take turns, and so do the prompts of each."""
    turn, task = divmod(index, len(TASKS))
    found = prompts(part, TASKS[task])
    return found[turn % len(found)]


def combination(include: Sequence[Mapping]) -> str:
    """What the clauses of a prompt ask for, whatever their order: of a star left of a heart and a
    heart right of a star, the same."""
    nouns = [f"{clause['count']} {clause.get('color', '')} {clause['class']}" for clause in include]
    relation, target = include[-1].get("position", ("and", 0))
    ordered = [nouns[-1], nouns[target]]
    if relation == "and":
        ordered = sorted(nouns)
    elif relation in ("right of", "below"):
        relation, ordered = OPPOSITE[relation], ordered[::-1]
    return f" {relation} ".join(ordered)


@cache
def held_out_combinations() -> frozenset[str]:
    """What no caption of the training may ask for."""
    return frozenset(
        combination(metadata["include"])
        for part in ("tuning", "test")
        for task in TASKS
        for metadata in prompts(part, task)
    )


def _all(task):
    return [
        {"tag": task, **clauses, "prompt": caption(clauses["include"])} for clauses in KINDS[task]()
    ]


def _single_objects():
    return [{"include": [{"class": shape, "count": 1}]} for shape in SHAPES]


def _two_objects():
    return [
        {"include": [{"class": shape, "count": 1} for shape in pair]}
        for pair in permutations(SHAPES, 2)
    ]


def _counts():
    return [
        {
            "include": [{"class": shape, "count": count}],
            "exclude": [{"class": shape, "count": count + 1}],
        }
        for shape, count in product(SHAPES, COUNTS)
    ]


def _colors():
    return [
        {"include": [{"class": shape, "count": 1, "color": color}]}
        for shape, color in product(SHAPES, COLORS)
    ]


def _positions():
    return [
        {
            "include": [
                {"class": target, "count": 1},
                {"class": shape, "count": 1, "position": [relation, 0]},
            ]
        }
        for (shape, target), relation in product(permutations(SHAPES, 2), RELATIONS)
    ]


def _color_attributions():
    return [
        {
            "include": [
                {"class": shape, "count": 1, "color": color} for shape, color in zip(pair, colors)
            ]
        }
        for pair, colors in product(permutations(SHAPES, 2), permutations(COLORS, 2))
    ]


KINDS = {
    "single_object": _single_objects,
    "two_object": _two_objects,
    "counting": _counts,
    "colors": _colors,
    "position": _positions,
    "color_attr": _color_attributions,
}


def _in_turns(items, group_of):
    """The items with the first of every group in front, then the second of every group, and so
    on."""
    seen, turns = Counter(), {}
    for item in items:
        turns[item] = seen[group_of(item)]
        seen[group_of(item)] += 1
    return sorted(items, key=turns.get)


def _hash(text):
    return hashlib.sha256(text.encode()).digest()
