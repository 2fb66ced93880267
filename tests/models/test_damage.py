"""Whatever became of a checkpoint's bytes, it is loaded or refused in one line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.models.checkpoints import load_checkpoint, save_checkpoint
from tests.conftest import random_model
from tests.damage import SMALL_NUMBERS, answered, damaged, redescribed


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged") / "step.safetensors"


@pytest.fixture(scope="module")
def whole(path):
    """The bytes of a checkpoint."""
    model = random_model("routed")
    about = {"run": "routed", "dataset": "digits", "step": 1, "iterations": 1}
    save_checkpoint(path, model, model.state_dict(), about)
    return path.read_bytes()


@given(st.data())
@settings(max_examples=400)
def test_bytes(path, whole, data):
    path.write_bytes(data.draw(damaged(whole, head=4000)))
    with answered():
        load_checkpoint(path)


@given(st.data())
@settings(max_examples=300)
def test_description(path, whole, data):
    path.write_bytes(data.draw(redescribed(whole, SMALL_NUMBERS)))
    with answered():
        load_checkpoint(path)
