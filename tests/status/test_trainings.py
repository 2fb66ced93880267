"""What of the trainings is done, running, failed and left, by their folders and notes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bench.training.distributed import ALONE
from bench.training.lock import HOLDER, held
from tests.status.layout import HOUR, LOGS, RESULTS, ROUTED, finish, job, log_csv, stage, write


def note(host=None, process=None, age=0.0, folder=ROUTED):
    """The note of a training that holds its folder."""
    about = {"host": host or socket.gethostname(), "process": process or os.getpid()}
    write(folder / HOLDER, json.dumps({**about, "slurm_job": "17"}), age)


def gone():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_finished_training_tells_its_speed_and_its_time(status):
    finish("routed", rate=32.0)
    train = stage(status(), "train")
    assert (train["done"], train["left"]) == (1, 7)
    assert train["images_per_second"] == pytest.approx(32)
    # 20 steps of 32 images.
    assert train["hours_used"] == pytest.approx(20 / HOUR)


def test_what_is_left_is_weighed_by_its_macs(status):
    finish("routed", rate=32.0)
    answer = status()
    twin = stage(answer, "train")["hours_left"]
    finish("replicate-2/routed", rate=32.0)
    less = stage(status(), "train")["hours_left"]
    # The twin takes as long as the first one.
    assert twin - less == pytest.approx(20 / HOUR)
    finish("replicate-2/routed", rate=8.0)
    # Now the mean training takes 2.5 times as long.
    assert stage(status(), "train")["hours_left"] == pytest.approx(2.5 * less)


def test_a_weight_that_is_missing_is_not_done(status):
    finish("routed")
    (ROUTED / "step-00000010.safetensors").unlink()
    assert stage(status(), "train")["done"] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="/proc/locks is Linux's")
def test_a_training_holds_its_lock(status):
    write(ROUTED / "unfinished" / "log.csv", log_csv((5, 64.0)), age=10 * HOUR)
    with held(ROUTED, ALONE):
        os.utime(ROUTED / HOLDER, (0, 0))
        found = job(status(), "train/routed")
    assert found["state"] == "running"
    assert found["why"].startswith("step 5 of 20, 64 images/s; ")
    assert f"process {os.getpid()} on {socket.gethostname()} holds its lock" in found["why"]
    assert found["fraction"] == pytest.approx(0.25)
    assert found["images_per_second"] == 64


def test_half_a_training_leaves_half(status):
    finish("routed", rate=32.0)
    whole = stage(status(), "train")["hours_left"]
    write(
        RESULTS / "checkpoints" / "replicate-2" / "routed" / "unfinished" / "log.csv",
        log_csv((10, 32.0)),
    )
    train = stage(status(), "train")
    assert whole - train["hours_left"] == pytest.approx(10 / HOUR)
    assert train["hours_used"] == pytest.approx(30 / HOUR)


@pytest.mark.parametrize(
    ("age", "state", "why"),
    [
        (60, "running", "wrote 1 min ago, with a state due every 8 min"),
        (900, "running", "wrote 15 min ago"),
        (1100, "failed", "last wrote 18 min ago; a state is due every 8 min"),
    ],
)
def test_on_another_machine_the_time_between_states_tells(status, age, state, why):
    """1,000 steps of 32 images at 64 a second are 500 seconds."""
    note(host="elsewhere", age=age)
    write(ROUTED / "unfinished" / "log.csv", log_csv((5, 64.0)), age=age)
    found = job(status(), "train/routed")
    assert found["state"] == state
    assert f"Slurm job 17, process {os.getpid()} on elsewhere {why}" in found["why"]


def test_a_new_state_is_a_sign_of_life(status):
    note(host="elsewhere", age=HOUR)
    assert job(status(), "train/routed")["state"] == "failed"
    write(ROUTED / "unfinished" / "state.safetensors")
    assert job(status(), "train/routed")["state"] == "running"


def test_a_process_that_is_gone_trains_no_more(status):
    """However new its log is."""
    write(LOGS / "train" / "routed.log")
    note(process=gone())
    found = job(status(), "train/routed")
    assert found["state"] == "failed"
    assert found["why"].endswith("is gone")


def test_another_process_of_the_same_number_is_not_taken_for_it(status):
    """This one lives, but holds no lock and has written nothing for long."""
    note(process=os.getpid(), age=10 * HOUR)
    assert job(status(), "train/routed")["state"] == "failed"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"host": 1, "process": "x"}', "\0"])
def test_a_damaged_note_says_as_much_as_its_age(status, text):
    write(ROUTED / HOLDER, text)
    assert job(status(), "train/routed")["state"] == "running"
    write(ROUTED / HOLDER, text, age=HOUR)
    assert job(status(), "train/routed")["state"] == "failed"


def test_a_training_that_was_asked_to_stop_is_not_running(status):
    said = f"{ROUTED}: stopped after step 12; the same call goes on from there"
    write(LOGS / "train" / "routed.log", said + "\n")
    write(ROUTED / "unfinished" / "log.csv", log_csv((12, 64.0)))
    found = job(status(), "train/routed")
    assert (found["state"], found["why"]) == ("failed", f"step 12 of 20; {said}")


def test_an_unfinished_training_that_no_job_is_of_is_left(status):
    write(ROUTED / "unfinished" / "log.csv", log_csv((12, 64.0)))
    found = job(status(), "train/routed")
    assert (found["state"], found["why"]) == ("left", "step 12 of 20")


def test_on_a_cluster_each_kept_step_is_a_job(status, cluster):
    """The first of three is done, and a process holds the folder."""
    folder = Path("results/imagenet256-standin/checkpoints/routed")
    write(folder / "step-00000002.safetensors")
    write(folder / "unfinished" / "log.csv", log_csv((2, 16.0), (3, 4.0)))
    note(host="elsewhere", folder=folder)
    answer = status(cluster)
    assert job(answer, "train/routed-2") is None
    found = job(answer, "train/routed-4")
    assert found["state"] == "running"
    assert found["why"].startswith("step 3 of 4, 4 images/s; ")
    assert found["fraction"] == pytest.approx(0.5)
    assert job(answer, "train/routed-8") is None
    train = stage(answer, "train")
    assert (train["done"], train["running"], train["left"]) == (1, 1, 4)
    # Of two GPUs: 2 steps of 16 images at 16 a second, and one at 4 a second.
    assert train["hours_used"] == pytest.approx(2 * (2 + 4) / HOUR)


def test_a_segment_that_nobody_goes_on_with_is_left(status, cluster):
    folder = Path("results/imagenet256-standin/checkpoints/routed")
    write(folder / "step-00000002.safetensors")
    write(folder / "unfinished" / "log.csv", log_csv((2, 16.0)))
    answer = status(cluster)
    assert answer["jobs"] == []
    train = stage(answer, "train")
    assert (train["done"], train["left"]) == (1, 5)
