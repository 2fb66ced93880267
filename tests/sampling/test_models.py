"""The checkpoints that a method samples from, by role."""

from __future__ import annotations

import pytest

from bench.config.sampling import SamplingConfig
from bench.data.conditions import LabelSource
from bench.files.hashes import sha256_of
from bench.sampling.models import load_models


def test_each_role_has_the_weights_of_its_file(checkpoints):
    models = load_models(checkpoints["main"], checkpoints["weak"], None, "cpu")
    assert set(models.networks) == {"main", "weak"}
    for role, checkpoint in models.checkpoints.items():
        assert checkpoint.sha256 == sha256_of(checkpoints[role]), role


@pytest.mark.parametrize("mode", ["random", "balanced"])
def test_labels_are_given_as_the_settings_say(checkpoints, mode):
    models = load_models(checkpoints["main"], None, None, "cpu")
    settings = SamplingConfig(steps=1, label_mode=mode)
    assert models.conditions(settings) == LabelSource(10, mode)
