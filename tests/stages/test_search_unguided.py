"""The search measures each candidate, and the unguided model on the same samples."""

from __future__ import annotations

import pandas as pd
import pytest
import torch

from bench.config.evaluation import Tuning
from bench.config.sampling import SamplingConfig
from bench.metrics.comparison import FeatureSet
from bench.models.checkpoints import load_checkpoint
from bench.sampling.models import Models
from bench.stages.search import search


class Means:
    """Features of images: the means of their rows."""

    def pool(self, images):
        return images.double().mean(3).flatten(1)


def test_every_row_has_the_unguided_fid(checkpoints, tmp_path):
    real = torch.rand(30, 8, generator=torch.Generator().manual_seed(0)).double() * 255
    models = Models({"main": load_checkpoint(checkpoints["main"])})
    search(
        [{"method": "cfg", "omega": omega} for omega in (1.0, 3.0)],
        models,
        SamplingConfig(steps=2),
        Tuning(samples=12, seed=5, candidates_per_job=1),
        Means(),
        {"pool": FeatureSet([real])},
        tmp_path / "search.csv",
    )
    rows = pd.read_csv(tmp_path / "search.csv")
    # At omega 1, CFG is the unguided model.
    assert rows["unguided_fid"].tolist() == pytest.approx([rows["fid"][0]] * 2, rel=1e-4)
    assert rows["fid"][1] != pytest.approx(rows["fid"][0], rel=1e-3)
