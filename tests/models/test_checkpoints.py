"""Checkpoint files: there and back, and refused when they are not one."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

from bench.errors import BadInput
from bench.files.tensors import read_tensors, write_tensors
from bench.models.checkpoints import load_checkpoint, save_checkpoint
from tests.conftest import random_model


def test_there_and_back(tmp_path):
    model = random_model("routed")
    path = tmp_path / "model.safetensors"
    save_checkpoint(
        path,
        model,
        model.state_dict(),
        {"step": 3, "iterations": 3, "run": "routed", "dataset": "digits"},
    )
    loaded = load_checkpoint(path)
    assert loaded.model.config == model.config
    assert loaded.description["step"] == 3
    for name, weight in model.state_dict().items():
        assert torch.equal(loaded.model.state_dict()[name], weight)


@pytest.mark.parametrize("size", [0, 5, 200, -1])
def test_truncated(tmp_path, checkpoints, size):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(checkpoints["main"].read_bytes()[:size])
    with pytest.raises(BadInput, match="truncated or something else"):
        load_checkpoint(path)


def test_foreign(tmp_path):
    path = tmp_path / "foreign.safetensors"
    save_file({"a": torch.zeros(2)}, path)
    with pytest.raises(BadInput, match="expected 'checkpoint'"):
        load_checkpoint(path)
    with pytest.raises(BadInput, match="no such file"):
        load_checkpoint(tmp_path / "absent.safetensors")


def test_weights_of_another_size(tmp_path, checkpoints):
    tensors, description = read_tensors(checkpoints["main"], "checkpoint")
    description["model"]["hidden_size"] = 32
    path = tmp_path / "odd.safetensors"
    write_tensors(path, tensors, description)
    with pytest.raises(BadInput, match="do not fit the architecture: size mismatch"):
        load_checkpoint(path)
    tensors.pop("mask_token", None)
    tensors.pop("blocks.0.attn.qkv.weight")
    write_tensors(path, tensors, {**description, "model": {**description["model"], "depth": 0}})
    with pytest.raises(BadInput, match=r"odd.safetensors: depth: 0 is not positive"):
        load_checkpoint(path)


def test_weights_that_are_not_finite(tmp_path):
    model = random_model("routed")
    weights = model.state_dict()
    weights["blocks.0.attn.qkv.bias"][3] = float("nan")
    path = tmp_path / "nan.safetensors"
    about = {"step": 3, "iterations": 3, "run": "routed", "dataset": "digits"}
    save_checkpoint(path, model, weights, about)
    with pytest.raises(BadInput, match=r"nan.safetensors: blocks.0.attn.qkv.bias holds values"):
        load_checkpoint(path)
