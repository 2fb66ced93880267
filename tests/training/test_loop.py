"""Training learns, keeps what it should, and survives being killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
import torch

from bench.config.model import model_config
from bench.config.training import TrainingConfig
from bench.data.dataset import Split
from bench.data.pixels import PixelData
from bench.data.registry import load_split
from bench.errors import BadInput
from bench.files.tensors import read_description, read_tensors, write_tensors
from bench.models.checkpoints import load_checkpoint
from bench.training import output
from bench.training.ema import EMA
from bench.training.loop import train
from bench.training.losses import loss
from tests.conftest import ARCHITECTURES
from tests.training.cut_off import CutOff, cut_off_after

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
    with pytest.raises(BadInput, match="belongs to a run with other settings or data"):
        run(tmp_path, steps=20, learning_rate=2e-3)
    with pytest.raises(BadInput, match="belongs to a run with other settings or data"):
        run(tmp_path, steps=30)


def test_a_run_from_before_there_was_a_setting_had_its_default(tmp_path):
    run(tmp_path, steps=20)
    path = tmp_path / "step-00000020.safetensors"
    tensors, description = read_tensors(path, "checkpoint")
    for key in ("decay_steps", "muon_learning_rate", "time_mean", "time_deviation"):
        del description["training"][key]
    write_tensors(path, tensors, description)
    before = path.read_bytes()
    run(tmp_path, steps=20)
    assert path.read_bytes() == before
    with pytest.raises(BadInput, match="belongs to a run with other settings or data"):
        run(tmp_path, steps=20, decay_steps=5)


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


@pytest.fixture
def built(monkeypatch):
    """Model and optimizer of a training as they are before its first step."""

    class Built(Exception):
        pass

    def stop(model, ema, optimizer, settings, world):
        raise Built(model, optimizer)

    def build(out, **more):
        with pytest.raises(Built) as caught:
            run(out, **more)
        return caught.value.args

    monkeypatch.setattr("bench.training.loop.Update", stop)
    return build


def test_initial_weights_are_of_the_seed(tmp_path, built):
    def first_weights(name, seed):
        model, _ = built(tmp_path / name, seed=seed)
        return model.x_embedder.proj.weight

    assert torch.equal(first_weights("a", 0), first_weights("b", 0))
    assert not torch.equal(first_weights("a", 0), first_weights("c", 1))


def test_the_optimizer_is_the_configured_one(tmp_path, built):
    _, optimizer = built(tmp_path, betas=(0.8, 0.95), weight_decay=0.3, learning_rate=2e-3)
    assert isinstance(optimizer, torch.optim.AdamW)
    (group,) = optimizer.param_groups
    assert (group["betas"], group["weight_decay"], group["lr"]) == ((0.8, 0.95), 0.3, 2e-3)


def test_a_missing_compiler_is_said_before_the_first_step(tmp_path, monkeypatch):
    def fail(function):
        raise RuntimeError("no C++ compiler\nin a long story")

    monkeypatch.setattr(torch, "compile", fail)
    with pytest.raises(BadInput, match=r"training\.compile: .* no C\+\+ compiler; install"):
        run(tmp_path, compile=True)
    assert list(tmp_path.iterdir()) == []


def test_a_training_that_diverges_stops_at_the_step(tmp_path):
    with pytest.raises(BadInput, match=r"training diverged at step \d+ .*learning_rate"):
        run(tmp_path, steps=60, learning_rate=1e30)
    assert list(tmp_path.glob("*.safetensors")) == []


def test_values_that_are_no_numbers_in_the_data_stop_it_and_leave_the_last_state(tmp_path):
    class Broken(PixelData):
        def decode(self, stored):
            self.steps = getattr(self, "steps", 0) + 1
            return super().decode(stored) * (float("nan") if self.steps == 13 else 1.0)

    data = Broken(load_split("digits", "train"))
    architecture = model_config(ARCHITECTURES["routed"])
    with pytest.raises(BadInput, match="training diverged at step 13 "):
        train(architecture, settings(checkpoint_every=5), data, tmp_path, {"run": "r"})
    state = read_tensors(tmp_path / "unfinished" / "state.safetensors", "training state")
    assert state[1]["step"] == 10
    assert all(tensor.isfinite().all() for tensor in state[0].values())


def test_a_finetuning_goes_on_with_new_draws(tmp_path, monkeypatch):
    """Its data order and its noise are not those of the first run's first steps."""
    seen = []

    def recorded(model, x, condition, drawn, mask_weight):
        seen.append((x.clone(), drawn.noise.clone()))
        return loss(model, x, condition, drawn, mask_weight)

    monkeypatch.setattr("bench.training.losses.loss", recorded)
    run(tmp_path / "first", steps=20)
    first = list(seen)
    seen.clear()
    run(tmp_path / "second", initial=tmp_path / "first" / "step-00000020.safetensors", steps=20)
    for (x, noise), (new_x, new_noise) in zip(first, seen):
        assert not torch.equal(x, new_x)
        assert not torch.equal(noise, new_noise)
    header = read_description(tmp_path / "second" / "step-00000020.safetensors", "checkpoint")
    assert header["iterations"] == 40
    assert header["average"]["steps"] == 20


