"""A text-to-image model trains, is resumed and sampled like every other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from bench.config.model import model_config
from bench.config.sampling import SamplingConfig
from bench.config.training import TrainingConfig
from bench.data.captioned import Captioned
from bench.data.dataset import Split
from bench.data.pixels import PixelData
from bench.data.prompts import PromptSource
from bench.data.text_shards import TextShards
from bench.data.text_states import TextStates, write_text_states
from bench.files.tensors import read_tensors
from bench.guidance import build
from bench.models.checkpoints import load_checkpoint
from bench.sampling.sampler import sample
from bench.stages.capacity_gap import capacity_gap
from bench.training.loop import train
from tests.conftest import PROMPTED
from tests.data.test_text_shards import write_folder
from tests.sampling.test_models import FirstLetters
from tests.training.cut_off import CutOff, cut_off_after

STEPS = 150
CAPTIONS = ["bright", "dark", "a bright", "a dark"]


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    path = tmp_path_factory.mktemp("states") / "states.safetensors"
    write_text_states(path, CAPTIONS, FirstLetters())
    return TextStates(path)


@pytest.fixture(scope="module")
def data(states):
    """Images of one grey each, brighter or darker as their caption says."""
    stream = np.random.default_rng(0)
    captions = [CAPTIONS[index % 4] for index in range(400)]
    greys = [190 if "bright" in caption else 60 for caption in captions]
    images = stream.normal(np.array(greys)[:, None, None, None], 8, (400, 1, 8, 8))
    pixels = PixelData(Split(images.clip(0, 255).astype(np.uint8), np.zeros(400, np.int64)))
    return Captioned(pixels, captions, states)


def run(out, data, **changes):
    settings = {
        "steps": STEPS,
        "batch_size": 32,
        "gamma": 0.5,
        "learning_rate": 5e-3,
        "muon_learning_rate": 0.02,
        "decay_steps": 60,
        "ema_decay": 0.9,
        "checkpoint_every": 7,
        "time": "logit_normal",
        "time_mean": -0.5,
    }
    architecture = model_config({**PROMPTED, "prediction": "data"})
    train(
        architecture,
        TrainingConfig(**{**settings, **changes}),
        data,
        out,
        {"run": "r", "dataset": "greys"},
    )
    return load_checkpoint(out / f"step-{changes.get('steps', STEPS):08d}.safetensors")


@pytest.fixture(scope="module")
def trained(tmp_path_factory, data):
    out = tmp_path_factory.mktemp("trained")
    return out, run(out, data)


def test_training_learns_what_prompts_mean(trained, states):
    out, checkpoint = trained
    losses = pd.read_csv(out / "log.csv")["loss"]
    assert losses.iloc[-1] < 0.3 * losses.iloc[0]
    (batch,) = sample(
        {"main": checkpoint.model},
        build({"method": "unguided"}),
        SamplingConfig(steps=8),
        PromptSource(states),
        0,
        range(16),
    )
    greys = batch.images.float().mean((1, 2, 3))
    for row, grey in zip(batch.conditions.rows, greys):
        expected = 190 if "bright" in CAPTIONS[row] else 60
        assert grey == pytest.approx(expected, abs=25)


def test_the_checkpoint_knows_the_empty_prompt_and_the_encoder(trained, states):
    _, checkpoint = trained
    null = checkpoint.model.null_condition(1)
    assert torch.equal(null.states, states.null.states)
    assert torch.equal(null.mask, states.null.mask)
    assert checkpoint.description["text_encoder"] == "first letters"
    assert checkpoint.description["text_states_sha256"] == states.sha256


def test_the_capacity_gap_is_measured_as_with_labels(trained, data):
    rows = torch.arange(40)
    stored, given = data[rows]
    gaps = pd.DataFrame(capacity_gap(trained[1], data.decode(stored), given, "cpu"))
    losses = gaps.groupby(["condition", "gamma"])["loss"].mean()
    assert losses["null", 0.0] > 1.5 * losses["given", 0.0]
    assert set(gaps["gamma"]) == {0.0, 0.25, 0.5, 0.75, 0.9}


def test_a_run_that_is_cut_off_ends_in_the_same_weights(tmp_path, data, states):
    captions = [CAPTIONS[row] for row in data.rows]
    with pytest.raises(CutOff):
        run(
            tmp_path / "cut",
            cut_off_after(20, Captioned)(data.images, captions, states),
            steps=30,
            decay_steps=10,
        )
    assert (tmp_path / "cut" / "unfinished" / "state.safetensors").exists()
    for out in ("cut", "whole"):
        run(tmp_path / out, data, steps=30, decay_steps=10)
    files = [tmp_path / out / "step-00000030.safetensors" for out in ("cut", "whole")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_number_of_shards_changes_no_weight(tmp_path, data):
    """Nor does a training notice when it goes on with another number, in worker processes."""
    captions = [CAPTIONS[row] for row in data.rows]
    folders = [write_folder(tmp_path / f"text-{count}", count, CAPTIONS) for count in (1, 3)]
    one, three = (Captioned(data.images, captions, TextShards(folder)) for folder in folders)
    settings = {"steps": 16, "decay_steps": 8}
    cut = cut_off_after(10, Captioned)(data.images, captions, TextShards(folders[0]))
    with pytest.raises(CutOff):
        run(tmp_path / "both", cut, **settings)
    run(tmp_path / "both", three, **settings, workers=1)
    for out, prompted in (("one", one), ("three", three), ("file", data)):
        run(tmp_path / out, prompted, **settings)
    paths = {
        out: tmp_path / out / "step-00000016.safetensors"
        for out in ("one", "three", "both", "file")
    }
    assert paths["one"].read_bytes() == paths["three"].read_bytes()
    (weights, description), (of_file, _) = (
        read_tensors(paths[out], "checkpoint") for out in ("both", "file")
    )
    expected, about = read_tensors(paths["one"], "checkpoint")
    assert {**description, "training": about["training"]} == about
    for name, weight in expected.items():
        assert torch.equal(weights[name], weight), name
        assert torch.equal(of_file[name], weight), name
