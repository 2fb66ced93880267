"""However a batch is shared out, over processes or over time, the weights are the same.

But for rounding: sums of gradients are taken in another order. The largest difference that was
seen is 2e-7; a mistake in what is averaged is a thousand times that.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import socket
import subprocess
import sys
import time

import pandas as pd
import psutil
import pytest
import torch

from bench.config.load import load
from bench.config.training import TrainingConfig, snapshot_name
from bench.data.pixels import PixelData
from bench.data.registry import load_split
from bench.errors import BadInput
from bench.models.checkpoints import load_checkpoint
from bench.training.distributed import ALONE, torchrun_world
from bench.training.loop import train
from tests.training.cut_off import CutOff, cut_off_after

STEPS = 60
CONFIG = f"""
name: shared
dataset: digits
extractor: {{}}
runs:
  routed:
    model: {{patch_size: 2, hidden_size: 16, depth: 3, num_heads: 2, route: [1, 1]}}
    training: &training
      {{steps: {STEPS}, batch_size: 32, gamma: 0.5, ema_decay: 0.9, learning_rate: 1.0e-3,
        gradient_clip: 1.0, warmup_steps: 5, checkpoint_every: 7}}
    methods: [unguided]
  masked:
    model: {{patch_size: 2, hidden_size: 16, depth: 2, num_heads: 2, decoder: [8, 1, 2]}}
    training: {{<<: *training, micro_batch: 4}}
    methods: [unguided]
