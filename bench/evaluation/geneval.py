"""GenEval's rules (arXiv 2310.11513): does an image show what its prompt asks for?

The rules see an image as its objects: boxes by class and, on request, their colours. What finds
these is a `detector.Detector`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from bench.data.geneval import COLORS

# Boxes x1, y1, x2, y2 and a score in [0, 1], in pixels from the top left.
Box = Sequence[float]
# Boxes by class, the best score of a class first.
Boxes = Mapping[str, Sequence[Box]]
# The colours of the first n objects of a class.
ColorsOf = Callable[[str, int], Sequence[str]]

MAX_OBJECTS = 16
# Two objects are apart by the distance of their centres without this share of both their sizes.
DILATION = 0.1
# Of the direction's cosine: of two neighbouring relations, one or both hold.
RELATION_THRESHOLD = 0.5
# In pixels.
NO_DISTANCE = 1e-3


class Verdict(NamedTuple):
    """Whether an image is correct, and if not, why: a line per clause that it does not fulfil."""

    correct: bool
    reason: str


def keep(boxes: Boxes, threshold: float) -> dict[str, list[Box]]:
    """The objects that count: of each class those with a score above ``threshold``, at most 16,
    the best first. Overlapping ones are all kept."""
    kept = {}
    for name, found in boxes.items():
        confident = [box for box in found if box[4] > threshold]
        if confident:
            kept[name] = sorted(confident, key=lambda box: -box[4])[:MAX_OBJECTS]
    return kept


def judge(
    metadata: Mapping, boxes: Boxes, colors: ColorsOf | Mapping[str, Sequence[str]]
) -> Verdict:
    """Judges an image by the clauses of its prompt.

    Every clause of ``include`` must hold for the best ``count`` objects of its class: they exist,
    they have the colour, and each stands in the relation to each object of the clause that
    ``position`` names by its index. A clause of ``exclude`` fails where there are ``count``
    objects or more. Verdict and reason are those of the official evaluator; where two relations
    hold it names them in any order, and here the horizontal one comes first.

    Args:
        metadata: a line of GenEval's prompt file.
        boxes: the objects that count, see `keep`.
        colors: the colours of objects, in the order of ``boxes``; a function is asked only for
            those that a clause depends on.
    """
    colors_of = colors if callable(colors) else lambda name, n: colors[name][:n]
    faults, groups = [], []
    for clause in metadata.get("include", ()):
        found = list(boxes.get(clause["class"], ()))[: clause["count"]]
        fault = (
            _number_fault(clause, found)
            or _color_fault(clause, colors_of)
            or _position_fault(clause, found, groups)
        )
        groups.append(None if fault else found)
        faults.append(fault)
    for clause in metadata.get("exclude", ()):
        faults.append(_excess(clause, boxes))
    reasons = [fault for fault in faults if fault]
    return Verdict(not reasons, "\n".join(reasons))


def relations(box: Box, target: Box) -> list[str]:
    """The relations of an object to a target: none, one, or a horizontal and a vertical one."""
    corners = np.asarray([box[:4], target[:4]], dtype=np.float64).reshape(2, 2, 2)
    centre, target_centre = corners.mean(axis=1)
    sizes = np.abs(corners[:, 1] - corners[:, 0]).sum(axis=0)
    offset = centre - target_centre
    apart = np.maximum(np.abs(offset) - DILATION * sizes, 0) * np.sign(offset)
    if np.all(np.abs(apart) < NO_DISTANCE):
        return []
    x, y = apart / np.linalg.norm(offset)
    named = {"left of": -x, "right of": x, "above": -y, "below": y}
    return [relation for relation, cosine in named.items() if cosine > RELATION_THRESHOLD]


def _number_fault(clause, found):
    if len(found) < clause["count"]:
        return f"expected {clause['class']}>={clause['count']}, found {len(found)}"
    return None


def _color_fault(clause, colors_of):
    if "color" not in clause:
        return None
    name, count, color = clause["class"], clause["count"], clause["color"]
    seen = list(colors_of(name, count))
    if seen.count(color) >= count:
        return None
    numbers = ", ".join(f"{seen.count(one)} {one}" for one in COLORS if one in seen)
    return f"expected {color} {name}>={count}, found {seen.count(color)} {color}; and {numbers}"


def _position_fault(clause, found, groups):
    if "position" not in clause:
        return None
    name, (relation, index) = clause["class"], clause["position"]
    if groups[index] is None:
        return f"no target for {name} to be {relation}"
    for box in found:
        for target in groups[index]:
            seen = relations(box, target)
            if relation not in seen:
                return f"expected {name} {relation} target, found {' and '.join(seen)} target"
    return None


def _excess(clause, boxes):
    name, number = clause["class"], len(boxes.get(clause["class"], ()))
    if number >= clause["count"]:
        return f"expected {name}<{clause['count']}, found {number}"
    return None
