"""The simulated cluster: what follows from the hours and the order of jobs, whatever its size."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.config.load import load
from bench.results import Results
from bench.stages.schedule import schedule
from bench.status.jobs import jobs
from tests.workflow.conftest import ROOT

PAPER = ROOT / "workflow" / "config" / "imagenet256.yaml"


@pytest.fixture(scope="module")
def scale():
    return load(PAPER)


@pytest.fixture(scope="module")
def work(scale):
    return list(jobs(scale, Results(Path("results")), Path("figures")))


@pytest.mark.parametrize("gpus", [8, 16, 100])
def test_no_gpu_hour_is_lost_or_done_twice(scale, work, gpus):
    found = schedule(scale, gpus)
    assert found.busy * found.gpus * found.hours == pytest.approx(sum(j.expected for j in work))
    assert found.busy <= 1
    assert found.running <= gpus
    # Neither more work than GPU hours, nor a chain that is longer than the whole.
    assert found.hours >= sum(job.expected for job in work) / gpus
    assert found.hours >= found.chain[1]


def test_on_a_large_cluster_the_longest_chain_is_left(scale):
    found = schedule(scale, 10_000)
    steps, hours = found.chain
    assert found.hours == pytest.approx(hours)
    assert found.waiting == 0
    assert hours == pytest.approx(sum(job.expected / job.gpus for job in steps))
    # Between encoding and training is the latents' index, which takes seconds.
    assert steps[0].stage == "encode"
    for before, after in pairwise(steps[1:]):
        assert set(before.outputs) & set(after.inputs)
    assert "train/dense" in found.bottleneck


def test_on_a_small_one_gpus_are(scale):
    found = schedule(scale, 8)
    assert found.bottleneck.startswith("GPUs")
    assert found.waiting > 100


def test_the_command_names_what_holds_up(capsys):
    assert main(["estimate", "--config", str(PAPER), "--gpus", "8", "64", "512"]) == 0
    text = capsys.readouterr().out
    assert text.count("one after the other") == 2
    assert "GB of latents by the trainings" in text


def test_a_cluster_that_no_training_fits(capsys):
    assert main(["estimate", "--config", str(PAPER), "--gpus", "4"]) == 2
    assert capsys.readouterr().err == ("error: --gpus: 4 are too few; a training takes 8 at once\n")