def test_a_warm_up_as_long_as_the_training_is_refused():
    with pytest.raises(BadInput, match="warmup_steps: 20 are all of the 20 steps"):
        settings(steps=20, warmup_steps=20)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"warmup_steps": 5, "decay_steps": 16}, "decay_steps: 16 behind 5 warmup_steps are more"),
        ({"time_mean": -1.0}, "time_mean, time_deviation: these are logit_normal's"),
        ({"time": "logit_normal", "time_deviation": 0.0}, "time_deviation: 0.0 is not positive"),
    ],
)
def test_schedules_and_times_that_cannot_be_are_refused(wrong, message):
    with pytest.raises(BadInput, match=message):
        settings(steps=20, **wrong)


@pytest.mark.parametrize("decay", [0.0, 0.9, 0.995])
def test_the_average_is_its_closed_form(decay):
    """It is the weighted mean of the weights after every step; the initial ones have no part."""
    model = torch.nn.Linear(1, 1, bias=False).double()
    torch.nn.init.constant_(model.weight, 1000.0)
    ema = EMA(model, decay)
    after = torch.randn(7, generator=torch.Generator().manual_seed(0)).double()
    for step, value in enumerate(after, start=1):
        torch.nn.init.constant_(model.weight, value.item())
        ema.update(model, step)
        weights = decay ** torch.arange(step - 1, -1, -1, dtype=torch.float64)
        expected = (weights * after[:step]).sum() / weights.sum()
        assert ema.weights["weight"].item() == pytest.approx(expected.item(), rel=1e-9)
    span = weights.sum() ** 2 / weights.square().sum()
    assert ema.profile(step)["span"] == pytest.approx(span.item(), abs=0.01)


def test_the_average_is_kept_not_the_raw_weights(tmp_path):
    """With a long memory the kept weights are far from the last state's, which are raw."""
    run(tmp_path, steps=40, ema_decay=0.99, learning_rate=3e-3, checkpoint_every=39)
    run(tmp_path / "raw", steps=40, ema_decay=0.0, learning_rate=3e-3)
    average, raw = (
        load_checkpoint(folder / "step-00000040.safetensors").model.state_dict()
        for folder in (tmp_path, tmp_path / "raw")
    )
    name = "final_layer.linear.weight"
    assert (average[name] - raw[name]).abs().max() > 0.1 * raw[name].abs().max()


def test_other_data_are_another_run(tmp_path):
    """Data that changed while a run was unfinished are refused, and so they are once it is done."""

    split = load_split("digits", "train")
    architecture = model_config(ARCHITECTURES["routed"])

    def run_on(data, **more):
        train(architecture, settings(steps=20, **more), data, tmp_path, {"run": "r"})

    with pytest.raises(CutOff):
        run_on(cut_off_after(7, PixelData)(split), checkpoint_every=5)
    other = PixelData(Split(255 - split.images, split.labels))
    with pytest.raises(BadInput, match="an unfinished run with other settings or other data"):
        run_on(other)
    run_on(PixelData(split))
    with pytest.raises(BadInput, match="belongs to a run with other settings or data"):
        run_on(other)


def published(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_results_that_a_workflow_removed_are_put_back(tmp_path, monkeypatch):
    """Snakemake removes the outputs of a job that fails after it has published them."""
    run(tmp_path, steps=30)
    before = published(tmp_path)
    for name in before:
        (tmp_path / name).unlink()
    monkeypatch.setattr("bench.training.loop.Update", None)
    run(tmp_path, steps=30)
    assert published(tmp_path) == before


def test_a_file_system_without_hard_links(tmp_path, monkeypatch):
    def no_links(source, target):
        raise PermissionError(1, "Operation not permitted", str(source))

    monkeypatch.setattr("os.link", no_links)
    run(tmp_path, steps=20)
    assert set(published(tmp_path)) == {"step-00000020.safetensors", "log.csv"}


@pytest.mark.parametrize("call", range(6))
def test_a_kill_while_publishing_loses_nothing(tmp_path, monkeypatch, call):
    """The process ends at each of the file operations of publishing, one after the other."""

    class Killed(BaseException):
        pass

    run(tmp_path / "whole", steps=30)
    left = [call]

    def killed(operation):
        def counted(*arguments, **options):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return operation(*arguments, **options)

        return counted

    with monkeypatch.context() as patch:
        start = output.publish

        def publish(*arguments):
            for name in ("rename", "link"):
                patch.setattr(output.os, name, killed(getattr(output.os, name)))
            patch.setattr(output.shutil, "rmtree", killed(output.shutil.rmtree))
            start(*arguments)

        patch.setattr("bench.training.loop.publish", publish)
        with suppress(Killed):
            run(tmp_path / "broken", steps=30)

    def trained_again(*arguments):
        raise AssertionError("a step was done again")

    monkeypatch.setattr("bench.training.update.Update.__call__", trained_again)
    run(tmp_path / "broken", steps=30)
    whole, broken = published(tmp_path / "whole"), published(tmp_path / "broken")
    assert set(broken) == set(whole)
    for name in whole:
        if name != "log.csv":
            assert broken[name] == whole[name]
