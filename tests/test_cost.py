"""MACs against the paper's Table 2 and against torch's own counter."""

from __future__ import annotations

import json

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from bench.__main__ import main
from bench.config.model import model_config
from bench.config.sampling import SamplingConfig
from bench.cost import Macs, guided_macs, model_macs
from bench.data.prompts import Prompts
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
TR_DIT = model_config({"size": "TR-DiT-2.5B", "input_size": 64, "in_channels": 4})
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


@pytest.mark.parametrize("gamma", [0.0, 0.1, 0.8])
def test_torch_counts_the_same_under_a_prompt(gamma):
    with torch.device("meta"):
        model = build_model(TR_DIT)
        x, t = torch.randn(1, 4, 64, 64), torch.rand(1)
        states = torch.zeros(1, 256, 1536, dtype=torch.bfloat16)
        prompt = Prompts(states, torch.ones(1, 256).bool(), torch.zeros(1).long())
    keep = fixed_count(1024, gamma, [torch.Generator()]).to("meta") if gamma else None
    with FlopCounterMode(display=False) as counter:
        model(x, t, prompt, keep)
    assert counter.get_total_flops() == 2 * model_macs(TR_DIT, gamma).total


def test_sparse_guidance_of_a_text_to_image_model_costs_less_than_cfg():
    """The rows of Tables 4 and 5, at the paper's hyperparameters."""
    rows = {
        "unguided": {"method": "unguided"},
        "cfg": {"method": "cfg", "omega": 2.0},
        "table 4": {
            "method": "sparse_guidance",
            "omega": 1.8,
            "gamma_strong": 0.1,
            "gamma_weak": 0.8,
        },
        "table 5": {
            "method": "sparse_guidance",
            "omega": 2.5,
            "gamma_strong": 0.2,
            "gamma_weak": 0.7,
            "weak_condition": "null",
        },
    }
    macs = {
        name: guided_macs(build(spec), {"main": TR_DIT}, SamplingConfig(50)).linear / 1e12
        for name, spec in rows.items()
    }
    dense = 0.001 * model_macs(TR_DIT).linear / 1e9
    assert macs["unguided"] == pytest.approx(dense)
    assert macs["cfg"] == pytest.approx(2 * dense)
    # 29 of 34 blocks are on the route: it saves about 29/34 of the tokens' part in both branches.
    for name, gammas in (("table 4", (0.1, 0.8)), ("table 5", (0.2, 0.7))):
        saved = 1 - macs[name] / macs["cfg"]
        assert saved == pytest.approx(29 / 34 * sum(gammas) / 2, rel=0.1)


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


def test_steps_that_evaluate_the_same_are_counted_once(monkeypatch):
    """Estimates count hundreds of specs whenever the workflow is planned."""
    counted = []

    def count(branches, configs, shared):
        counted.append(branches)
        return Macs(linear=1)

    monkeypatch.setattr("bench.cost.guided.step_macs", count)
    cfg = build({"method": "cfg", "omega": 1.5})
    assert guided_macs(cfg, {"main": ROUTED_XL}, SamplingConfig(40)) == Macs(linear=1)
    assert len(counted) == 1


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