methods: {{unguided: {{guidance: {{method: unguided}}}}}}
sampling: {{steps: 2}}
measurement: {{samples: 4, seeds: [1], shard_size: 4}}
tuning: {{samples: 4, seed: 0, candidates_per_job: 1}}
"""
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
CUT_OFF = cut_off_after(30, PixelData)
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    path = tmp_path_factory.mktemp("config") / "config.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture(scope="module")
def whole(config, tmp_path_factory):
    """The results of one process that nothing interrupts and that takes each batch at once."""
    out = tmp_path_factory.mktemp("whole")
    for name in ("routed", "masked"):
        in_this_process(config, name, out / name, micro_batch=None)
    return out


def in_this_process(config, name, out, data=PixelData, **changes):
    scale = load(config)
    run = scale.run(name)
    settings = dataclasses.replace(run.training, **changes)
    split = data(load_split(scale.dataset, "train"))
    train(scale.model(run), settings, split, out, {"run": name, "dataset": scale.dataset})


def arguments(config, name, out):
    options = ["--config", str(config), "--run", name, "--out", str(out), "--device", "cpu"]
    return ["bench", "train", *options]


def in_two_processes(config, name, out):
    command = [*TORCHRUN, "-m", "--", *arguments(config, name, out)]
    return subprocess.Popen(command, env=ENVIRONMENT)


def assert_same_weights(one, other):
    for (name, weight), other_weight in zip(weights(one).items(), weights(other).values()):
        torch.testing.assert_close(weight, other_weight, rtol=0, atol=1e-6, msg=name)


def weights(out):
    found = load_checkpoint(out / snapshot_name(STEPS)).model.state_dict()
    for name, weight in found.items():
        if name.endswith("qkv.bias"):
            # Softmax does not see a bias of the keys. Its gradient is rounding noise alone, which
            # Adam scales up to whole steps.
            weight.view(3, -1)[1] = 0
    return found


def losses(out):
    return pd.read_csv(out / "log.csv").set_index("step")["loss"]


@pytest.mark.parametrize("name", ["routed", "masked"])
def test_micro_batches(config, whole, tmp_path, name):
    in_this_process(config, name, tmp_path, micro_batch=8)
    assert_same_weights(whole / name, tmp_path)
    pd.testing.assert_series_equal(losses(whole / name), losses(tmp_path), rtol=1e-5)


def test_two_processes_with_micro_batches(config, whole, tmp_path):
    assert in_two_processes(config, "masked", tmp_path).wait() == 0
    assert_same_weights(whole / "masked", tmp_path)
    pd.testing.assert_series_equal(losses(whole / "masked"), losses(tmp_path), rtol=1e-5)
    assert not (tmp_path / "unfinished").exists()


def test_two_processes_are_killed_and_one_goes_on(config, whole, tmp_path):
    process = in_two_processes(config, "routed", tmp_path)
    state = tmp_path / "unfinished" / "state.safetensors"
    while process.poll() is None and not state.exists():
        time.sleep(0.002)
    started = psutil.Process(process.pid)
    for each in [started, *started.children(recursive=True)]:
        each.kill()
    assert process.wait() < 0
    in_this_process(config, "routed", tmp_path)
    assert_same_weights(whole / "routed", tmp_path)


def test_one_process_is_cut_off_and_two_go_on(config, whole, tmp_path):
    with pytest.raises(CutOff):
        in_this_process(config, "routed", tmp_path, CUT_OFF)
    assert in_two_processes(config, "routed", tmp_path).wait() == 0
    assert_same_weights(whole / "routed", tmp_path)


def test_a_resumed_run_may_change_its_speed_alone(config, whole, tmp_path):
    with pytest.raises(CutOff):
        in_this_process(config, "routed", tmp_path, CUT_OFF)
    with pytest.raises(BadInput, match="an unfinished run with other settings"):
        in_this_process(config, "routed", tmp_path, batch_size=16)
    in_this_process(config, "routed", tmp_path, micro_batch=16, workers=1, checkpoint_every=20)
    assert_same_weights(whole / "routed", tmp_path)
    finished = (tmp_path / "log.csv").stat().st_mtime_ns
    in_this_process(config, "routed", tmp_path, micro_batch=8)
    assert (tmp_path / "log.csv").stat().st_mtime_ns == finished


def test_a_masked_model_may_train_on_all_tokens(config, tmp_path):
    """Its mask token then has no gradient and no moments."""
    with pytest.raises(CutOff):
        in_this_process(config, "masked", tmp_path / "cut", CUT_OFF, gamma=0.0)
    for out in ("cut", "whole"):
        in_this_process(config, "masked", tmp_path / out, gamma=0.0)
    names = [tmp_path / out / snapshot_name(STEPS) for out in ("cut", "whole")]
    assert names[0].read_bytes() == names[1].read_bytes()


@pytest.mark.skipif(shutil.which("c++") is None, reason="torch.compile needs a C++ compiler")
def test_compiled(tmp_path, config):
    """A minimum of a model: compiling takes its time."""
    settings = TrainingConfig(steps=2, batch_size=4, gamma=0.5, ema_decay=0.0)
    sizes = {"patch_size": 4, "hidden_size": 8, "depth": 1, "num_heads": 1, "route": (0, 0)}
    scale = load(config)
    architecture = dataclasses.replace(scale.model(scale.runs["routed"]), **sizes)
    data = PixelData(load_split("digits", "train"))
    found = {}
    for compiled in (False, True):
        out = tmp_path / str(compiled)
        chosen = dataclasses.replace(settings, compile=compiled)
        train(architecture, chosen, data, out, {"run": "tiny", "dataset": "digits"})
        found[compiled] = load_checkpoint(out / snapshot_name(2)).model.state_dict()
    torch.testing.assert_close(found[True], found[False], rtol=0, atol=1e-6)


def test_a_batch_that_does_not_split_evenly():
    settings = TrainingConfig(steps=1, batch_size=32, micro_batch=4)
    assert settings.samples_per_pass(8) == 4
    assert dataclasses.replace(settings, micro_batch=None).samples_per_pass(8) == 4
    expected = "batch_size: 32 does not split evenly over 3 processes in micro batches of 4; "
    with pytest.raises(BadInput, match=expected + "make it a multiple of 12"):
        settings.samples_per_pass(3)
    with pytest.raises(BadInput, match="over 1 process in micro batches of 5"):
        TrainingConfig(steps=1, batch_size=32, micro_batch=5)


def as_ranks(configs, out):
    """The exit codes and stderr of one rank per configuration, started without torchrun, which
    has an exit code and a report of its own."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2"}
    ranks = [
        subprocess.Popen(
            [sys.executable, "-m", *arguments(config, "routed", out)],
            env={**ENVIRONMENT, **meeting, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank, config in enumerate(configs)
    ]
    said = [rank.communicate()[1] for rank in ranks]
    return [rank.returncode for rank in ranks], said


def test_what_is_wrong_for_all_ranks_is_said_once(tmp_path):
    config = tmp_path / "config.yaml"
    odd = CONFIG.replace("batch_size: 32", "batch_size: 33").replace("batch: 4", "batch: 11")
    config.write_text(odd)
    codes, said = as_ranks([config, config], tmp_path / "out")
    assert codes == [2, 2]
    problem = "batch_size: 33 does not split evenly over 2 processes"
    assert said == [f"error: {problem}; make it a multiple of 2, or take fewer processes\n", ""]
    assert not (tmp_path / "out").exists()


def test_what_is_wrong_for_one_rank_ends_all(config, tmp_path):
    codes, said = as_ranks([config, tmp_path / "missing.yaml"], tmp_path / "out")
    assert codes == [2, 2]
    assert said == [
        f"error: {tmp_path}/missing.yaml: cannot be read: No such file or directory\n",
        "",
    ]
    assert not (tmp_path / "out").exists()


def test_an_empty_world_is_none(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "")
    with torchrun_world() as world:
        assert world == ALONE


def test_a_world_without_a_place_in_it(config, tmp_path):
    environment = {**ENVIRONMENT, "WORLD_SIZE": "2"}
    command = [sys.executable, "-m", *arguments(config, "routed", tmp_path)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stderr == "error: RANK: missing beside WORLD_SIZE=2; torchrun sets all of them\n"
