"""The solvers on equations whose solutions are known."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch

from bench.config.sampling import SamplingConfig
from bench.sampling.ode import SOLVERS
from bench.sampling.time_shift import in_position


def test_euler_is_its_formula():
    seen = []

    def velocity(x, t, index):
        seen.append((t, index))
        return x + t

    x = SOLVERS["euler"].solve(velocity, torch.tensor(1.0), 2)
    # 1 -> 1 + (1 + 0)/2 = 1.5 -> 1.5 + (1.5 + 0.5)/2
    assert x.item() == 2.5
    assert seen == [(0.0, 0), (0.5, 1)]


@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_solver_evaluates_what_it_declares(solver, steps):
    """Costs are counted from the declaration, before anything is evaluated."""
    seen = []
    SOLVERS[solver].solve(
        lambda x, t, index: seen.append((index, t)) or x, torch.tensor(1.0), steps
    )
    assert seen == SOLVERS[solver].evaluations(steps)


@pytest.mark.parametrize("solver", SOLVERS)
def test_shifted_steps_evaluate_at_the_declared_times(solver):
    """dx/dt = 2 t: Heun's steps are exact, but for the last, which is Euler's."""
    settings, seen = SamplingConfig(4, solver=solver, time_shift=3.0), []
    velocity = in_position(lambda x, t, index: seen.append((index, t)) or x * 0 + 2 * t, 4, 3.0)
    end = SOLVERS[solver].solve(velocity, torch.tensor(0.0, dtype=torch.float64), 4)
    assert seen == settings.evaluations
    times = [0.0, 0.1, 0.25, 0.5, 1.0]
    assert sorted({t for _, t in seen}) == pytest.approx(times[:-1])
    euler = sum(2 * a * (b - a) for a, b in pairwise(times))
    heun = times[3] ** 2 + 2 * times[3] * (times[4] - times[3])
    assert end.item() == pytest.approx({"euler": euler, "heun": heun}[solver])


def test_heun_never_evaluates_at_data():
    evaluations = SOLVERS["heun"].evaluations(4)
    assert len(evaluations) == 2 * 4 - 1
    assert max(t for _, t in evaluations) < 1


@pytest.mark.parametrize(("solver", "order"), [("euler", 1), ("heun", 2)])
def test_order_of_convergence(solver, order):
    """dx/dt = x cos(t): x(1) = e^(sin 1)."""

    def error(steps):
        x = torch.tensor(1.0, dtype=torch.float64)
        x = SOLVERS[solver].solve(lambda x, t, index: x * math.cos(t), x, steps)
        return abs(x.item() - math.exp(math.sin(1)))

    assert math.log2(error(64) / error(128)) == pytest.approx(order, abs=0.1)
