"""Each method against its formula, written out with numbers."""

from __future__ import annotations

import math

import pytest
import torch

from bench.guidance import Step, build

C, U = torch.full((1, 1, 2, 2), 3.0), torch.full((1, 1, 2, 2), 1.0)


def step(index=0, total=4, x=None, state=None):
    x = torch.zeros(1, 1, 2, 2) if x is None else x
    return Step(x, index / total, index, total, {} if state is None else state)


def branches(spec, index=0, total=4):
    return {b.name: b for b in build(spec).branches(step(index, total))}


@pytest.mark.parametrize(
    ("spec", "strong", "weak"),
    [
        ({"method": "cfg", "omega": 2.5}, "conditional", "unconditional"),
        ({"method": "icg", "omega": 2.5}, "conditional", "independent"),
        ({"method": "autoguidance", "omega": 2.5}, "strong", "weak"),
        (
            {"method": "sparse_guidance", "omega": 2.5, "gamma_strong": 0.0, "gamma_weak": 0.5},
            "strong",
            "weak",
        ),
    ],
)
def test_extrapolation(spec, strong, weak):
    # 2.5 * 3 + (1 - 2.5) * 1
    velocity = build(spec).combine({strong: C, weak: U}, step())
    torch.testing.assert_close(velocity, torch.full_like(C, 6.0))


def test_who_evaluates_what():
    cfg = branches({"method": "cfg", "omega": 2.0})
    assert (cfg["conditional"].condition, cfg["unconditional"].condition) == ("given", "null")
    icg = branches({"method": "icg", "omega": 2.0})
    assert icg["independent"].condition == "random"
    auto = branches({"method": "autoguidance", "omega": 2.0})
    assert (auto["weak"].checkpoint, auto["weak"].condition) == ("weak", "given")
    assert auto["strong"].checkpoint == "main"


def test_sparse_guidance_is_conditional_in_both_branches():
    spec = {"method": "sparse_guidance", "omega": 2.0, "gamma_strong": 0.5, "gamma_weak": 0.9}
    both = branches(spec)
    assert [b.condition for b in both.values()] == ["given", "given"]
    assert [b.checkpoint for b in both.values()] == ["main", "main"]
    assert (both["strong"].gamma, both["weak"].gamma) == (0.5, 0.9)
    assert branches({**spec, "weak_condition": "null"})["weak"].condition == "null"
    assert branches({**spec, "weak_checkpoint": "weak"})["weak"].checkpoint == "weak"


def test_cosine_schedule():
    """SG_FID: gamma_weak falls from 0.6 to 0 along half a cosine, gamma_strong rises."""
    spec = {
        "method": "sparse_guidance",
        "omega": 2.0,
        "gamma_strong": {"schedule": "cosine", "start": 0.0, "end": 0.6},
        "gamma_weak": {"schedule": "cosine", "start": 0.6, "end": 0.0},
        "weak_checkpoint": "weak",
    }
    total = 5
    at = [branches(spec, index, total) for index in range(total)]
    weak = [b["weak"].gamma for b in at]
    expected = [0.3 * (1 + math.cos(math.pi * index / 4)) for index in range(total)]
    assert weak == pytest.approx(expected)
    assert (weak[0], weak[-1]) == (0.6, 0.0)
    assert [b["strong"].gamma for b in at] == pytest.approx([0.6 - w for w in weak])


@pytest.mark.parametrize(("start", "end"), [(0.1, 0.7), (0.05, 0.2), (0.9, 0.3)])
def test_a_cosine_schedule_hits_its_ends_exactly(start, end):
    gamma = {"schedule": "cosine", "start": start, "end": end}
    spec = {"method": "unguided", "gamma": gamma}
    assert branches(spec, 0, 20)["conditional"].gamma == start
    assert branches(spec, 19, 20)["conditional"].gamma == end


def test_cosine_schedule_of_one_step_is_its_start():
    spec = {"method": "unguided", "gamma": {"schedule": "cosine", "start": 0.5, "end": 0.1}}
    assert branches(spec, 0, 1)["conditional"].gamma == 0.5


