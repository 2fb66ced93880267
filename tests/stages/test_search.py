"""The search measures candidates on the tuning block, and goes on where it was cut off."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest
import torch

from bench.config.evaluation import Tuning
from bench.config.methods import Method, Range
from bench.config.sampling import SamplingConfig
from bench.guidance import build
from bench.metrics import frechet_distance
from bench.metrics.comparison import FeatureSet
from bench.models.checkpoints import load_checkpoint
from bench.sampling.models import Models
from bench.sampling.sampler import sample
from bench.stages.grid import grid
from bench.stages.search import search
from bench.tuning.block import TuningBlock
from bench.tuning.objectives import FrechetDistance

CFG = Method({"method": "cfg"}, {"omega": Range(1.0, 3.0)})
SAMPLING = SamplingConfig(steps=2)
TUNING = Tuning(samples=12, seed=5, candidates_per_job=1, candidates=5)
REAL = torch.rand(30, 8, generator=torch.Generator().manual_seed(0)).double() * 255


class Means:
    """Features of images: the means of their rows."""

    name = "means"

    def __init__(self):
        self.calls = 0

    def pool(self, images):
        self.calls += 1
        return images.double().mean(3).flatten(1)


@pytest.fixture
def models(checkpoints):
    return Models({"main": load_checkpoint(checkpoints["main"])})


@pytest.fixture
def block(models):
    reference = {"pool": FeatureSet([REAL])}
    return TuningBlock(models, SAMPLING, TUNING, FrechetDistance(Means(), reference))


def fid(models, spec, seed):
    source = models.conditions(SAMPLING)
    batches = sample(models.networks, build(spec), SAMPLING, source, seed, range(12))
    images = torch.cat([batch.images for batch in batches])
    return frechet_distance(Means().pool(images), REAL)


def kill_after(candidates, monkeypatch):
    """Stops a search in the measurement after so many candidates."""
    measure, left = TuningBlock.measure, [candidates]

    def until_killed(self, spec):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return measure(self, spec)

    monkeypatch.setattr(TuningBlock, "measure", until_killed)


def test_each_candidate_is_measured_on_the_tuning_block(block, models, tmp_path):
    best = search(CFG, block, tmp_path / "search.csv", tmp_path / "chosen.json")
    rows = pd.read_csv(tmp_path / "search.csv")
    assert rows[["samples", "seed"]].values.tolist() == [[12, 5]] * 5
    specs = [json.loads(text) for text in rows["guidance"]]
    assert len({spec["omega"] for spec in specs}) == 5
    for spec, measured in zip(specs, rows["fid"]):
        assert math.isclose(measured, fid(models, spec, 5), rel_tol=1e-9)
        assert not math.isclose(measured, fid(models, spec, 1), rel_tol=1e-3)
    chosen = json.loads((tmp_path / "chosen.json").read_text())
    assert chosen == json.loads(best["guidance"])
    assert best["fid"] == rows["fid"].min()


def test_the_lowest_fid_is_chosen(block, tmp_path, monkeypatch):
    """The first one of several."""
    fids = iter([3.0, 2.0, 4.0, 1.5, 1.5])
    monkeypatch.setattr(TuningBlock, "_value", lambda self, guidance: next(fids))
    search(CFG, block, tmp_path / "search.csv", tmp_path / "chosen.json")
    rows = pd.read_csv(tmp_path / "search.csv")
    assert json.loads((tmp_path / "chosen.json").read_text()) == json.loads(rows["guidance"][3])


def test_a_search_goes_on_where_it_was_cut_off(block, tmp_path, monkeypatch):
    search(CFG, block, tmp_path / "whole.csv", tmp_path / "whole.json")
    kill_after(3, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        search(CFG, block, tmp_path / "search.csv", tmp_path / "chosen.json")
    assert not (tmp_path / "search.csv").exists()
    monkeypatch.undo()
    block.objective.extractor.calls = 0
    search(CFG, block, tmp_path / "search.csv", tmp_path / "chosen.json")
    assert block.objective.extractor.calls == 2
    found, whole = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("search", "whole"))
    pd.testing.assert_frame_equal(
        found.drop(columns="wall_seconds"), whole.drop(columns="wall_seconds")
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("chosen.json", "search.csv", "whole.csv", "whole.json"),
    ]


def test_candidates_of_other_settings_are_not_taken(models, tmp_path, monkeypatch):
    reference = {"pool": FeatureSet([REAL])}
    blocks = [
        TuningBlock(
            models, SamplingConfig(steps=steps), TUNING, FrechetDistance(Means(), reference)
        )
        for steps in (2, 3)
    ]
    kill_after(2, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        search(CFG, blocks[0], tmp_path / "search.csv", tmp_path / "chosen.json")
    monkeypatch.undo()
    search(CFG, blocks[1], tmp_path / "search.csv", tmp_path / "chosen.json")
    assert blocks[1].objective.extractor.calls == 5


def test_every_point_of_a_grid_has_the_unguided_fid(block, tmp_path):
    points = [{"method": "cfg", "omega": omega} for omega in (1.0, 3.0)]
    grid(points, block, tmp_path / "grid.csv")
    rows = pd.read_csv(tmp_path / "grid.csv")
    assert [json.loads(text) for text in rows["guidance"]] == points
    # At omega 1, CFG is the unguided model.
    assert rows["unguided_fid"].tolist() == pytest.approx([rows["fid"][0]] * 2, rel=1e-4)
    assert rows["fid"][1] != pytest.approx(rows["fid"][0], rel=1e-3)
