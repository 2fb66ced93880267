"""Methods, the space that is searched and the grid that is shown."""

from __future__ import annotations

import pytest

from bench.config.load import load
from bench.config.methods import Method, Range
from bench.errors import BadInput
from bench.parsing import parse
from tests.config.test_scale import DIGITS

SG = {"method": "sparse_guidance", "omega": 2.0}


def read(**settings):
    return parse(Method, settings, "methods.mine")


def test_numbers_of_a_grid_are_numbers_however_they_are_spelled():
    gamma = {"schedule": "cosine", "start": "6e-1", "end": "0"}
    method = read(
        guidance={"method": "sparse_guidance", "gamma_strong": 0, "gamma_weak": gamma}
        | {"weak_checkpoint": "weak"},
        grid={"omega": ["15e-1", 2]},
        search={"omega": {"low": 1, "high": "3"}},
    )
    spec = {
        "method": "sparse_guidance",
        "gamma_strong": 0.0,
        "gamma_weak": {"schedule": "cosine", "start": 0.6, "end": 0.0},
        "weak_checkpoint": "weak",
    }
    assert method.grid_points == ({**spec, "omega": 1.5}, {**spec, "omega": 2.0})
    assert method.search == {"omega": Range(1.0, 3.0)}
    assert method.spec({"omega": 2}) == {**spec, "omega": 2.0}


def test_the_grid_leaves_out_invalid_points():
    points = load(DIGITS).methods["sparse_guidance"].grid_points
    pairs = {(spec["gamma_strong"], spec["gamma_weak"]) for spec in points}
    assert (0.2, 0.5) in pairs
    assert (0.6, 0.5) not in pairs


def test_the_middle_of_a_space_stands_for_what_is_tuned():
    method = read(
        guidance=SG,
        search={"gamma_strong": {"low": 0.0, "high": 0.5}, "gamma_weak": [0.2, 0.9]},
    )
    # With the first choice, 0.2, strong would not be below weak.
    assert method.example == {**SG, "gamma_strong": 0.25, "gamma_weak": 0.9}
    assert method.is_tuned
    corners = {(spec["gamma_strong"], spec["gamma_weak"]) for spec in method.corners}
    assert corners == {(0.0, 0.2), (0.0, 0.9), (0.5, 0.9)}


def test_a_single_choice_is_not_tuned():
    method = read(guidance={"method": "cfg"}, search={"omega": [1.5]})
    assert not method.is_tuned
    assert method.example == {"method": "cfg", "omega": 1.5}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"search": {"omega": {"low": 2, "high": 2}}}, "search.omega.high: 2.0 is not above low"),
        ({"search": {"omega": {"low": 2}}}, "search.omega.high: missing"),
        ({"search": {"omega": 2}}, "search.omega: expected a list, got 2"),
        ({"search": {"omega": []}}, "search.omega: empty; give one or more values"),
        ({"grid": {"omega": []}}, "grid.omega: empty; give one or more values"),
        ({"search": {"omega": {"low": -1, "high": 2}}}, "guidance.omega: -1.0 is negative"),
        ({"search": {"omega": [1]}, "grid": {"method": ["apg"]}}, "the key is in guidance, too"),
    ],
)
def test_faults(settings, message):
    with pytest.raises(BadInput) as caught:
        read(guidance={"method": "cfg"}, **settings)
    assert message in str(caught.value)
    assert str(caught.value).startswith("methods.mine.")


@pytest.mark.parametrize("part", ["search", "grid"])
def test_a_space_without_a_valid_point(part):
    values = {"gamma_strong": [0.9], "gamma_weak": [0.5]}
    valid = {"gamma_strong": [0.0], "gamma_weak": [0.5]}
    with pytest.raises(BadInput, match=f"{part}: none of its combinations is a valid spec"):
        read(guidance=SG, **{"search": valid, part: values})