class TestAPG:
    """arXiv 2410.02416, Algorithm 1."""

    def run(self, conditional, unconditional, where, **settings):
        method = build({"method": "apg", "omega": 3.0, **settings})
        velocities = {"conditional": conditional, "unconditional": unconditional}
        return method.combine(velocities, where)

    def test_eta_one_without_limits_is_cfg(self):
        c, u, x = torch.randn(3, 2, 1, 4, 4).unbind(0)
        velocity = self.run(c, u, step(1, x=x), eta=1.0)
        torch.testing.assert_close(velocity, 3 * c - 2 * u)

    def test_projection_is_in_data_space(self):
        x = torch.randn(2, 1, 4, 4)
        c, u = torch.randn(2, 2, 1, 4, 4).unbind(0)
        where = step(1, x=x)
        velocity = self.run(c, u, where, eta=0.0)
        to_data = 1 - where.t
        data = x + to_data * c
        added = (x + to_data * velocity) - data
        assert (added * data).sum((1, 2, 3)).abs().max() < 1e-4
        # and what was added is the orthogonal part of omega - 1 times the difference
        difference = to_data * (c - u)
        along = (difference * data).sum((1, 2, 3)) / data.square().sum((1, 2, 3))
        expected = 2 * (difference - along.view(-1, 1, 1, 1) * data)
        torch.testing.assert_close(added, expected, atol=1e-5, rtol=1e-4)

    def test_velocity_space_projects_on_the_velocity(self):
        c, u = torch.randn(2, 2, 1, 4, 4).unbind(0)
        velocity = self.run(c, u, step(1), eta=0.0, space="velocity")
        assert ((velocity - c) * c).sum((1, 2, 3)).abs().max() < 1e-4

    def test_norm_threshold_shortens_each_sample_by_itself(self):
        c = torch.zeros(2, 1, 2, 2)
        u = torch.stack([torch.full((1, 2, 2), 5.0), torch.full((1, 2, 2), 0.1)])
        velocity = self.run(c, u, step(0), eta=1.0, norm_threshold=1.0, space="velocity")
        norms = (velocity - c).flatten(1).norm(dim=1) / 2
        torch.testing.assert_close(norms, torch.tensor([1.0, 0.2]))

    def test_momentum_accumulates(self):
        state = {}
        c, u = torch.full((1, 1, 2, 2), 2.0), torch.zeros(1, 1, 2, 2)
        settings = {"eta": 1.0, "momentum": -0.5, "space": "velocity"}
        first = self.run(c, u, step(0, state=state), **settings)
        second = self.run(c, u, step(1, state=state), **settings)
        torch.testing.assert_close(first, torch.full_like(c, 2 + 2 * 2.0))
        # u_1 = 2 - 0.5 * 2
        torch.testing.assert_close(second, torch.full_like(c, 2 + 2 * 1.0))

    def test_momentum_accumulates_before_the_threshold(self):
        """The update that is kept has its full length, as in the paper's algorithm."""
        state, zero = {}, torch.zeros(1, 1, 2, 2)
        settings = {"eta": 1.0, "momentum": -0.5, "norm_threshold": 2.0, "space": "velocity"}
        # u_0 = 2 has the norm 4 and is halved.
        first = self.run(torch.full_like(zero, 2.0), zero, step(0, state=state), **settings)
        torch.testing.assert_close(first, torch.full_like(zero, 2 + 2 * 1.0))
        # u_1 = 0 - 0.5 * 2 has the norm 2; of the halved update it would be -0.5.
        second = self.run(zero, zero, step(1, state=state), **settings)
        torch.testing.assert_close(second, torch.full_like(zero, 2 * -1.0))

    def test_state_belongs_to_the_trajectory(self):
        c, u = torch.randn(2, 1, 1, 2, 2).unbind(0)
        first = self.run(c, u, step(0), momentum=-0.5)
        again = self.run(c, u, step(0), momentum=-0.5)
        torch.testing.assert_close(first, again)
