"""The classifier: it classifies, and torch-fidelity can use it."""

from __future__ import annotations

import pytest
import torch
from torch_fidelity.utils import create_feature_extractor

from bench.config.evaluation import ExtractorConfig
from bench.data.registry import dataset_info, load_split
from bench.errors import BadInput
from bench.evaluation.extractor import load_extractor
from bench.evaluation.features import write_features
from bench.evaluation.fidelity import NAME
from bench.evaluation.rows import evaluation_rows
from bench.stages.extractor import train_classifier


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    path = tmp_path_factory.mktemp("classifier") / "extractor.safetensors"
    splits = [load_split("digits", name) for name in ("train", "reference")]
    settings = ExtractorConfig(width=32, epochs=15)
    return path, train_classifier(*splits, dataset_info("digits"), settings, path, "cpu")


def test_it_classifies_held_out_digits(trained):
    assert trained[1] > 0.6


def test_torch_fidelity_finds_it(trained):
    network = create_feature_extractor(NAME, ["logits", "pool"], cuda=False, weights=trained[0])
    images = torch.from_numpy(load_split("digits", "train").images[:5])
    logits, pool = network(images)
    ours = load_extractor(trained[0], "cpu")(images)
    torch.testing.assert_close(pool, ours["pool"])
    torch.testing.assert_close(logits.double().softmax(1), ours["probabilities"])
    # 7 channels of 4 x 4.
    assert ours["spatial"].shape == (5, 7 * 16)


def test_shards_give_the_row_of_the_whole(trained, tmp_path):
    extractor = load_extractor(trained[0], "cpu")
    images = torch.from_numpy(load_split("digits", "train").images[:300])
    reference = torch.from_numpy(load_split("digits", "reference").images)
    source = {"seed": 1, "steps": 4}

    def write(name, images, **more):
        path = tmp_path / f"{name}.safetensors"
        write_features(path, extractor(images), extractor.name, {**source, **more})
        return path

    target = write("reference", reference)
    (whole,) = evaluation_rows([write("whole", images, indices=[0, 300])], target)
    parts = [
        write("a", images[:100], indices=[0, 100]),
        write("b", images[100:], indices=[100, 300]),
    ]
    other_block = write("c", images[:50], indices=[0, 50], seed=2)
    row, other = evaluation_rows([*parts, other_block], target)
    for key in ("fid", "sfid", "is", "precision", "recall", "kid", "samples"):
        assert row[key] == pytest.approx(whole[key], rel=1e-6)
    assert (row["seed"], row["samples"]) == (1, 300)
    assert (other["seed"], other["samples"]) == (2, 50)
    with pytest.raises(BadInput, match="begins at sample 0, but 300 is next"):
        evaluation_rows(parts[::-1], target)
    with pytest.raises(BadInput, match="its steps is not that of"):
        evaluation_rows([parts[0], write("d", images, indices=[100, 400], steps=5)], target)


def test_features_of_two_extractors_do_not_mix(trained, tmp_path):
    other = tmp_path / "other.safetensors"
    splits = [load_split("digits", name) for name in ("train", "reference")]
    settings = ExtractorConfig(width=32, epochs=1)
    train_classifier(*splits, dataset_info("digits"), settings, other, "cpu")
    images = torch.from_numpy(splits[0].images[:20])
    paths = []
    for weights in (trained[0], other):
        extractor = load_extractor(weights, "cpu")
        paths.append(tmp_path / f"features-{weights.stem}.safetensors")
        write_features(paths[-1], extractor(images), extractor.name, {})
    with pytest.raises(BadInput, match="made with another extractor"):
        evaluation_rows(paths[:1], paths[1])
