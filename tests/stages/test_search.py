"""The search measures each candidate on the tuning block."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest
import torch

from bench.config.evaluation import Tuning
from bench.config.sampling import SamplingConfig
from bench.guidance import build
from bench.metrics import frechet_distance
from bench.metrics.comparison import FeatureSet
from bench.models.checkpoints import load_checkpoint
from bench.sampling.models import Models
from bench.sampling.sampler import sample
from bench.stages.search import search

CANDIDATES = [{"method": "cfg", "omega": omega} for omega in (1.0, 3.0)]
SAMPLING, TUNING = SamplingConfig(steps=2), Tuning(samples=12, seed=5, candidates_per_job=1)


class Means:
    """Features of images: the means of their rows."""

    def pool(self, images):
        return images.double().mean(3).flatten(1)


@pytest.fixture
def models(checkpoints):
    return Models({"main": load_checkpoint(checkpoints["main"])})


def images(models, spec, seed, count):
    source = models.conditions(SAMPLING)
    batches = sample(models.networks, build(spec), SAMPLING, source, seed, range(count))
    return torch.cat([batch.images for batch in batches])


def test_each_candidate_is_measured_on_the_tuning_block(models, tmp_path):
    real = torch.rand(30, 8, generator=torch.Generator().manual_seed(0)).double() * 255
    reference, out = {"pool": FeatureSet([real])}, tmp_path / "search.csv"
    search(CANDIDATES, models, SAMPLING, TUNING, Means(), reference, out)
    rows = pd.read_csv(out)
    assert [json.loads(text) for text in rows["guidance"]] == CANDIDATES
    assert rows[["samples", "seed"]].values.tolist() == [[12, 5]] * 2
    for spec, fid in zip(CANDIDATES, rows["fid"]):
        expected = frechet_distance(Means().pool(images(models, spec, 5, 12)), real)
        assert math.isclose(fid, expected, rel_tol=1e-9)
        other = frechet_distance(Means().pool(images(models, spec, 1, 12)), real)
        assert not math.isclose(fid, other, rel_tol=1e-3)
