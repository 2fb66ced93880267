"""The table of metrics: which columns there are, in which order, and that it is used."""

from __future__ import annotations

import pytest
import torch

from bench.evaluation.score import score
from bench.metrics import comparison as module
from bench.metrics import frechet_distance, inception_score, kernel_distance, precision_recall
from bench.metrics.comparison import FeatureSet
from bench.metrics.table import METRICS, Metric

NAMES = ("fid", "sfid", "is", "precision", "recall", "kid", "clean_fid", "fd_dinov2")


@pytest.fixture
def sets():
    """Features of generated images in two shards, and of real ones."""
    stream = torch.Generator().manual_seed(0)
    features = {
        name: torch.rand((60, width), generator=stream)
        for name, width in (("pool", 5), ("spatial", 4), ("clean_pool", 5), ("dinov2", 3))
    }
    features["probabilities"] = torch.rand((60, 7), generator=stream).softmax(1)
    generated = {name: values[:30] for name, values in features.items()}
    real = {name: values[30:] for name, values in features.items()}
    return generated, real


def shards(generated, *names):
    return [{name: generated[name][part] for name in names} for part in (slice(9), slice(9, None))]


def reference(real):
    return {name: FeatureSet([values]) for name, values in real.items()}


def test_every_column_is_its_function(sets):
    generated, real = sets
    found = score(shards(generated, *generated), reference(real))
    assert tuple(found) == tuple(METRICS) == NAMES
    for name, features in (
        ("fid", "pool"),
        ("sfid", "spatial"),
        ("clean_fid", "clean_pool"),
        ("fd_dinov2", "dinov2"),
    ):
        expected = frechet_distance(generated[features], real[features])
        assert found[name] == pytest.approx(expected, rel=1e-9), name
    assert found["is"] == inception_score(generated["probabilities"])
    pair = precision_recall(real["pool"], generated["pool"])
    assert (found["precision"], found["recall"]) == pair
    assert found["kid"] == kernel_distance(real["pool"], generated["pool"])


def test_a_column_is_absent_without_its_features(sets):
    generated, real = sets
    found = score(shards(generated, "pool", "spatial", "probabilities"), reference(real))
    assert tuple(found) == NAMES[:6]


def test_neighbours_are_searched_once(sets, monkeypatch):
    calls = []

    def counted(*arguments):
        calls.append(arguments)
        return precision_recall(*arguments)

    monkeypatch.setattr(module, "precision_recall", counted)
    score(shards(sets[0], *sets[0]), reference(sets[1]))
    assert len(calls) == 1


def test_an_entry_is_a_column(sets, monkeypatch):
    mine = Metric("mean", "pool", lambda pair: float(pair.generated.values.mean()), "mean")
    monkeypatch.setitem(METRICS, "mean", mine)
    found = score(shards(sets[0], "pool"), reference(sets[1]))
    assert found["mean"] == pytest.approx(float(sets[0]["pool"].mean()))


def test_headings_point_to_better_values():
    headings = {name: metric.heading_with_arrow for name, metric in METRICS.items()}
    assert headings["fd_dinov2"] == "FD-DINOv2 ↓"
    assert [name for name in headings if "↑" in headings[name]] == ["is", "precision", "recall"]


def test_given_statistics_stand_for_the_images():
    stream = torch.Generator().manual_seed(0)
    images, others = torch.rand((2, 40, 3), generator=stream)
    given = FeatureSet([others]).gaussian
    assert FeatureSet([images], given).gaussian is given
    assert torch.equal(FeatureSet([images], given).values, images)
