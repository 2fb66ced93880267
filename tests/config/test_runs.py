"""Labels of cells: what they name, and what a scale makes of them."""

from __future__ import annotations

import pytest

from bench.config.load import load
from bench.config.runs import Snapshot, read_snapshot
from bench.errors import BadInput
from tests.config.test_scale import DIGITS


@pytest.mark.parametrize("text", ["routed", "routed@900"])
def test_spelled_as_it_is_read(text):
    assert str(read_snapshot(text)) == text


def test_a_step_is_a_number():
    assert read_snapshot("routed@900") == Snapshot("routed", 900)
    with pytest.raises(BadInput, match="'routed@last': after '@' comes the step"):
        read_snapshot("routed@last")


def test_checkpoints_of_labels():
    scale = load(DIGITS)
    assert scale.checkpoint("routed") == ("routed", 1500)
    assert scale.checkpoint("routed@900") == ("routed", 900)
    # A finetuning from a snapshot is a training of its own.
    assert scale.checkpoint("finetuned@900") == ("finetuned@900", 100)
    assert scale.trainings["finetuned@900"] == "routed@900"
    assert scale.trainings["finetuned"] == "routed"


def test_weak_checkpoints_of_labels():
    scale = load(DIGITS)
    assert scale.weak_checkpoint("routed", "cfg") is None
    assert scale.weak_checkpoint("routed", "autoguidance") == ("routed", 900)
    assert scale.weak_checkpoint("routed", "autoguidance@900") == ("routed", 900)
    assert scale.weak_checkpoint("routed@900", "sparse_guidance_fid@300") == ("routed", 300)


def test_cells_on_snapshots_are_cells():
    cells = load(DIGITS).cells
    assert ("routed", "autoguidance@300") in cells
    assert ("routed@900", "cfg") in cells
    assert ("finetuned@900", "cfg") in cells
