"""Sharing work between branches changes nothing but the work."""

from __future__ import annotations

import pytest
import torch

from bench.guidance import Branch
from bench.guidance.skip_layer import SkippedBlocks
from bench.sampling.evaluation import evaluate
from bench.sampling.subsets import bernoulli, fixed_count
from tests.conftest import conditions, random_model

ROWS = {"given": [1, 2, 3, 4], "null": [10] * 4, "random": [5, 5, 0, 9]}
BRANCHES = {
    "two sparsities": (Branch("a", gamma=0.5), Branch("b", gamma=0.9)),
    "dense and sparse": (Branch("a"), Branch("b", gamma=0.5)),
    "two conditions": (Branch("a"), Branch("b", condition="null")),
    "two conditions, both sparse": (
        Branch("a", gamma=0.5),
        Branch("b", condition="random", gamma=0.5),
    ),
    "conditions and sparsities": (
        Branch("a", gamma=0.25),
        Branch("b", condition="null", gamma=0.75),
        Branch("c", condition="null"),
    ),
    "a block skipped before the route": (
        Branch("a", gamma=0.5),
        Branch("b", gamma=0.5, perturbation=SkippedBlocks((0,))),
        Branch("c", condition="null", perturbation=SkippedBlocks((0,))),
    ),
    "blocks skipped on the route and behind it": (
        Branch("a"),
        Branch("b", perturbation=SkippedBlocks((1, 3))),
        Branch("c", gamma=0.5, perturbation=SkippedBlocks((1, 3))),
    ),
    "two checkpoints": (Branch("a", gamma=0.5), Branch("b", checkpoint="weak", gamma=0.5)),
}


LABELS = {name: conditions("routed", rows) for name, rows in ROWS.items()}


class Recorded:
    """Draws subsets and remembers them in order."""

    def __init__(self, draw):
        self.streams = [torch.Generator().manual_seed(i) for i in range(4)]
        self.draw, self.drawn = draw, []

    def __call__(self, gamma):
        self.drawn.append(self.draw(16, gamma, self.streams))
        return self.drawn[-1]


@torch.inference_mode()
@pytest.mark.parametrize("name", BRANCHES)
@pytest.mark.parametrize("draw", [fixed_count, bernoulli])
@pytest.mark.parametrize("kind", ["routed", "masked", "prompted"])
def test_shared_evaluation_equals_plain_evaluation(name, draw, kind):
    models = {"main": random_model(kind), "weak": random_model(kind, seed=1)}
    asked = {name: conditions(kind, rows) for name, rows in ROWS.items()}
    x = torch.randn(4, 1, 8, 8)
    recorded = Recorded(draw)
    shared = evaluate(BRANCHES[name], models, asked, x, 0.3, recorded)
    drawn = iter(recorded.drawn)
    assert list(shared) == [branch.name for branch in BRANCHES[name]]
    for branch in BRANCHES[name]:
        keep = next(drawn) if branch.gamma else [None] * 4
        model, condition = models[branch.checkpoint], asked[branch.condition]
        for i in range(4):
            subset = None if keep[i] is None else keep[i].unsqueeze(0)
            plain = model(
                x[i : i + 1],
                torch.tensor([0.3]),
                condition[i : i + 1],
                subset,
                branch.perturbation,
            )
            torch.testing.assert_close(shared[branch.name][i : i + 1], plain, atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_the_prefix_runs_once_for_two_sparsities():
    model = random_model("routed")
    calls = {0: [], 1: [], 3: []}
    for index, seen in calls.items():
        model.blocks[index].register_forward_pre_hook(
            lambda _, args, seen=seen: seen.append(tuple(args[0].shape[:2]))
        )
    streams = [torch.Generator().manual_seed(i) for i in range(4)]
    evaluate(
        BRANCHES["two sparsities"],
        {"main": model},
        LABELS,
        torch.randn(4, 1, 8, 8),
        0.3,
        lambda gamma: fixed_count(16, gamma, streams),
    )
    # Block 0 lies before the route, 1 on it, 3 behind it.
    assert calls == {0: [(4, 16)], 1: [(4, 8), (4, 2)], 3: [(4, 16), (4, 16)]}


@torch.inference_mode()
def test_conditions_go_in_one_batch():
    model = random_model("routed")
    batches = []
    model.blocks[2].register_forward_pre_hook(lambda _, args: batches.append(len(args[0])))
    x = torch.randn(4, 1, 8, 8)
    evaluate(BRANCHES["two conditions"], {"main": model}, LABELS, x, 0.3, None)
    assert batches == [8]


@torch.inference_mode()
def test_a_skipped_block_is_not_run():
    model = random_model("routed")
    runs = []
    for index in range(4):
        model.blocks[index].register_forward_pre_hook(lambda *_, index=index: runs.append(index))
    branch = Branch("b", perturbation=SkippedBlocks((0, 2)))
    evaluate((branch,), {"main": model}, LABELS, torch.randn(4, 1, 8, 8), 0.3, None)
    assert runs == [1, 3]


@torch.inference_mode()
def test_a_perturbation_on_the_route_shares_the_prefix():
    model = random_model("routed")
    runs = []
    model.blocks[0].register_forward_pre_hook(lambda *_: runs.append(0))
    both = Branch("a"), Branch("b", perturbation=SkippedBlocks((2,)))
    evaluate(both, {"main": model}, LABELS, torch.randn(4, 1, 8, 8), 0.3, None)
    assert runs == [0]
