"""MACs against the paper's Table 2 and against torch's own counter."""

from __future__ import annotations

import json

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from bench.__main__ import main
from bench.config.model import model_config
from bench.cost import guided_macs, model_macs
from bench.guidance import build
from bench.models import build as build_model
from bench.sampling.subsets import fixed_count
from tests.config.test_scale import DIGITS

ROUTED_XL = model_config(
    {
        "size": "SiT-XL/2",
        "input_size": 32,
        "in_channels": 4,
        "num_classes": 1000,
        "route": [2, 24],
    }
)
MASKED_B = model_config(
    {
        "size": "SiT-B/2",
        "input_size": 32,
        "in_channels": 4,
        "num_classes": 1000,
        "decoder": [512, 8, 16],
    }
)
COSINE_DOWN = {"schedule": "cosine", "start": 0.6, "end": 0.0}
COSINE_UP = {"schedule": "cosine", "start": 0.0, "end": 0.6}


@pytest.mark.parametrize(
    ("spec", "printed"),
    [
        ({"method": "unguided"}, 114.42),
        ({"method": "cfg", "omega": 1.5}, 228.84),
        ({"method": "autoguidance", "omega": 1.5}, 228.84),
        ({"method": "apg", "omega": 1.5}, 228.84),
        ({"method": "icg", "omega": 1.5}, 228.84),
        (
            {"method": "sparse_guidance", "omega": 1.5, "gamma_strong": 0.5, "gamma_weak": 0.9},
            97.67,
        ),
        (
            {
                "method": "sparse_guidance",
                "omega": 1.5,
                "gamma_strong": COSINE_UP,
                "gamma_weak": COSINE_DOWN,
                "weak_checkpoint": "weak",
            },
            173.16,
        ),
    ],
)
def test_the_papers_table_2(spec, printed):
    macs = guided_macs(build(spec), {"main": ROUTED_XL, "weak": ROUTED_XL}, steps=40)
    assert macs.linear / 1e9 == pytest.approx(printed, rel=0.002)


@pytest.mark.parametrize("config", [ROUTED_XL, MASKED_B], ids=["routed", "masked"])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9])
def test_torch_counts_the_same(config, gamma):
    with torch.device("meta"):
        model = build_model(config)
        x, t = torch.randn(1, 4, 32, 32), torch.rand(1)
        y = torch.zeros(1, dtype=torch.long)
    keep = fixed_count(256, gamma, [torch.Generator()]).to("meta") if gamma else None
    with FlopCounterMode(display=False) as counter:
        model(x, t, y, keep)
    assert counter.get_total_flops() == 2 * model_macs(config, gamma).total


def test_sharing_the_prefix_saves_two_blocks_and_no_more():
    spec = {"method": "sparse_guidance", "omega": 1.5, "gamma_strong": 0.5, "gamma_weak": 0.9}
    configs = {"main": ROUTED_XL, "weak": ROUTED_XL}
    full = guided_macs(build(spec), configs, 40)
    shared = guided_macs(build(spec), configs, 40, shared=True)
    assert 1 - shared.linear / full.linear == pytest.approx(0.084, abs=0.001)
    # An earlier checkpoint has blocks of its own.
    other = build({**spec, "weak_checkpoint": "weak"})
    assert guided_macs(other, configs, 40, shared=True) == guided_macs(other, configs, 40)


def test_the_command(capsys):
    assert main(["cost", "--config", str(DIGITS), "--json"]) == 0
    cells = {cell["cell"]: cell for cell in json.loads(capsys.readouterr().out)}
    unguided = cells["unguided"]
    assert cells["cfg"]["linear_gmacs"] == pytest.approx(2 * unguided["linear_gmacs"])
    assert unguided["gmacs"] > unguided["linear_gmacs"]
    assert {"sparse_guidance_flops", "sparse_guidance_fid", "masked/cfg"} <= set(cells)
    assert main(["cost", "--config", str(DIGITS)]) == 0
    assert "sparse_guidance_flops" in capsys.readouterr().out
