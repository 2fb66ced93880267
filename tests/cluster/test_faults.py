"""A training that is cut off in some way ends in the bytes of one that is not."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from tests.cluster.conftest import MICRO, ROOT
from tests.cluster.slurm import NODES, wait_until

STEPS = 300
FOLDER = "results/cluster/checkpoints/routed"
WEIGHTS = f"step-{STEPS:08}.safetensors"
JOB = "rule_train_routed"


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """A training of one process that lasts some seconds and saves its state often."""
    settings = yaml.safe_load(MICRO.read_text())
    settings["hardware"] = {}
    settings["runs"]["routed"]["training"] |= {"steps": STEPS, "checkpoint_every": 20}
    path = tmp_path_factory.mktemp("faults") / "config.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


@pytest.fixture(scope="module")
def expected(config):
    """The weights of a training without Slurm."""
    out = config.parent / "whole"
    command = [sys.executable, "-m", "bench", "train", "--config", config, "--run", "routed"]
    subprocess.run([*command, "--out", out, "--device", "cpu"], check=True, cwd=ROOT)
    return (out / WEIGHTS).read_bytes()


@pytest.fixture
def training(slurm, snakemake, config, tmp_path):
    """Snakemake, whose job has saved a state; and that job."""
    started = snakemake(tmp_path, config, "--", f"{FOLDER}/{WEIGHTS}")
    state = tmp_path / FOLDER / "unfinished" / "state.safetensors"
    wait_until(lambda: state.exists() or started.poll() is not None)
    yield started, wait_until(lambda: slurm.running_job(JOB))
    # After a failure they are still there.
    started.kill()
    started.wait()
    slurm.ask("scancel", "--user", "root")


def ended(started, folder):
    """The weights, once Snakemake has come to its end."""
    assert started.wait() == 0, (folder / "output").read_text()
    return (folder / FOLDER / WEIGHTS).read_bytes()


def test_a_cancelled_job(slurm, training, expected, tmp_path):
    started, job = training
    slurm.ask("scancel", job)
    assert ended(started, tmp_path) == expected
    assert "Trying to restart job" in (tmp_path / "output").read_text()


def test_a_lost_node(slurm, training, expected, tmp_path):
    started, job = training
    node = slurm.ask("squeue", "--noheader", "--jobs", job, "--format", "%N")
    slurm.ask("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
    try:
        # Slurm gives a node two minutes to come back.
        slurm.ask("scontrol", "update", f"jobid={job}", "starttime=now")
        assert ended(started, tmp_path) == expected
        (other,) = {*NODES} - {node}
        assert slurm.ask("squeue", "-a", "-h", "-t", "all", "-j", job, "-o", "%N") == other
    finally:
        slurm.ask("scontrol", "update", f"nodename={node}", "state=resume")


def test_a_controller_that_restarts(slurm, training, expected, tmp_path):
    started, _ = training
    slurm.stop_controller()
    slurm.start_controller()
    assert ended(started, tmp_path) == expected
    assert "Trying to restart job" not in (tmp_path / "output").read_text()


def test_a_killed_snakemake(slurm, snakemake, training, config, expected, tmp_path):
    """Its job lives on; the next Snakemake's is turned away until that one has ended."""
    started, job = training
    # It would end before the next one begins.
    slurm.ask("scontrol", "suspend", job)
    started.kill()
    started.wait()
    target = ["--", f"{FOLDER}/{WEIGHTS}"]
    assert snakemake(tmp_path, config, "--unlock", *target).wait() == 0
    following = snakemake(tmp_path, config, *target)
    refusal = f"error: {FOLDER}: Slurm job {job}, process "
    wait_until(lambda: refusal in (tmp_path / "output").read_text() or following.poll() is not None)
    slurm.ask("scontrol", "resume", job)
    assert ended(following, tmp_path) == expected
    assert refusal in (tmp_path / "output").read_text()
