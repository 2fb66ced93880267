"""Two processes that share the weights out train the same model as one that has all of them.

The largest difference that was seen is 1e-6, of Muon, whose iteration enlarges rounding.
"""

from __future__ import annotations

import multiprocessing

import numpy as np
import pandas as pd
import pytest
import torch

# Or each fork would import it anew.
import torch._dynamo
from torch import distributed

from bench.config.model import model_config
from bench.config.training import TrainingConfig, snapshot_name
from bench.data.captioned import Captioned
from bench.data.dataset import Split
from bench.data.pixels import PixelData
from bench.data.text_shards import TextShards
from bench.models import build
from bench.models.checkpoints import load_checkpoint
from bench.seeds import generator
from bench.training.distributed import ALONE, World
from bench.training.ema import EMA
from bench.training.loop import train
from bench.training.losses import draw
from bench.training.optimizer import optimizer_of
from bench.training.sharding import shard, whole
from bench.training.state import MOMENTS
from bench.training.update import Update
from tests.conftest import ARCHITECTURES, prompts, random_model
from tests.data.test_text_shards import write_folder
from tests.training.cut_off import CutOff, cut_off_after

STEPS = 6
CAPTIONS = ["bright", "dark", "a bright", "a dark"]
# A masked model that masks nothing has a weight that nothing uses, its mask token.
RUNS = {
    "adamw": {"kind": "prompted"},
    "muon": {"kind": "prompted", "muon_learning_rate": 0.02},
    "unused": {"kind": "masked", "gamma": 0.0},
}


@pytest.fixture(scope="module")
def text_states(tmp_path_factory):
    """A folder of shards."""
    return write_folder(tmp_path_factory.mktemp("text"), 2, CAPTIONS)


def run(out, name, text_states, world=ALONE, data=Captioned, **changes):
    settings = {
        "steps": STEPS,
        "snapshots": (3,),
        "batch_size": 16,
        "micro_batch": 4,
        "sharding": "fsdp",
        "gamma": 0.5,
        "learning_rate": 1e-3,
        "ema_decay": 0.8,
        "gradient_clip": 0.5,
        "warmup_steps": 3,
        "checkpoint_every": 3,
    }
    settings |= {**RUNS[name], **changes}
    kind = settings.pop("kind")
    greys = np.random.default_rng(0).integers(0, 256, (64, 1, 8, 8), dtype=np.uint8)
    pixels = PixelData(Split(greys, np.arange(64) % 10))
    captions = [CAPTIONS[row % 4] for row in range(64)]
    chosen = data(pixels, captions, TextShards(text_states)) if kind == "prompted" else pixels
    train(
        model_config(ARCHITECTURES[kind]),
        TrainingConfig(**settings),
        chosen,
        out,
        {"run": name, "dataset": "greys"},
        world=world,
    )


def cut_off(out, *arguments, **options):
    """A run that is killed after the state of step 3."""
    with pytest.raises(CutOff):
        run(out, *arguments, data=cut_off_after(4, Captioned), **options)
    assert (out / "unfinished" / "state.safetensors").exists()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, text_states):
    """The results of one process with all weights and of two with their parts, and of each pair
    that goes on where the other was killed."""
    folder = tmp_path_factory.mktemp("runs")
    for name in RUNS:
        run(folder / name / "one", name, text_states, sharding="none", micro_batch=None)
    cut_off(folder / "adamw" / "one, then two", "adamw", text_states)
    assert in_two_processes(folder, as_two, text_states) == [0, 0]
    run(folder / "muon" / "two, then one", "muon", text_states, sharding="none")
    return folder


def as_two(folder, world, text_states):
    for name in RUNS:
        run(folder / name / "two", name, text_states, world)
    run(folder / "adamw" / "one, then two", "adamw", text_states, world)
    cut_off(folder / "muon" / "two, then one", "muon", text_states, world=world)
    check_gradients(world)
    check_parts("adamw", world)
    check_parts("muon", world)


