"""GenEval's rules against the official evaluator's verdicts, and at their edges."""

from __future__ import annotations

import json

import pytest

from bench.evaluation.geneval import judge, keep, relations
from tests.conftest import FIXTURES

OFFICIAL = (FIXTURES / "geneval_official.jsonl").read_text(encoding="utf-8")
CASES = [json.loads(line) for line in OFFICIAL.splitlines()]


def test_the_official_evaluators_verdicts():
    assert len(CASES) == 300
    for case in CASES:
        verdict = judge(case["metadata"], case["boxes"], case["colors"])
        assert verdict == (case["correct"], case["reason"]), case


def test_the_verdicts_hold_every_kind_of_reason():
    """So that the test above is one of every rule."""
    reasons = " ".join(case["reason"] for case in CASES)
    for part in (">=", "<", "; and", "no target", "found  target", "left of and above"):
        assert part in reasons
    assert sum(case["correct"] for case in CASES) > 50


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        # Centres 100 apart, each 20 wide and high: dilated by 0.1 x 40, 96 remain.
        ([-100, 0, -80, 20], ["left of"]),
        ([100, 0, 120, 20], ["right of"]),
        ([0, -100, 20, -80], ["above"]),
        ([0, 100, 20, 120], ["below"]),
        ([-100, 100, -80, 120], ["left of", "below"]),
        # By 4 pixels exactly: nothing is left of the distance.
        ([4, -4, 24, 16], []),
        ([0, 0, 20, 20], []),
        # (8 - 4) / |(8, 0)| is the threshold itself.
        ([8, 0, 28, 20], []),
        ([8.01, 0, 28.01, 20], ["right of"]),
        # 4.002 - 4 is a distance, but its cosine is too small.
        ([4.002, 0, 24.002, 20], []),
        # Corners in any order have the same centre and size.
        ([120, 20, 100, 0], ["right of"]),
    ],
)
def test_relations(box, expected):
    assert relations([*box, 0.9], [0, 0, 20, 20, 0.9]) == expected


def test_a_colour_that_fails_leaves_no_target():
    """The position is judged for objects that match so far, colour included, on both sides."""
    boxes = {"cow": [[0, 0, 20, 20, 0.9]], "dog": [[100, 0, 120, 20, 0.9]]}
    cow = {"class": "cow", "count": 1, "color": "red"}
    dog = {"class": "dog", "count": 1, "color": "blue", "position": ["left of", 0]}
    colors = {"cow": ["white"], "dog": ["blue"]}
    assert judge({"include": [cow, dog]}, boxes, colors).reason == (
        "expected red cow>=1, found 0 red; and 1 white\nno target for dog to be left of"
    )
    colors = {"cow": ["red"], "dog": ["green"]}
    assert judge({"include": [cow, dog]}, boxes, colors).reason == (
        "expected blue dog>=1, found 0 blue; and 1 green"
    )
    colors = {"cow": ["red"], "dog": ["blue"]}
    assert judge({"include": [cow, dog]}, boxes, colors).reason == (
        "expected dog left of target, found right of target"
    )


def test_every_object_must_stand_so_to_every_target():
    """The best of a class come first; the third dog is not asked for."""
    boxes = {
        "cow": [[0, 0, 20, 20, 0.9], [200, 0, 220, 20, 0.8]],
        "dog": [[-100, 0, -80, 20, 0.9], [100, 0, 120, 20, 0.8], [0, 90, 20, 110, 0.7]],
    }
    cows = {"class": "cow", "count": 2}
    one_dog = {"class": "dog", "count": 1, "position": ["left of", 0]}
    two_dogs = {"class": "dog", "count": 2, "position": ["left of", 0]}
    assert judge({"include": [cows, one_dog]}, boxes, {}).correct
    assert judge({"include": [cows, two_dogs]}, boxes, {}).reason == (
        "expected dog left of target, found right of target"
    )


def test_only_the_colours_that_a_clause_depends_on_are_asked_for():
    asked = []

    def colors(name, n):
        asked.append((name, n))
        return ["red"] * n

    boxes = {"cow": [[0, 0, 1, 1, 0.9]] * 3}
    include = [
        {"class": "cow", "count": 2, "color": "red"},
        {"class": "dog", "count": 1, "color": "red"},
        {"class": "cow", "count": 1},
    ]
    assert judge({"include": include}, boxes, colors).reason == "expected dog>=1, found 0"
    assert asked == [("cow", 2)]


def test_objects_that_count():
    boxes = {"cow": [[0, 0, 1, 1, 0.3], [0, 0, 1, 1, 0.31], [0, 0, 1, 1, 0.95]], "dog": []}
    assert keep(boxes, 0.3) == {"cow": [[0, 0, 1, 1, 0.95], [0, 0, 1, 1, 0.31]]}
    assert keep(boxes, 0.95) == {}
    many = {"cow": [[0, 0, 1, 1, 0.5 + i / 100] for i in range(20)]}
    assert [box[4] for box in keep(many, 0.3)["cow"]] == [0.5 + i / 100 for i in range(19, 3, -1)]
