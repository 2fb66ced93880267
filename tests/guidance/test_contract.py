"""Every registered method goes through the same checks, as the catalogue describes it."""

from __future__ import annotations

import dataclasses

import pytest
import torch
import yaml
from torch.utils.flop_counter import FlopCounterMode

from bench.config.load import CATALOGUE
from bench.cost import step_macs
from bench.guidance import Step, build, registered, trajectory
from bench.sampling.evaluation import evaluate
from bench.sampling.ode import SOLVERS
from bench.sampling.subsets import fixed_count
from tests.conftest import conditions, random_model

# Values of the hyperparameters that the catalogue leaves to a search.
SEARCHED = {"omega": 1.7, "gamma_strong": 0.25, "gamma_weak": 0.75, "blocks": [0, 2]}


def completed(spec):
    """A spec of the catalogue with a value for every hyperparameter that has no default."""
    fields = dataclasses.fields(registered()[spec["method"]])
    wanted = {f.name: SEARCHED[f.name] for f in fields if f.default is dataclasses.MISSING}
    return {**wanted, **spec}


CATALOGUE_SPECS = yaml.safe_load(CATALOGUE.read_text())
SPECS = {name: completed(spec) for name, spec in CATALOGUE_SPECS.items()}
APG = {**SPECS["apg"], "eta": 0.3, "norm_threshold": 2.0, "momentum": -0.5}
# Settings that the catalogue has no row of.
VARIANTS = {
    "apg_momentum": APG,
    "apg_velocity": {**APG, "space": "velocity"},
    "sparse_guidance_schedule": {
        **SPECS["sparse_guidance"],
        "gamma_weak": {"schedule": "cosine", "start": 0.9, "end": 0.5},
    },
}
ALL = {**SPECS, **VARIANTS}
TOTAL = 5
EVALUATIONS = SOLVERS["euler"].evaluations(TOTAL)


def test_every_method_is_under_contract():
    assert {spec["method"] for spec in SPECS.values()} == set(registered())


def step_at(index, state=None):
    x_t = torch.randn(3, 1, 8, 8, generator=torch.Generator().manual_seed(index))
    return Step(x_t, index / TOTAL, index, TOTAL, {} if state is None else state)


def predictions(method, step, dtype=torch.float32):
    """Random velocities of a step's branches."""
    stream = torch.Generator().manual_seed(99 + step.index)
    return {
        branch.name: torch.randn(3, 1, 8, 8, generator=stream).to(dtype)
        for branch in method.branches(step)
    }


@pytest.mark.parametrize("name", [name for name in ALL if "omega" in ALL[name]])
def test_omega_one_is_the_first_branch_alone(name):
    method = build({**ALL[name], "omega": 1.0})
    state = {}
    for index in range(TOTAL):
        step = step_at(index, state)
        velocities = predictions(method, step)
        first = velocities[method.branches(step)[0].name]
        torch.testing.assert_close(method.combine(velocities, step), first)


@pytest.mark.parametrize("name", [name for name in ALL if "omega" in ALL[name]])
def test_guidance_does_something(name):
    method, step = build(ALL[name]), step_at(1)
    velocities = predictions(method, step)
    first = velocities[method.branches(step)[0].name]
    assert (method.combine(velocities, step) - first).abs().max() > 0.1


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shape_and_dtype(name, dtype):
    method, step = build(ALL[name]), step_at(2)
    velocity = method.combine(predictions(method, step, dtype), step)
    assert velocity.shape == (3, 1, 8, 8)
    assert velocity.dtype == dtype


@pytest.mark.parametrize("name", ALL)
def test_samples_do_not_influence_each_other(name):
    """What a batch gives for a sample is what the sample gives alone."""
    method = build(ALL[name])
    whole, alone = {}, {}
    for index in range(TOTAL):
        step = step_at(index, whole)
        velocities = predictions(method, step)
        expected = method.combine(velocities, step)[1:2]
        single = Step(step.x_t[1:2], step.t, index, TOTAL, alone)
        got = method.combine({key: v[1:2] for key, v in velocities.items()}, single)
        torch.testing.assert_close(got, expected)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("kind", ["routed", "masked", "prompted"])
def test_declared_cost_is_counted_cost(name, kind):
    """The MACs that `bench.cost` declares are those that torch counts while it evaluates."""
    models = {"main": random_model(kind), "weak": random_model(kind, seed=1)}
    configs = {role: model.config for role, model in models.items()}
    x = torch.randn(1, 1, 8, 8)
    rows = {"given": [1], "null": [10], "random": [3]}
    asked = {name: conditions(kind, row) for name, row in rows.items()}
    stream = [torch.Generator().manual_seed(0)]
    for branches in trajectory(build(ALL[name]), EVALUATIONS):
        with FlopCounterMode(display=False) as counter:
            evaluate(branches, models, asked, x, 0.5, lambda g: fixed_count(16, g, stream))
        assert counter.get_total_flops() == 2 * step_macs(branches, configs, shared=True).total


@pytest.mark.parametrize("name", ALL)
def test_branches_are_sound(name):
    for branches in trajectory(build(ALL[name]), EVALUATIONS):
        names = [branch.name for branch in branches]
        assert len(set(names)) == len(names)
        assert all(0 <= branch.gamma < 1 for branch in branches)
