"""Training learns, keeps what it should, and survives being killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
import torch

from bench.config.model import model_config
from bench.config.training import TrainingConfig
from bench.data.pixels import PixelData
from bench.data.registry import load_split
from bench.errors import BadInput
from bench.models.checkpoints import load_checkpoint
from bench.training.ema import EMA
from bench.training.loop import train
from tests.conftest import ARCHITECTURES

STEPS = 60
CONFIG = f"""
name: killed
dataset: digits
extractor: {{}}
runs:
  routed:
    model: {{patch_size: 2, hidden_size: 16, depth: 4, num_heads: 2, route: [1, 2]}}
    training: {{steps: {STEPS}, snapshots: [20], batch_size: 32, gamma: 0.5, ema_decay: 0.9,
               learning_rate: 1.0e-3, gradient_clip: 1.0, warmup_steps: 5, checkpoint_every: 7}}
    methods: [unguided]
methods: {{unguided: {{guidance: {{method: unguided}}}}}}
sampling: {{steps: 2}}
measurement: {{samples: 4, seeds: [1], shard_size: 4}}
tuning: {{samples: 4, seed: 0, candidates_per_job: 1}}
"""


def settings(steps=STEPS, **more):
    base = {
        "snapshots": (20,),
        "batch_size": 32,
        "gamma": 0.5,
        "ema_decay": 0.9,
        "learning_rate": 1e-3,
    }
    return TrainingConfig(steps=steps, **{**base, **more})


def run(out, kind="routed", initial=None, **more):
    data = PixelData(load_split("digits", "train"))
    architecture = model_config(ARCHITECTURES[kind])
    train(architecture, settings(**more), data, out, {"run": kind, "dataset": "digits"}, initial)


def command(config, out):
    arguments = ["train", "--config", str(config), "--run", "routed", "--out", str(out)]
    return [sys.executable, "-m", "bench", *arguments, "--device", "cpu"]


def test_killed_at_any_moment_it_ends_in_the_same_weights(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    subprocess.run(command(config, whole), env=environment, check=True)
    state = broken / "unfinished" / "state.safetensors"
    kills = 0
    # Each time it is killed a little after the next state was written.
    for delay in (0.0, 0.05, 0.15):
        before = state.stat().st_mtime_ns if state.exists() else 0
        process = subprocess.Popen(command(config, broken), env=environment)
        while process.poll() is None:
            if state.exists() and state.stat().st_mtime_ns > before:
                time.sleep(delay)
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.002)
        kills += process.wait() == -signal.SIGKILL
    assert kills >= 1
    subprocess.run(command(config, broken), env=environment, check=True)
    # The files are equal as a whole: weights, step and settings.
    for name in ("step-00000020.safetensors", f"step-000000{STEPS}.safetensors"):
        assert (whole / name).read_bytes() == (broken / name).read_bytes()
    assert not (broken / "unfinished").exists()
    steps = [line.split(",")[0] for line in (broken / "log.csv").read_text().splitlines()]
    assert steps == ["step", "50", "60"]


@pytest.mark.parametrize("kind", ["dense", "routed", "masked"])
def test_training_learns(tmp_path, kind):
    run(tmp_path, kind, steps=150, gamma=0.0 if kind == "dense" else 0.5, learning_rate=3e-3)
    lines = (tmp_path / "log.csv").read_text().splitlines()[1:]
    losses = [float(line.split(",")[1]) for line in lines]
    assert losses[-1] < 0.7 * losses[0]
    assert {path.name for path in tmp_path.glob("*.safetensors")} == {
        "step-00000020.safetensors",
        "step-00000150.safetensors",
    }


@pytest.mark.parametrize("kind", ["dense", "routed", "masked"])
def test_bf16_keeps_weights_in_fp32(tmp_path, kind):
    run(tmp_path, kind, steps=20, gamma=0.0 if kind == "dense" else 0.5, dtype="bf16")
    weights = load_checkpoint(tmp_path / "step-00000020.safetensors").model.state_dict()
    assert {weight.dtype for weight in weights.values()} == {torch.float32}
    assert all(weight.isfinite().all() for weight in weights.values())


def test_a_finished_run_is_left_alone_or_refused(tmp_path):
    run(tmp_path, steps=20)
    path = tmp_path / "step-00000020.safetensors"
    before = path.stat().st_mtime_ns
    run(tmp_path, steps=20)
    assert path.stat().st_mtime_ns == before
    with pytest.raises(BadInput, match="a finished run with other settings"):
        run(tmp_path, steps=20, learning_rate=2e-3)
    with pytest.raises(BadInput, match="a finished run with other settings"):
        run(tmp_path, steps=30)


def test_finetuning_starts_from_the_given_weights(tmp_path):
    run(tmp_path / "first", steps=20)
    initial = tmp_path / "first" / "step-00000020.safetensors"
    # So small a learning rate that nothing moves: what comes out is what went in.
    tuned = tmp_path / "tuned"
    run(tuned, initial=initial, steps=20, gamma=0.0, learning_rate=1e-12)
    first, second = (
        load_checkpoint(path) for path in (initial, tuned / "step-00000020.safetensors")
    )
    for name, weight in first.model.state_dict().items():
        torch.testing.assert_close(second.model.state_dict()[name], weight)
    assert second.description["initial"] == first.sha256
    with pytest.raises(BadInput, match="its architecture is not this run's"):
        run(tmp_path / "other", kind="dense", initial=initial)


def test_ema():
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(model.weight, 1.0)
    ema = EMA(model, 0.75)
    torch.nn.init.constant_(model.weight, 2.0)
    ema.update(model)
    assert ema.weights["weight"].item() == 0.75 * 1 + 0.25 * 2
