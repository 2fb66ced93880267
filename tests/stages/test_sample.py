"""The header of a file of samples says what they were drawn from."""

from __future__ import annotations

import pytest

from bench.config.sampling import SamplingConfig
from bench.files.hashes import sha256_of
from bench.files.tensors import read_description
from bench.models.checkpoints import save_checkpoint
from bench.sampling.models import load_models
from bench.stages.sample import write_samples
from tests.conftest import random_model


@pytest.fixture
def trained(tmp_path):
    """Two checkpoints of one run with the training seed 7, by role."""
    paths = {}
    for role, step in (("main", 20), ("weak", 10)):
        model, paths[role] = random_model("routed", step), tmp_path / f"{role}.safetensors"
        about = {"run": "routed", "dataset": "digits", "step": step, "iterations": 100 + step}
        save_checkpoint(
            paths[role], model, model.state_dict(), {**about, "training": {"seed": 7}, "seed": 8}
        )
    return paths


def test_the_header_names_block_indices_and_checkpoints(trained, tmp_path):
    models, out = load_models(trained["main"], trained["weak"], None, "cpu"), tmp_path / "out"
    spec = {"method": "autoguidance", "omega": 2.0}
    write_samples(out, models, spec, SamplingConfig(steps=1), 3, range(4, 9))
    found = read_description(out, "samples")
    expected = {
        "seed": 3,
        "training_seed": 7,
        "indices": [4, 9],
        "guidance": spec,
        "checkpoint_step": 20,
        "checkpoint_iterations": 120,
        "checkpoint_sha256": sha256_of(trained["main"]),
        "weak_checkpoint_step": 10,
        "weak_checkpoint_sha256": sha256_of(trained["weak"]),
    }
    assert {key: found[key] for key in expected} == expected
