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


@pytest.fixture(params=["shapes", "t2i512"])
def results(request, tmp_path):
    """Random samples of a scale that draws its own prompts, and of one with GenEval's, in which 80
    prompts of the first task come before those of the next."""
    settings = yaml.safe_load((ROOT / f"workflow/config/{request.param}.yaml").read_text())
    settings["measurement"] |= {"samples": 553, "shard_size": 553}
    layout = Results(tmp_path / "results")
    layout.folder.mkdir()
    layout.config.write_text(yaml.safe_dump(settings))
    images = torch.randint(0, 256, (553, 3, 8, 8), dtype=torch.uint8)
    for method in ("unguided", "cfg", "sparse_guidance"):
        write_tensors(
            layout.shard("routed", method, 1, 0, 553), {"images": images}, {"kind": "samples"}
        )
        write_tensors(
            layout.omega_sweep("routed", method),
            {"images": images[None, :6]},
            {"kind": "omega sweep", "omegas": [1.0]},
        )
    return layout


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


def test_rows_of_figure_1_are_the_first_prompts(results):
    prompts = block_prompts(load(results.config), "test")
    drawn = draw("figure1_left", results)
    assert list(drawn["prompt"]) == [prompt["prompt"] for prompt in prompts[:6]]
