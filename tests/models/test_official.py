"""Published weights: the official codes' outputs, and what is refused."""

from __future__ import annotations

import ast
import json

import pytest
import torch
from safetensors import safe_open

from bench.__main__ import main
from bench.errors import BadInput
from bench.models import from_official
from bench.models.checkpoints import load_checkpoint
from tests.conftest import FIXTURES


def fixture(name):
    """The tensors of a fixture, its weights, and its constructor's arguments."""
    with safe_open(FIXTURES / f"{name}_official.safetensors", "pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        config = ast.literal_eval(file.metadata()["config"])
    weights = {key[8:]: value for key, value in tensors.items() if key.startswith("weights.")}
    return tensors, weights, config


def close(ours, theirs):
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


def test_sit():
    tensors, weights, config = fixture("sit")
    model = from_official("sit", weights, **config)
    velocity = model(tensors["input.x"], tensors["input.t"], tensors["input.y"])
    close(velocity, tensors["output.v"])


@pytest.mark.parametrize(("output", "routed"), [("v_dense", False), ("v_routed", True)])
def test_tread_runs_the_other_way(output, routed):
    tensors, weights, config = fixture("tread")
    model = from_official("tread", weights, **config, route=(1, 2))
    keep = tensors["input.ids_keep"] if routed else None
    velocity = model(tensors["input.x"], 1 - tensors["input.t"], tensors["input.y"], keep)
    close(velocity, -tensors[f"output.{output}"])


def maskdit_inputs(tensors, masked):
    onehot = tensors["input.y_onehot"]
    y = torch.where(onehot.sum(1) > 0, onehot.argmax(1), onehot.shape[1])
    return y, tensors["input.ids_keep"] if masked else None


@pytest.mark.parametrize(("output", "masked"), [("dense", False), ("masked", True)])
def test_maskdit_network(output, masked):
    tensors, weights, config = fixture("maskdit")
    model = from_official("maskdit", weights, **config, decoder=(32, 2, 4), precond=None)
    y, keep = maskdit_inputs(tensors, masked)
    close(model(tensors["input.x"], tensors["input.t"], y, keep), tensors[f"output.{output}"])


def test_maskdit_denoiser_is_a_velocity():
    """EDM's equation 7 in float64, on the network alone."""
    tensors, weights, config = fixture("maskdit")
    network = from_official("maskdit", weights, **config, decoder=(32, 2, 4), precond=None)
    model = from_official("maskdit", weights, **config, decoder=(32, 2, 4))
    y, keep = maskdit_inputs(tensors, masked=True)
    x_t, t = tensors["input.x"], torch.tensor([0.05, 0.5, 0.95])
    time = t.double().view(-1, 1, 1, 1)
    sigma = (1 - time) / time
    noisy = x_t / time
    total = sigma**2 + 0.25
    output = network((noisy / total.sqrt()).float(), (sigma.log() / 4).flatten().float(), y, keep)
    denoised = 0.25 / total * noisy + sigma * 0.5 / total.sqrt() * output
    expected = (denoised - x_t) / (1 - time)
    torch.testing.assert_close(model(x_t, t, y, keep).double(), expected, atol=1e-4, rtol=1e-4)
    ends = model(x_t, torch.tensor([0.0, 1.0, 0.5]), y, keep)
    assert ends.isfinite().all()


def test_dit_noise_is_a_velocity():
    """At DiT's own steps: x_t and its state differ by a factor, and the noise is the same."""
    tensors, weights, config = fixture("sit")
    network = from_official("sit", weights, **config)
    model = from_official("dit", weights, **config)
    betas = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
    signal = (1 - betas).cumprod(0)
    steps = torch.tensor([3, 400, 900])
    data, noise = signal[steps].sqrt(), (1 - signal[steps]).sqrt()
    t = data / (data + noise)
    x_t = tensors["input.x"]
    state = x_t * (data / t).view(-1, 1, 1, 1)
    epsilon = network(state.float(), steps.float(), tensors["input.y"])
    predicted = (state - noise.view(-1, 1, 1, 1) * epsilon) / data.view(-1, 1, 1, 1)
    velocity = model(x_t, t.float(), tensors["input.y"])
    torch.testing.assert_close(velocity.double(), predicted - epsilon, atol=1e-3, rtol=1e-3)
    ends = model(x_t, torch.tensor([0.0, 1.0, 0.5]), tensors["input.y"])
    assert ends.isfinite().all()


@pytest.mark.parametrize("wrapper", ["model.", "_orig_mod.model.", "module._orig_mod."])
def test_wrapped_weights(wrapper):
    """As in MaskDiT's files: the network in its preconditioner, and that one compiled."""
    tensors, weights, config = fixture("maskdit")
    weights = {f"{wrapper}{name}": value for name, value in weights.items()}
    model = from_official("maskdit", weights, **config, decoder=(32, 2, 4), precond=None)
    y, _ = maskdit_inputs(tensors, masked=False)
    close(model(tensors["input.x"], tensors["input.t"], y), tensors["output.dense"])


def test_what_is_refused():
    _, weights, config = fixture("sit")
    with pytest.raises(BadInput, match="unknown kind 'sti', did you mean 'sit'"):
        from_official("sti", weights, **config)
    with pytest.raises(BadInput, match="depht: unknown key, did you mean 'depth'"):
        from_official("sit", weights, **config, depht=3)
    with pytest.raises(BadInput, match=r"the weights lack blocks\.3\..* \(10 in all\)"):
        from_official("sit", weights, **{**config, "depth": 4})
    with pytest.raises(BadInput, match=r"have beyond the model blocks\.2\..* \(10 in all\)"):
        from_official("sit", weights, **{**config, "depth": 2})
    with pytest.raises(BadInput, match=r"embedding_table\.weight: the weights have \[11, 48\]"):
        from_official("sit", weights, **{**config, "num_classes": 1000})
    with pytest.raises(BadInput, match="pos_embed: not the sin-cos positions"):
        from_official("sit", {**weights, "pos_embed": weights["pos_embed"] + 1}, **config)
    with pytest.raises(BadInput, match="precond: 'vp' is neither 'edm' nor None"):
        from_official("maskdit", weights, **config, precond="vp")
    with pytest.raises(BadInput, match=r"lack final_layer\.linear\.weight; are they of another"):
        from_official("tread", {}, **config)


def convert(path, out, *more):
    arguments = ["convert", "sit", "--weights", path, "--dataset", "imagenet256"]
    return main([*map(str, [*arguments, "--iterations", 7, "--out", out]), *more])


def test_convert_and_sample(tmp_path):
    tensors, weights, config = fixture("sit")
    torch.save({"ema": weights, "model": {}, "opt": {"state": {}}}, tmp_path / "sit.pt")
    out = tmp_path / "sit.safetensors"
    assert convert(tmp_path / "sit.pt", out, "--config", json.dumps(config)) == 0
    loaded = load_checkpoint(out)
    assert loaded.description["iterations"] == 7
    velocity = loaded.model(tensors["input.x"], tensors["input.t"], tensors["input.y"])
    close(velocity, tensors["output.v"])


@pytest.mark.parametrize("state", [{"ema": None}, {"ema": {}}, {"opt": {"state": {}}}])
def test_weights_of_the_last_step_are_taken_with_a_word(state, tmp_path, capsys):
    tensors, weights, config = fixture("sit")
    torch.save({"model": weights, **state}, tmp_path / "sit.pt")
    out = tmp_path / "sit.safetensors"
    assert convert(tmp_path / "sit.pt", out, "--config", json.dumps(config)) == 0
    notes = capsys.readouterr().err.splitlines()
    assert len(notes) == 1
    assert notes[0].startswith(f"note: {tmp_path / 'sit.pt'}: holds no moving average (ema); ")
    loaded = load_checkpoint(out)
    assert loaded.description["section"] == "model"
    velocity = loaded.model(tensors["input.x"], tensors["input.t"], tensors["input.y"])
    close(velocity, tensors["output.v"])


@pytest.mark.parametrize(("section", "recorded"), [("ema", "ema"), (None, None)])
def test_averages_and_weights_alone_are_taken_silently(section, recorded, tmp_path, capsys):
    _, weights, config = fixture("sit")
    wrong = {name: value + 1 for name, value in weights.items()}
    torch.save({section: weights, "model": wrong} if section else weights, tmp_path / "sit.pt")
    out = tmp_path / "sit.safetensors"
    assert convert(tmp_path / "sit.pt", out, "--config", json.dumps(config)) == 0
    assert capsys.readouterr().err == ""
    assert load_checkpoint(out).description["section"] == recorded


def test_a_refusal_is_one_line_and_leaves_no_file(tmp_path, capsys):
    torch.save({"ema": {"a": 1}}, tmp_path / "other.pt")
    assert convert(tmp_path / "other.pt", tmp_path / "out.safetensors") == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {tmp_path / 'other.pt'}: holds no weights")
    assert error.count("\n") == 1
    assert not (tmp_path / "out.safetensors").exists()
