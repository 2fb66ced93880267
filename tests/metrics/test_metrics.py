"""The metrics against the official ADM evaluator, torch-fidelity, and closed forms."""

from __future__ import annotations

import math
from functools import reduce

import numpy as np
import pytest
import scipy
import torch
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

from bench.errors import BadInput
from bench.metrics import (
    frechet_distance,
    inception_score,
    kernel_distance,
    precision_recall,
)
from bench.metrics.frechet import frechet_of_gaussians
from bench.metrics.moments import Moments, fitted_gaussian
from tests.conftest import FIXTURES


@pytest.fixture(scope="module")
def adm():
    with np.load(FIXTURES / "adm_evaluator.npz") as file:
        return dict(file)


def test_the_adm_evaluators_numbers(adm):
    assert frechet_distance(adm["ref_pool"], adm["gen_pool"]) == pytest.approx(adm["fid"], rel=1e-4)
    sfid = frechet_distance(adm["ref_spatial"], adm["gen_spatial"])
    assert sfid == pytest.approx(adm["sfid"], rel=1e-4)
    score = inception_score(adm["gen_probs"], int(adm["is_split_size"]))
    assert score == pytest.approx(adm["inception_score"], rel=1e-5)
    found = precision_recall(adm["ref_pool"], adm["gen_pool"], k=int(adm["k_nearest"]))
    assert found.precision == pytest.approx(adm["precision"], abs=1e-6)
    assert found.recall == pytest.approx(adm["recall"], abs=1e-6)


def test_frechet_is_torch_fidelitys(adm):
    statistics = [
        fid_features_to_statistics(torch.from_numpy(adm[name]).double())
        for name in ("ref_pool", "gen_pool")
    ]
    theirs = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    assert frechet_distance(adm["ref_pool"], adm["gen_pool"]) == pytest.approx(theirs, rel=1e-9)


def test_frechet_in_closed_form():
    """Diagonal covariances: |difference of means|^2 + sum (sd_a - sd_b)^2."""
    rng = np.random.default_rng(0)
    a = rng.standard_normal((400, 3))
    a = np.linalg.qr(a - a.mean(0))[0] * np.sqrt(399)
    b = a * [2.0, 1.0, 0.0] + [1.0, 2.0, 0.0]
    assert frechet_distance(a, b) == pytest.approx(5 + 1 + 0 + 1, rel=1e-9)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


def test_moments_merge_to_those_of_the_whole(adm):
    features = torch.from_numpy(adm["ref_pool"])
    merged = reduce(Moments.merge, [Moments.of(part) for part in features.split([1, 300, 599])])
    whole = Moments.of(features)
    torch.testing.assert_close(merged.mean, whole.mean)
    torch.testing.assert_close(merged.gaussian.covariance, whole.gaussian.covariance)
    torch.testing.assert_close(whole.gaussian.covariance, torch.cov(features.double().T))
    assert frechet_of_gaussians(merged.gaussian, whole.gaussian) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("sizes", [(9, 40), (40, 9), (9, 7), (20, 20)])
def test_frechet_of_few_samples(sizes):
    """Singular covariances of 20 features, against scipy's root of the product."""
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((size, 20)) @ rng.standard_normal((20, 20)) for size in sizes)
    covariances = [np.cov(features, rowvar=False) for features in (a, b)]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1])
    expected = np.square(a.mean(0) - b.mean(0)).sum()
    expected += sum(map(np.trace, covariances)) - 2 * np.trace(root).real
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-6)


def test_few_samples_need_no_root_of_the_reference(monkeypatch):
    """At 2,048 features that root takes seconds; the samples' own factor is small."""
    features = torch.randn(50, 20, generator=torch.Generator().manual_seed(0))
    reference = fitted_gaussian([features])
    monkeypatch.setattr(torch.linalg, "eigh", None)
    assert frechet_of_gaussians(fitted_gaussian([features[:9], features[9:15]]), reference) > 0


def test_inception_score_in_closed_form():
    certain = torch.eye(4).repeat(5, 1)
    assert inception_score(certain) == pytest.approx(4)
    assert inception_score(torch.full((20, 4), 0.25)) == pytest.approx(1)
    # Natural order: splits of one class each say nothing.
    assert inception_score(torch.eye(4).repeat_interleave(5, 0), split_size=5) == pytest.approx(1)
    # The last split counts as much as the others, however few images remain for it: here three
    # classes in five images, and two in two.
    rest = torch.eye(4)[[0, 0, 1, 1, 2, 0, 1]]
    entropy = -sum(p * math.log(p) for p in (0.4, 0.4, 0.2))
    assert inception_score(rest, split_size=5) == pytest.approx((math.exp(entropy) + 2) / 2)


def test_precision_and_recall_are_not_swapped():
    """Generated samples that cover half of the data precisely."""
    stream = torch.Generator().manual_seed(0)
    left = torch.randn(200, 2, generator=stream)
    right = torch.randn(200, 2, generator=stream) + 100
    found = precision_recall(torch.cat([left, right]), left + 0.01)
    assert found.precision > 0.9
    assert found.recall == pytest.approx(0.5, abs=0.05)


def test_too_few_samples_are_one_line(adm):
    few = adm["gen_pool"][:3]
    with pytest.raises(BadInput, match="generated: 3 samples have no 3 neighbours"):
        precision_recall(adm["ref_pool"], few)
    with pytest.raises(BadInput, match="one sample has no covariance"):
        frechet_distance(adm["ref_pool"], few[:1])
    with pytest.raises(BadInput, match="widths 32 and 20"):
        frechet_distance(adm["ref_pool"], adm["ref_spatial"])


def test_kernel_distance_grows_with_the_shift():
    stream = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 300, 8, generator=stream)
    distances = [kernel_distance(a, b + shift) for shift in (0.0, 0.5, 1.0)]
    assert abs(distances[0]) < 0.05 < distances[1] < distances[2]


def test_kernel_distance_in_closed_form():
    """The unbiased MMD^2 with the kernel (x.y / D + 1)^3; every subset is the whole set here."""
    a, b = torch.randn(2, 40, 8, generator=torch.Generator().manual_seed(0)).double().unbind(0)
    b = 1.2 * b + 0.3

    def kernel(x, y):
        return (x @ y.T / 8 + 1) ** 3

    def among(x):
        return (kernel(x, x).sum() - kernel(x, x).trace()) / (40 * 39)

    expected = among(a) + among(b) - 2 * kernel(a, b).mean()
    assert kernel_distance(a, b) == pytest.approx(expected.item(), rel=1e-9)
