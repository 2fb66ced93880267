"""What a search tries next: spread at first, then near the best, in a space that may widen."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from bench.config.methods import Method, Range
from bench.tuning.proposals import Measured, propose, widened

CFG = Method({"method": "cfg"}, {"omega": Range(1.0, 3.0)})
SG = Method(
    {"method": "sparse_guidance"},
    {"omega": Range(1.0, 5.0), "gamma_strong": Range(0.0, 0.8), "gamma_weak": Range(0.1, 0.9)},
)


def searched(method, fid, budget=10, seed=0):
    """The candidates of a whole search of a made-up FID."""
    measured = []
    while len(measured) < budget:
        values = propose(method, measured, budget, seed)
        if values is None:
            break
        measured.append(Measured(values, math.log(max(fid(**values), 1e-9))))
    return measured


def best(measured):
    return min(measured, key=lambda candidate: candidate.loss).values


def bowl(omega):
    return 1 + 3 * math.log(omega / 1.7) ** 2


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_optimum_is_found(seed):
    assert best(searched(CFG, bowl, seed=seed))["omega"] == pytest.approx(1.7, abs=0.05)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_optimum_of_three_hyperparameters_is_approached(seed):
    def fid(omega, gamma_strong, gamma_weak):
        return 1 + (omega - 3) ** 2 / 10 + (gamma_strong - 0.2) ** 2 + (gamma_weak - 0.7) ** 2

    assert min(candidate.loss for candidate in searched(SG, fid, 20, seed)) < math.log(1.1)


def test_half_of_the_budget_is_spread():
    """Whatever is measured, the first half of the candidates is the same, and covers the range."""
    first = [candidate.values for candidate in searched(CFG, bowl)[:5]]
    assert first == [candidate.values for candidate in searched(CFG, lambda omega: omega)[:5]]
    omegas = sorted(values["omega"] for values in first)
    assert omegas[0] < 1.5
    assert omegas[-1] > 2.5
    assert max(high - low for low, high in pairwise(omegas)) < 1.0


def test_a_search_is_a_function_of_its_seed():
    assert searched(SG, lambda **values: values["omega"]) == searched(
        SG, lambda **values: values["omega"]
    )
    assert searched(CFG, bowl, seed=1)[0] != searched(CFG, bowl, seed=2)[0]


def test_every_candidate_is_valid_and_new():
    measured = searched(SG, lambda omega, gamma_strong, gamma_weak: 2 - gamma_strong, 16)
    assert len(measured) == 16
    seen = []
    for candidate in measured:
        assert candidate.values["gamma_strong"] < candidate.values["gamma_weak"]
        assert candidate.values not in seen
        assert all(value == round(value, 2) for value in candidate.values.values())
        seen.append(candidate.values)


def test_a_best_value_at_the_upper_end_widens_the_range():
    found = searched(CFG, lambda omega: 1 + math.log(omega / 5) ** 2, 12)
    assert best(found)["omega"] == pytest.approx(5, abs=0.5)
    assert max(candidate.values["omega"] for candidate in found[:6]) <= 3


def test_a_range_is_widened_at_its_upper_end_alone():
    near = [Measured({"omega": omega}, omega) for omega in (1.0, 2.0)]
    assert widened(CFG, near, 4) == CFG.search
    far = [Measured({"omega": omega}, -omega) for omega in (2.0, 2.95)]
    assert widened(CFG, far, 4) == {"omega": Range(1.0, 5.0)}
    # Not before the first half is measured.
    assert widened(CFG, far, 6) == CFG.search


def test_a_range_is_not_widened_to_what_the_method_refuses():
    def fid(omega, gamma_strong, gamma_weak):
        return 2 - gamma_weak

    found = searched(SG, fid, 12)
    assert best(found)["gamma_weak"] > 0.8
    space = widened(SG, found, 12)
    assert space["gamma_weak"] == Range(0.1, 0.9)


def test_a_space_of_few_choices_is_searched_to_its_end():
    method = Method({"method": "cfg"}, {"omega": (1.5, 2.0, 3.0)})
    found = searched(method, bowl, 8)
    assert sorted(candidate.values["omega"] for candidate in found) == [1.5, 2.0, 3.0]


def test_choices_may_be_schedules():
    falling = {"schedule": "cosine", "start": 0.6, "end": 0.2}
    method = Method(
        {"method": "sparse_guidance", "gamma_strong": 0.0},
        {"omega": Range(1.0, 2.0), "gamma_weak": (0.5, falling)},
    )
    found = searched(method, lambda omega, gamma_weak: omega + (gamma_weak == 0.5), 8)
    assert best(found)["gamma_weak"] == falling
