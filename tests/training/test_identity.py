"""Which files belong to a training."""

from __future__ import annotations

import copy

import pytest

from bench.config.model import model_config
from bench.config.training import TrainingConfig
from bench.training.identity import is_of_run, run_header
from tests.conftest import PROMPTED, TINY


def header_of(architecture, **settings):
    settings = {"steps": 10, "batch_size": 4, **settings}
    about = {"run": "r", "dataset": "d"}
    return run_header(about, model_config(architecture), TrainingConfig(**settings), None)


@pytest.mark.parametrize(
    ("section", "key"), [("training", "gradient_clip"), ("model", "learned_positions")]
)
def test_a_file_from_before_there_was_a_setting_has_its_default(section, key):
    plain = {name: value for name, value in PROMPTED.items() if name != "learned_positions"}
    header = header_of(plain)
    old = copy.deepcopy(header)
    del old[section][key]
    assert is_of_run(old, header)
    assert not is_of_run(old, header_of(PROMPTED, gradient_clip=0.5))


def test_settings_that_change_the_speed_alone_may_differ():
    assert is_of_run(header_of(TINY, compile=True), header_of(TINY))


@pytest.mark.parametrize("other", [{**TINY, "depth": 3}, PROMPTED])
def test_another_model_is_another_run(other):
    assert not is_of_run(header_of(other), header_of(TINY))


def test_a_file_without_a_model_is_of_no_run():
    assert not is_of_run({"run": "r", "model": None, "training": None}, header_of(TINY))
