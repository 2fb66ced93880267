"""The capacity gap is the velocity loss, of the right branch at the right time."""

from __future__ import annotations

import pandas as pd
import pytest
import torch

from bench.__main__ import main
from bench.data.conditions import Labels
from bench.data.pixels import from_uint8
from bench.models.checkpoints import load_checkpoint, save_checkpoint
from bench.sampling.subsets import fixed_count
from bench.seeds import generator
from bench.stages.capacity_gap import GAMMAS, TIMES, capacity_gap
from tests.config.test_scale import DIGITS
from tests.conftest import random_model


def test_losses(checkpoints):
    checkpoint = load_checkpoint(checkpoints["main"])
    images = torch.randint(0, 256, (5, 1, 8, 8), generator=torch.Generator().manual_seed(0))
    x = from_uint8(images)
    rows = pd.DataFrame(capacity_gap(checkpoint, x, Labels(torch.arange(5)), "cpu"))
    assert len(rows) == len(TIMES) * (len(GAMMAS) + 1)
    t = TIMES[3]
    noise = torch.stack(
        [torch.randn(1, 8, 8, generator=generator(0, "validation", index)) for index in range(5)]
    )
    for condition, y in (("given", torch.arange(5)), ("null", torch.full((5,), 10))):
        velocity = checkpoint.model((1 - t) * noise + t * x, torch.full((5,), t), y)
        expected = (velocity - (x - noise)).square().mean().item()
        mine = rows[(rows["condition"] == condition) & (rows["gamma"] == 0) & (rows["t"] == t)]
        assert mine["loss"].item() == pytest.approx(expected, rel=1e-5)
    sparse = rows[(rows["gamma"] == 0.9) & (rows["t"] == t)]["loss"].item()
    dense = rows[(rows["gamma"] == 0) & (rows["t"] == t)]["loss"].iloc[0]
    assert abs(sparse - dense) > 1e-6


def test_the_command_and_its_figure(checkpoints, tmp_path):
    out = tmp_path / "gap" / "routed.csv"
    both = [str(checkpoints["weak"]), str(checkpoints["main"])]
    command = ["capacity-gap", "--config", str(DIGITS), "--checkpoints", *both]
    assert main([*command, "--out", str(out), "--device", "cpu"]) == 0
    assert set(pd.read_csv(out)["step"]) == {10, 11}
    figure = tmp_path / "capacity_gap.png"
    arguments = ["figure", "capacity_gap", "--results", str(tmp_path), "--out", str(figure)]
    assert main(arguments) == 0
    assert figure.read_bytes().startswith(b"\x89PNG")


def test_a_model_without_a_route_has_no_sparse_rows(checkpoints):
    checkpoint = load_checkpoint(checkpoints["dense"])
    rows = capacity_gap(checkpoint, torch.zeros(2, 1, 8, 8), Labels(torch.arange(2)), "cpu")
    assert {row["gamma"] for row in rows} == {0.0}


def test_a_masked_model_is_measured_on_the_tokens_that_it_sees(tmp_path):
    """Its velocity on masked tokens aims at x_t and not at the data, so it is left out."""
    path = tmp_path / "masked.safetensors"
    model = random_model("masked")
    about = {"run": "masked", "dataset": "digits", "step": 1, "iterations": 1}
    save_checkpoint(path, model, model.state_dict(), about)
    x = torch.randn(5, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    rows = pd.DataFrame(capacity_gap(load_checkpoint(path), x, Labels(torch.arange(5)), "cpu"))
    streams = [generator(0, "validation", index) for index in range(5)]
    noise = torch.stack([torch.randn(1, 8, 8, generator=stream) for stream in streams])
    # The subsets of the first sparse row of all are drawn right after the noise.
    keep = fixed_count(16, GAMMAS[1], streams)
    first = rows[(rows["gamma"] == GAMMAS[1]) & (rows["t"] == TIMES[0])]["loss"].item()
    x_t, times = (1 - TIMES[0]) * noise + TIMES[0] * x, torch.full((5,), TIMES[0])
    errors = model.patchify((model(x_t, times, torch.arange(5), keep) - (x - noise)).square())
    seen = [errors[row, keep[row]] for row in range(5)]
    assert first == pytest.approx(torch.cat(seen).mean().item(), rel=1e-5)
