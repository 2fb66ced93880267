"""The Fréchet distance between Gaussians fitted to features (arXiv 1706.08500): FID, sFID."""

from __future__ import annotations

import torch

from bench.errors import BadInput
from bench.metrics.moments import Gaussian, fitted_gaussian


def frechet_distance(features_a, features_b) -> float:
    """The Fréchet distance between features [N, D] and [M, D] (arrays or tensors).

    Raises:
        BadInput: their widths differ, or a set has a single sample.
    """
    a, b = (torch.as_tensor(features) for features in (features_a, features_b))
    if a.shape[1] != b.shape[1]:
        raise BadInput(f"features of widths {a.shape[1]} and {b.shape[1]} cannot be compared")
    return frechet_of_gaussians(fitted_gaussian([a]), fitted_gaussian([b]))


def frechet_of_gaussians(a: Gaussian, b: Gaussian) -> float:
    """|mean_a - mean_b|^2 + tr(A + B - 2 (A B)^(1/2)) in float64.

    The trace of (A B)^(1/2) is that of (F A F^T)^(1/2) for any F with F^T F = B: both products have
    the same eigenvalues other than 0, but the second is symmetric, so singular covariances do no
    harm. Of fewer samples than features, it is small. The root of ``b`` is kept: give as ``b`` the
    one that several are compared with.
    """
    root, other = (b.root, a) if a.factor is None else (a.factor, b)
    product = root @ other.covariance @ root.T
    eigenvalues = torch.linalg.eigvalsh((product + product.T) / 2).clamp(min=0)
    traces = a.covariance.trace() + b.covariance.trace() - 2 * eigenvalues.sqrt().sum()
    return float((a.mean - b.mean).square().sum() + traces)
