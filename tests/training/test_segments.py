"""A training in segments, each up to a kept step, ends in the weights of one in one go."""

from __future__ import annotations

import pytest

from bench.config.model import model_config
from bench.data.pixels import PixelData
from bench.data.registry import load_split
from bench.errors import BadInput
from bench.files.tensors import read_description
from bench.training.loop import train
from bench.training.output import LOG, STATE, UNFINISHED
from tests.conftest import ARCHITECTURES
from tests.training.test_loop import settings

SNAPSHOTS = (20, 40)
STEPS = 60
NAMES = [f"step-{step:08d}.safetensors" for step in (*SNAPSHOTS, STEPS)]


def run(out, until=None, **more):
    train(
        model_config(ARCHITECTURES["routed"]),
        settings(steps=STEPS, snapshots=SNAPSHOTS, **more),
        PixelData(load_split("digits", "train")),
        out,
        {"run": "routed", "dataset": "digits"},
        until=until,
    )


def published(out):
    return {path.name: path.read_bytes() for path in out.glob("*.safetensors")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The weights of a training in one go."""
    out = tmp_path_factory.mktemp("whole")
    run(out)
    return published(out)


@pytest.fixture
def trained(monkeypatch):
    """The steps that are done, one after the other."""
    from bench.training.update import Update

    steps, step = [], Update.__call__

    def counted(update, number, *batch):
        steps.append(number)
        return step(update, number, *batch)

    monkeypatch.setattr(Update, "__call__", counted)
    return steps


# States between the segments' ends, and none but there.
@pytest.mark.parametrize("checkpoint_every", [7, 1000])
def test_the_weights_are_the_same_in_bytes(tmp_path, trained, checkpoint_every):
    for number, until in enumerate((20, 40, STEPS), start=1):
        run(tmp_path, until, checkpoint_every=checkpoint_every)
        assert sorted(published(tmp_path)) == NAMES[:number]
    assert trained == list(range(1, STEPS + 1))
    run(tmp_path / "whole", checkpoint_every=checkpoint_every)
    assert published(tmp_path) == published(tmp_path / "whole")


def test_a_segment_leaves_its_state_and_the_last_one_none(tmp_path):
    run(tmp_path, 20)
    assert read_description(tmp_path / UNFINISHED / STATE, "training state")["step"] == 20
    assert not (tmp_path / LOG).exists()
    run(tmp_path)
    assert not list(tmp_path.rglob(STATE))
    assert not (tmp_path / UNFINISHED).exists()
    rows = (tmp_path / LOG).read_text().splitlines()[1:]
    # No loss is lost where a segment ends between two rows.
    assert [row.split(",")[0] for row in rows] == ["20", "50", "60"]


@pytest.mark.parametrize("begun", [20, 40, STEPS])
def test_lost_results_are_put_back_without_a_step(tmp_path, whole, trained, begun):
    """Without a state, too."""
    run(tmp_path, begun)
    trained.clear()
    (tmp_path / NAMES[0]).unlink()
    (tmp_path / UNFINISHED / STATE).unlink(missing_ok=True)
    run(tmp_path, 20)
    assert trained == []
    assert (tmp_path / NAMES[0]).read_bytes() == whole[NAMES[0]]


def test_a_segment_that_is_done_is_left_alone(tmp_path, whole, trained):
    run(tmp_path)
    trained.clear()
    for until in (20, 40, STEPS, None):
        run(tmp_path, until)
    assert trained == []
    assert published(tmp_path) == whole


def test_without_a_state_it_begins_anew_and_says_so(tmp_path, whole, trained, capsys):
    run(tmp_path, 20)
    assert "missing" not in capsys.readouterr().err
    inode = (tmp_path / NAMES[0]).stat().st_ino
    (tmp_path / UNFINISHED / STATE).unlink()
    trained.clear()
    run(tmp_path, 40)
    first, *progress = capsys.readouterr().err.splitlines()
    assert first.startswith(f"{tmp_path / UNFINISHED / STATE}: missing, though there are snapshots")
    assert progress[0].startswith("routed: step 40/40, ")
    assert trained == list(range(1, 41))
    assert published(tmp_path) == {name: whole[name] for name in NAMES[:2]}
    # What is published stays as it is: it may be in use.
    assert (tmp_path / NAMES[0]).stat().st_ino == inode
    assert (tmp_path / UNFINISHED / NAMES[0]).stat().st_ino == inode


def test_segments_may_be_left_out(tmp_path, whole, trained):
    run(tmp_path, 40)
    assert sorted(published(tmp_path)) == NAMES[:2]
    run(tmp_path, 20)
    run(tmp_path)
    assert trained == list(range(1, STEPS + 1))
    assert published(tmp_path) == whole


def test_other_settings_are_another_run(tmp_path):
    run(tmp_path, 20)
    with pytest.raises(BadInput, match="belongs to a run with other settings or data"):
        run(tmp_path, 40, learning_rate=2e-3)


def test_weights_that_nothing_can_put_back(tmp_path):
    """The training is past them, and they were removed wherever they were."""
    run(tmp_path, 40)
    for folder in (tmp_path, tmp_path / UNFINISHED):
        (folder / NAMES[0]).unlink()
    with pytest.raises(BadInput, match="lost, though the training is past it; remove "):
        run(tmp_path, 20)
