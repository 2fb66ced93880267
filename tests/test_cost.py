"""MACs against the paper's Table 2 and against torch's own counter."""

from __future__ import annotations

import json

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from bench.__main__ import main
from bench.config.model import model_config
from bench.config.sampling import SamplingConfig
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
    macs = guided_macs(build(spec), {"main": ROUTED_XL, "weak": ROUTED_XL}, SamplingConfig(40))
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
    configs, steps = {"main": ROUTED_XL, "weak": ROUTED_XL}, SamplingConfig(40)
    full = guided_macs(build(spec), configs, steps)
    shared = guided_macs(build(spec), configs, steps, shared=True)
    assert 1 - shared.linear / full.linear == pytest.approx(0.084, abs=0.001)
    # An earlier checkpoint has blocks of its own.
    other = build({**spec, "weak_checkpoint": "weak"})
    assert guided_macs(other, configs, SamplingConfig(40), shared=True) == guided_macs(
        other, configs, SamplingConfig(40)
    )


def test_heun_costs_its_evaluations():
    """N steps of the second order are 2 N - 1 evaluations of the network."""
    cfg = build({"method": "cfg", "omega": 1.5})
    configs = {"main": ROUTED_XL}
    euler = guided_macs(cfg, configs, SamplingConfig(40))
    heun = guided_macs(cfg, configs, SamplingConfig(40, solver="heun"))
    assert 40 * heun.linear == pytest.approx(79 * euler.linear)
    assert 40 * heun.attention == pytest.approx(79 * euler.attention)


def test_skipping_blocks_saves_them():
    """Skip-layer guidance without three of 28 blocks, of which one lies before the route."""
    spec = {"method": "skip_layer_guidance", "omega": 1.5, "blocks": [1, 10, 27]}
    configs = {"main": ROUTED_XL}
    full = guided_macs(build(spec), configs, SamplingConfig(40))
    block = (model_macs(ROUTED_XL).linear - 0.42e9) / 28
    assert 2 * model_macs(ROUTED_XL).linear - full.linear == pytest.approx(3 * block, rel=0.01)
    # The prefix is shared only as far as nothing in it is skipped.
    assert guided_macs(build(spec), configs, SamplingConfig(40), shared=True) == full
    behind = build({**spec, "blocks": [10, 27]})
    shared = guided_macs(behind, configs, SamplingConfig(40), shared=True)
    assert shared.linear < guided_macs(behind, configs, SamplingConfig(40)).linear


def test_the_command(capsys):
    assert main(["cost", "--config", str(DIGITS), "--json"]) == 0
    cells = {cell["cell"]: cell for cell in json.loads(capsys.readouterr().out)}
    unguided = cells["unguided"]
    assert cells["cfg"]["linear_gmacs"] == pytest.approx(2 * unguided["linear_gmacs"])
    assert unguided["gmacs"] > unguided["linear_gmacs"]
    assert {"sparse_guidance_flops", "sparse_guidance_fid", "masked/cfg"} <= set(cells)
    assert main(["cost", "--config", str(DIGITS)]) == 0
    assert "sparse_guidance_flops" in capsys.readouterr().out
