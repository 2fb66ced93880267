"""Two trainings never share a folder, and a dead one holds nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from bench.errors import BadInput
from bench.training.distributed import ALONE
from bench.training.lock import HOLDER, held
from tests.training.test_loop import CONFIG, STEPS, command

HOLD = """
import sys, time
from pathlib import Path
from bench.training.distributed import ALONE
from bench.training.lock import held
with held(Path(sys.argv[1]), ALONE):
    print("held", flush=True)
    time.sleep(100)
"""


@pytest.fixture
def holder(tmp_path):
    """A process of a Slurm job that holds the folder."""
    environment = {**os.environ, "SLURM_JOB_ID": "17"}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], env=environment, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()


def test_the_second_comer_is_told_who_trains(tmp_path, holder):
    with pytest.raises(BadInput) as caught, held(tmp_path, ALONE):
        pytest.fail("two at once")
    assert f"Slurm job 17, process {holder.pid} on {socket.gethostname()} trains here" in str(
        caught.value
    )


def test_a_dead_process_holds_nothing(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with held(tmp_path, ALONE):
        assert str(os.getpid()) in (tmp_path / HOLDER).read_text()


def test_a_damaged_note_is_no_reason_to_fail(tmp_path, holder):
    for text in ("", "[]", "{}", "\0"):
        (tmp_path / HOLDER).write_text(text)
        with pytest.raises(BadInput, match="another process trains here"), held(tmp_path, ALONE):
            pytest.fail("two at once")


def test_one_after_the_other(tmp_path):
    for _ in range(2):
        with held(tmp_path, ALONE):
            (tmp_path / "weights").touch()
    assert not (tmp_path / HOLDER).exists()


def test_a_refused_training_leaves_no_folder(tmp_path):
    with pytest.raises(BadInput, match="refused"), held(tmp_path / "out", ALONE):
        raise BadInput("refused")
    assert not (tmp_path / "out").exists()


def test_the_same_training_twice_at_once(tmp_path):
    """The second leaves, and the first one's weights are whole."""
    config, out, alone = tmp_path / "config.yaml", tmp_path / "out", tmp_path / "alone"
    config.write_text(CONFIG.replace(f"steps: {STEPS}", "steps: 150"))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    first = subprocess.Popen(command(config, out), env=environment)
    state = out / "unfinished" / "state.safetensors"
    while not state.exists():
        assert first.poll() is None
        time.sleep(0.02)
    first.send_signal(signal.SIGSTOP)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    second = subprocess.run(
        command(config, out), env=environment, capture_output=True, text=True, check=False
    )
    assert second.returncode == 2
    assert f"process {first.pid} on {socket.gethostname()} trains here" in second.stderr
    assert second.stderr.count("\n") == 1
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    first.send_signal(signal.SIGCONT)
    assert first.wait() == 0
    subprocess.run(command(config, alone), env=environment, check=True)
    name = "step-00000150.safetensors"
    assert (out / name).read_bytes() == (alone / name).read_bytes()