def check_gradients(world):
    """Ends with an error where a step has other gradients than in one process; Adam and Muon do not
    see their size."""
    for dtype in ("fp32", "bf16"):
        alone, shared_out = gradients(ALONE, dtype), gradients(world, dtype)
        for name, gradient in alone.items():
            torch.testing.assert_close(shared_out[name], gradient, rtol=1e-4, atol=1e-6, msg=name)


def gradients(world, dtype):
    """Of the first step of plain gradient descent on 8 samples, two at a time, as wholes."""
    settings = TrainingConfig(
        8, batch_size=8, micro_batch=2, sharding="fsdp", gamma=0.5, dtype=dtype
    )
    model = random_model("prompted").requires_grad_(True).train()
    if world.size > 1:
        shard(model, torch.device("cpu"), world)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    update = Update(model, EMA(model, 0.9), optimizer, settings, world)
    x = torch.randn(8, 1, 8, 8, generator=torch.Generator().manual_seed(5))
    part, drawn = world.part(8), draw(model, settings, 8, generator(0, "training step", 1))
    update(1, x[part], prompts(8)[part], drawn[part])
    return {name: whole(weight.grad) for name, weight in model.named_parameters()}


def check_parts(name, world):
    """Ends with an error where this rank keeps more than its part of each tensor's rows."""
    model = build(model_config(ARCHITECTURES["prompted"]))
    shapes = {key: weight.shape for key, weight in model.named_parameters()}
    shard(model, torch.device("cpu"), world)
    ema = EMA(model, 0.9)
    rate = RUNS[name].get("muon_learning_rate", 0.0)
    optimizer = optimizer_of(model, TrainingConfig(steps=1, muon_learning_rate=rate))
    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)
    optimizer.step()
    for key, weight in model.named_parameters():
        state = optimizer.state[weight]
        moments = [state[moment] for moment in MOMENTS if moment in state]
        assert moments
        rows = shapes[key][0]
        own = -(-rows // 2) if world.is_first else rows // 2
        assert all(len(kept.to_local()) == own for kept in (weight, ema.weights[key], *moments))
        assert whole(weight.detach()).shape == shapes[key]


def in_two_processes(folder, function, *arguments):
    """The exit codes of two ranks that call function(folder, world, *arguments). They are forks of
    this process, which start at once."""
    fork = multiprocessing.get_context("fork")
    ranks = [
        fork.Process(target=_as_rank, args=(rank, folder, function, *arguments))
        for rank in range(2)
    ]
    for process in ranks:
        process.start()
    for process in ranks:
        process.join(300)
        process.kill()
        process.join()
    return [process.exitcode for process in ranks]


def _as_rank(rank, folder, function, *arguments):
    meeting = f"file://{folder}/meeting"
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=2)
    function(folder, World(rank, 2), *arguments)
    distributed.destroy_process_group()


def assert_same_weights(one, other):
    for step in (3, STEPS):
        weights, others = (
            load_checkpoint(out / snapshot_name(step)).model.state_dict() for out in (one, other)
        )
        assert weights.keys() == others.keys()
        for name, weight in weights.items():
            torch.testing.assert_close(weight, others[name], rtol=0, atol=1e-5, msg=name)


@pytest.mark.parametrize("name", RUNS)
def test_two_processes_are_one(folder, name):
    one, two = folder / name / "one", folder / name / "two"
    assert_same_weights(one, two)
    losses, other_losses = (pd.read_csv(out / "log.csv")["loss"] for out in (one, two))
    pd.testing.assert_series_equal(losses, other_losses, rtol=1e-5)
    assert not (two / "unfinished").exists()


@pytest.mark.parametrize(("name", "order"), [("adamw", "one, then two"), ("muon", "two, then one")])
def test_a_state_is_for_any_number_of_processes(folder, name, order):
    assert_same_weights(folder / name / "one", folder / name / order)
