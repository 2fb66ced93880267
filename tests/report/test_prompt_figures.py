"""Figures 1 (left), 9 and A2 to A4: each sample is under its own prompt, on every scale."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml

from bench.__main__ import main
from bench.config.load import load
from bench.data.prompted import block_prompts
from bench.files.tensors import write_tensors
from bench.results import Results

ROOT = Path(__file__).parents[2]


def write_results(folder, scale, shard_size):
    """Random samples of a scale, in shards of which the first is there."""
    settings = yaml.safe_load((ROOT / f"workflow/config/{scale}.yaml").read_text())
    settings["measurement"] |= {"samples": 553, "shard_size": shard_size}
    layout = Results(folder / "results")
    layout.folder.mkdir()
    layout.config.write_text(yaml.safe_dump(settings))
    images = torch.randint(0, 256, (shard_size, 3, 8, 8), dtype=torch.uint8)
    for method in ("unguided", "cfg", "sparse_guidance"):
        shard = layout.shard("routed", method, 1, 0, shard_size)
        write_tensors(shard, {"images": images}, {"kind": "samples"})
        swept = {"images": images[None, :6]}
        sweep = layout.omega_sweep("routed", method)
        write_tensors(sweep, swept, {"kind": "omega sweep", "omegas": [1.0]})
    return layout


@pytest.fixture(params=["shapes", "t2i512"])
def results(request, tmp_path):
    """A scale that draws its own prompts, and one with GenEval's, in which 80 prompts of the first
    task come before those of the next."""
    return write_results(tmp_path, request.param, 553)


def draw(name, results):
    """The data beside a figure."""
    out = results.folder / f"{name}.png"
    assert main(["figure", name, "--results", str(results.folder), "--out", str(out)]) == 0
    return pd.read_csv(out.with_suffix(".csv"))


@pytest.mark.parametrize(
    ("name", "tasks"),
    [
        ("figure9", "single_object two_object counting colors position color_attr"),
        ("figureA2", "single_object colors"),
        ("figureA3", "two_object counting"),
        ("figureA4", "position color_attr"),
    ],
)
def test_columns_take_turns_between_tasks(results, name, tasks):
    prompts = block_prompts(load(results.config), "test")
    drawn = draw(name, results)
    assert len(drawn) == 8
    of_columns = [prompts[index] for index in drawn["index"]]
    assert list(drawn["prompt"]) == [prompt["prompt"] for prompt in of_columns]
    turns = tasks.split() * 4
    assert [prompt["tag"] for prompt in of_columns] == turns[:8]


def test_columns_are_of_the_first_shard(tmp_path):
    """Of which every sixth sample is of a task."""
    drawn = draw("figureA3", write_results(tmp_path, "shapes", 16))
    assert list(drawn["index"]) == [1, 2, 7, 8, 13, 14]


def test_a_first_shard_without_the_tasks(tmp_path):
    """GenEval's first 80 prompts are of single objects."""
    assert draw("figureA4", write_results(tmp_path, "t2i512", 79)).empty


def test_rows_of_figure_1_are_the_first_prompts(results):
    prompts = block_prompts(load(results.config), "test")
    drawn = draw("figure1_left", results)
    assert list(drawn["prompt"]) == [prompt["prompt"] for prompt in prompts[:6]]
