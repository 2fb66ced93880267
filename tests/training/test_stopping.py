"""A training that is asked to stop saves its state, and goes on from there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from bench.files.tensors import read_description
from tests.training.test_loop import CONFIG, STEPS, command

STATE = "unfinished/state.safetensors"
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


@pytest.fixture
def config(tmp_path):
    """No state would be written on the way but for a request."""
    path = tmp_path / "config.yaml"
    text = CONFIG.replace("checkpoint_every: 7", "checkpoint_every: 100000")
    path.write_text(text.replace(f"steps: {STEPS}", "steps: 300"))
    return path


def begun(process, out):
    """Waits until the first snapshot, of step 20, is there."""
    while not (out / "unfinished" / "step-00000020.safetensors").exists():
        assert process.poll() is None
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_the_state_is_saved_and_the_same_weights_are_reached(config, tmp_path, number):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    process = subprocess.Popen(
        command(config, stopped), env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    )
    begun(process, stopped)
    process.send_signal(number)
    _, error = process.communicate()
    assert process.returncode == 128 + number
    step = read_description(stopped / STATE, "training state")["step"]
    assert 20 <= step < 300
    assert f"stopped after step {step}; the same call goes on from there" in error
    for out in (stopped, whole):
        subprocess.run(command(config, out), env=ENVIRONMENT, check=True)
    name = "step-00000300.safetensors"
    assert (stopped / name).read_bytes() == (whole / name).read_bytes()


def test_two_processes_stop_together(config, tmp_path):
    """torchrun passes a signal on; the ranks agree on the step after which they leave."""
    out = tmp_path / "out"
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    launcher += ["--nproc-per-node=2", "-m", "--", *command(config, out)[2:]]
    process = subprocess.Popen(launcher, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
    begun(process, out)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode != 0
    assert 20 <= read_description(out / STATE, "training state")["step"] < 300
