"""Runs and methods at a step, and the cells and checkpoints that they name."""

from __future__ import annotations

import dataclasses

import pytest

from bench.config.load import load
from bench.config.runs import Segment, Snapshot, Training, read_snapshot
from bench.errors import BadInput
from tests.config.test_scale import DIGITS
from tests.workflow.conftest import MICRO


@pytest.mark.parametrize("text", ["routed", "routed@900"])
def test_spelled_as_it_is_read(text):
    assert str(read_snapshot(text)) == text


def test_a_step_is_a_number():
    assert read_snapshot("routed@900") == Snapshot("routed", 900)
    with pytest.raises(BadInput, match="'routed@last': after '@' comes the step"):
        read_snapshot("routed@last")


def test_checkpoints_of_runs():
    scale = load(DIGITS)
    assert scale.checkpoint("routed") == (Training("routed"), 1500)
    assert scale.checkpoint("routed@900") == (Training("routed"), 900)
    # A finetuning from a snapshot is a training of its own.
    assert scale.checkpoint("finetuned@900") == (Training("finetuned@900"), 150)
    assert scale.trainings[Training("finetuned@900")] == "routed@900"
    assert scale.trainings[Training("finetuned")] == "routed"


def test_weak_checkpoints_of_cells():
    scale = load(DIGITS)
    assert scale.weak_checkpoint("routed", "cfg") is None
    assert scale.weak_checkpoint("routed", "autoguidance") == (Training("routed"), 900)
    assert scale.weak_checkpoint("routed", "autoguidance@900") == (Training("routed"), 900)
    assert scale.weak_checkpoint("routed@900", "sparse_guidance_fid@300") == (
        Training("routed"),
        300,
    )


def test_cells_on_snapshots_are_cells():
    cells = load(DIGITS).cells
    assert ("routed", "autoguidance@300") in cells
    assert ("routed@900", "cfg") in cells
    assert ("finetuned@900", "cfg") in cells


def test_a_missing_weak_step_is_named():
    scale = load(DIGITS)
    with pytest.raises(BadInput, match="weak_step: missing; 'autoguidance' needs"):
        scale.weak_checkpoint("finetuned", "autoguidance")


def test_replicates_are_trainings_of_their_own():
    scale = load(DIGITS)
    measurement = dataclasses.replace(scale.measurement, seeds=(4, 7, 5), retrain=True)
    scale = dataclasses.replace(scale, measurement=measurement)
    assert [scale.replicate(seed) for seed in (4, 7, 5)] == [0, 1, 2]
    third = Training("routed", 2)
    assert str(third) == "replicate-3/routed"
    assert str(Training("routed")) == "routed"
    assert scale.checkpoint("routed@900", 2) == (third, 900)
    assert scale.weak_checkpoint("routed", "autoguidance", 2) == (third, 900)
    # A finetuning starts from its own replicate's model.
    assert scale.trainings[Training("finetuned@900", 2)] == "routed@900"
    assert len(scale.trainings) == 3 * len(once(scale).trainings)


def once(scale):
    """The scale with one training for all blocks."""
    measurement = dataclasses.replace(scale.measurement, retrain=False)
    return dataclasses.replace(scale, measurement=measurement)


def test_without_retraining_blocks_share_a_training():
    scale = once(load(DIGITS))
    assert {scale.replicate(seed) for seed in scale.measurement.seeds} == {0}
    assert set(scale.replicates) == {0}


def test_a_training_is_one_job():
    scale = load(MICRO)
    assert scale.segments == tuple(
        Segment(training, 0, scale.run(training.run).kept_steps, is_last=True)
        for training in scale.trainings
    )
    assert list(map(str, scale.segments)) == list(map(str, scale.trainings))


def test_on_a_cluster_it_is_a_job_for_each_kept_step():
    scale = load(MICRO.with_name("imagenet256-standin.yaml"))
    routed = [segment for segment in scale.segments if segment.training == Training("routed")]
    assert [(s.start, s.end, s.steps, s.is_last) for s in routed] == [
        (0, 2, 2, False),
        (2, 4, 2, False),
        (4, 8, 4, True),
    ]
    assert list(map(str, scale.segments)) == [
        *("routed-2", "routed-4", "routed-8"),
        *("finetuned", "masked", "dense"),
    ]
