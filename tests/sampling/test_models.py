"""The checkpoints that a method samples from, by role."""

from __future__ import annotations

import pytest
import torch

from bench.config.sampling import SamplingConfig
from bench.data.conditions import LabelSource
from bench.data.text_states import write_text_states
from bench.errors import BadInput
from bench.files.hashes import sha256_of
from bench.files.tensors import read_tensors
from bench.models import build
from bench.models.autoencoder import Autoencoder
from bench.models.checkpoints import save_checkpoint
from bench.sampling.models import load_models
from bench.stages.sample import write_samples
from tests.conftest import TINY, random_model
from tests.models.autoencoders import write_autoencoder


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


def test_latents_are_decoded_with_the_autoencoder_that_encoded_them(tmp_path):
    """Weights alike, but scaled otherwise, are another one."""
    folders = [
        write_autoencoder(tmp_path / str(scaling), scaling_factor=scaling)
        for scaling in (0.18215, 0.5)
    ]
    model, path = build(TINY | {"in_channels": 4}), tmp_path / "latents.safetensors"
    about = {"run": "r", "dataset": "d", "step": 5, "iterations": 5}
    trained_on = {"autoencoder_sha256": Autoencoder(folders[0], "cpu").sha256}
    save_checkpoint(path, model, model.state_dict(), about | trained_on)
    models = load_models(path, None, folders[0], "cpu")
    out = tmp_path / "samples.safetensors"
    write_samples(out, models, {"method": "unguided"}, SamplingConfig(steps=1), 0, range(2))
    tensors, description = read_tensors(out, "samples")
    assert tensors["images"].shape == (2, 3, 64, 64)
    assert trained_on.items() <= description.items()
    with pytest.raises(
        BadInput, match=r"--autoencoder: .*0\.5: the autoencoder is not the one that .* trained"
    ):
        load_models(path, None, folders[1], "cpu")


class FirstLetters:
    """A text encoder with a state for the first letter of each word."""

    length = 5

    def __init__(self, width=6, identity="first letters"):
        self.width, self.identity = width, identity

    def encode(self, texts):
        mask = torch.zeros(len(texts), 5).bool()
        states = torch.zeros(len(texts), 5, self.width).bfloat16()
        for row, text in enumerate(texts):
            for place, word in enumerate(["", *text.split()]):
                states[row, place, ord(word[:1] or "a") % self.width] = 1
                mask[row, place] = True
        return states, mask


@pytest.fixture
def prompted(tmp_path):
    """A checkpoint of a text-to-image model, and a file of three prompts."""
    about = {"run": "r", "dataset": "d", "step": 5, "iterations": 5}
    model, path = random_model("prompted"), tmp_path / "prompted.safetensors"
    weights = model.state_dict()
    save_checkpoint(path, model, weights, {**about, "text_encoder": "first letters"})
    states = tmp_path / "states.safetensors"
    write_text_states(states, ["a red ring", "two dots", "a blue ring"], FirstLetters())
    return path, states


def test_a_text_to_image_model_is_asked_for_the_prompts_in_turn(prompted, tmp_path):
    checkpoint, states = prompted
    models = load_models(checkpoint, checkpoint, None, "cpu", states)
    spec = {"method": "sparse_guidance", "omega": 1.5, "gamma_strong": 0.2, "gamma_weak": 0.7}
    out = tmp_path / "samples.safetensors"
    write_samples(out, models, spec, SamplingConfig(steps=2), 0, range(2, 7))
    tensors, description = read_tensors(out, "samples")
    assert tensors["prompts"].tolist() == [2, 0, 1, 2, 0]
    assert tensors["images"].shape == (5, 1, 8, 8)
    assert description["prompts_sha256"] == sha256_of(states)


def test_prompts_that_do_not_fit_are_refused(prompted, checkpoints, tmp_path):
    checkpoint, states = prompted
    with pytest.raises(BadInput, match="is a model that is asked for prompts: give their"):
        load_models(checkpoint, None, None, "cpu")
    with pytest.raises(BadInput, match="is a model that is asked for labels: leave it out"):
        load_models(checkpoints["main"], None, None, "cpu", states)
    write_text_states(states, ["a ring"], FirstLetters(width=7))
    with pytest.raises(BadInput, match=r"has 5 states of width 7 for a prompt, but .* width 6"):
        load_models(checkpoint, None, None, "cpu", states)
    write_text_states(states, ["a ring"], FirstLetters(identity="another"))
    with pytest.raises(BadInput, match=r"--prompts: .*: the text encoder is not .* with \(first"):
        load_models(checkpoint, None, None, "cpu", states)


def test_models_of_different_conditions_do_not_guide_each_other(prompted, checkpoints):
    checkpoint, states = prompted
    with pytest.raises(BadInput, match="its images, patches or conditions are not those of"):
        load_models(checkpoint, checkpoints["main"], None, "cpu", states)
