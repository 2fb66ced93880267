"""Speed: complete rows, in turns, beside the MACs of the cost model."""

from __future__ import annotations

import json
from functools import partial

import pandas as pd
import pytest
import torch

from bench.__main__ import main
from bench.config.model import model_config
from bench.config.sampling import SamplingConfig
from bench.cost import model_macs, prefix_macs, suffix_macs
from bench.data.conditions import LabelSource
from bench.guidance import build
from bench.sampling.plain import PlainTrajectory
from bench.sampling.sampler import integrate
from bench.sampling.variants import PAPER, SWEEP, Choice, sparsity_grid
from bench.stages import speed
from bench.stages.speed import measure_speed
from bench.timing import Clock
from tests.config.test_scale import DIGITS
from tests.conftest import ARCHITECTURES, random_model
from tests.guidance.test_contract import ALL

ROUTED = model_config(ARCHITECTURES["routed"])


class Ticks:
    """A clock that goes on by one second with every call of a network's first block, and with
    every matrix product."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(speed, "clock", lambda device: Clock("ticks", lambda: self.now))
        monkeypatch.setattr(speed, "_product", lambda dtype, device: self.tick)
        made = speed.random_networks

        def counted(config, device):
            networks = made(config, device)
            for network in networks.values():
                network.blocks[0].register_forward_pre_hook(self.tick)
            return networks

        monkeypatch.setattr(speed, "random_networks", counted)

    def tick(self, *_):
        self.now += 1


def find(rows, **values):
    for key, value in values.items():
        rows = rows[rows[key] == value]
    assert len(rows) == 1
    return rows.iloc[0]


def test_rows_are_complete():
    rows = measure_speed(ROUTED, Choice((2, 3), ("fp32", "bf16"), gammas=SWEEP), 2, 3, "cpu")
    # Of each batch: four plain loops, and in both dtypes four methods and the sweep.
    assert len(rows) == 2 * (4 + 2 * (4 + len(SWEEP)))
    assert not rows.duplicated(
        ["method", "gamma_strong", "gamma_weak", "loop", "batch", "dtype", "compiled"]
    ).any()
    assert set(rows.columns[rows.isna().any()]) == {"gamma_strong", "gamma_weak", "plain_speedup"}
    swept = rows["gamma_weak"].notna() & (rows["loop"] == "sampler")
    paper = (rows["gamma_strong"] == PAPER[0]) & (rows["gamma_weak"] == PAPER[1])
    assert (rows["plain_speedup"].isna() == (swept & ~paper)).all()
    assert (rows["ms_per_step_q1"] <= rows["ms_per_step"]).all()
    assert (rows["ms_per_step"] <= rows["ms_per_step_q3"]).all()
    per_second = 1e3 * rows["batch"] / rows["ms_per_step"] / rows["steps"]
    assert rows["images_per_second"].tolist() == pytest.approx(per_second.tolist())
    assert (rows.loc[rows["method"] == "cfg", "cfg_ratio"] == 1).all()
    assert json.loads(rows["model"][0])["route"] == list(ROUTED.route)


def test_mac_ratios_are_the_cost_models():
    rows = measure_speed(ROUTED, Choice((2,)), 1, 1, "cpu")
    dense, prefix = model_macs(ROUTED).total, prefix_macs(ROUTED).total
    strong, weak = (suffix_macs(ROUTED, gamma).total for gamma in PAPER)
    expected = {
        ("unguided", "plain"): dense,
        ("unguided", "sampler"): dense,
        ("autoguidance", "sampler"): 2 * dense,
        ("sparse_guidance", "plain"): 2 * prefix + strong + weak,
        ("sparse_guidance", "sampler"): prefix + strong + weak,
    }
    for (method, loop), macs in expected.items():
        row = find(rows, method=method, loop=loop)
        assert row["gmacs"] == pytest.approx(macs / 1e9)
        assert row["cfg_mac_ratio"] == pytest.approx(macs / (2 * dense))


def test_times_are_of_the_sampling(monkeypatch):
    """With one second per pass through the first block, times and ratios are known."""
    Ticks(monkeypatch)
    rows = measure_speed(ROUTED, Choice((2,)), 4, 3, "cpu")
    # CFG's branches go through the sampler in one batch, Sparse Guidance's share the block.
    seconds = {"unguided": 1, "cfg": 1, "autoguidance": 2, "sparse_guidance": 1}
    for method, passes in seconds.items():
        row = find(rows, method=method, loop="sampler")
        assert row["ms_per_step"] == 1000 * passes
        assert row["images_per_second"] == 2 / (4 * passes)
        assert row["cfg_ratio"] == passes
        assert row["plain_speedup"] == (1 if method == "unguided" else 2) / passes
        # A second for a product of 1024 x 1024 matrices.
        rate = row["gmacs"] * 1e9 * 2 / passes
        assert row["matmul_share"] == pytest.approx(rate / 1024**3)


def test_bf16_alone_is_compared_with_the_plain_loop_in_fp32():
    rows = measure_speed(ROUTED, Choice((2,), ("bf16",)), 1, 1, "cpu")
    assert set(zip(rows["loop"], rows["dtype"])) == {("plain", "fp32"), ("sampler", "bf16")}
    assert rows["plain_speedup"].gt(0).all()
    assert rows["matmul_share"].gt(0).all()


def test_a_dense_model_has_no_sparse_rows():
    dense = model_config(ARCHITECTURES["dense"])
    rows = measure_speed(dense, Choice((2,), gammas=SWEEP), 1, 1, "cpu")
    assert set(rows["method"]) == {"unguided", "cfg", "autoguidance"}


@torch.inference_mode()
@pytest.mark.parametrize("name", ["unguided", "cfg", "autoguidance", "sparse_guidance"])
def test_the_plain_loop_samples_the_same(name):
    """Both do the same work, so that their times can be compared."""
    models = {"main": random_model("routed"), "weak": random_model("routed", seed=1)}
    arguments = (models, build(ALL[name]), SamplingConfig(3), LabelSource(10), 0, list(range(16)))
    mine, _ = integrate(*arguments)
    torch.testing.assert_close(PlainTrajectory(*arguments).run(), mine, atol=1e-4, rtol=1e-4)


def test_the_command_and_its_figure(tmp_path):
    out, figure = tmp_path / "speed.csv", tmp_path / "figures" / "speed.png"
    model = json.dumps(ARCHITECTURES["routed"])
    command = ["speed", "--model", model, "--batch", "2", "2", "3", "--dtype", "fp32", "bf16"]
    command += ["--steps", "1", "--repeats", "2", "--device", "cpu"]
    assert main([*command, "--out", str(out), "--figure", str(figure)]) == 0
    rows = pd.read_csv(out)
    assert rows["batch"].unique().tolist() == [2, 3]
    assert figure.read_bytes().startswith(b"\x89PNG")
    drawn = pd.read_csv(figure.with_suffix(".csv"))
    assert len(drawn) == (rows["loop"] == "sampler").sum()


def test_the_model_of_a_run(tmp_path):
    out = tmp_path / "speed.csv"
    command = ["speed", "--config", str(DIGITS), "--run", "dense", "--batch", "2"]
    command += ["--steps", "1", "--repeats", "1", "--device", "cpu", "--out", str(out)]
    assert main(command) == 0
    assert json.loads(pd.read_csv(out)["model"][0])["input_size"] == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--config", str(DIGITS)], "--run: missing"),
        (["--config", str(DIGITS), "--run", "rooted"], "runs: unknown run 'rooted', did you mean"),
        (["--model", "SiT-S/2", "--run", "routed"], "--run: belongs to --config"),
        (["--model", "SiT-S/3"], "--model.size: unknown size 'SiT-S/3', did you mean"),
        (["--model", "{"], "--model: not valid JSON"),
        (["--model", '{"size": "SiT-S/2", "route": [2, 99]}'], "--model.route: [2, 99]"),
        (["--model", "SiT-S/2", "--figure", "OUT.png"], "--figure: its data would replace"),
        (["--model", "SiT-S/2", "--device", "abacus"], "--device: 'abacus' cannot be used"),
    ],
)
def test_bad_input_is_one_line(tmp_path, capsys, options, message):
    out = tmp_path / "speed.csv"
    options = [str(tmp_path / "speed.png") if option == "OUT.png" else option for option in options]
    assert main(["speed", *options, "--batch", "2", "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1
    assert not out.exists()


def test_no_compiler_is_bad_input(tmp_path, monkeypatch, capsys):
    def fail(function):
        raise RuntimeError("no C++ compiler\nin a long story")

    monkeypatch.setattr(torch, "compile", fail)
    out = tmp_path / "speed.csv"
    command = ["speed", "--model", "SiT-S/8", "--batch", "2", "--compile", "--device", "cpu"]
    assert main([*command, "--out", str(out)]) == 2
    assert "--compile: torch.compile does not work here: no C++ compiler" in capsys.readouterr().err


def test_compiled_rows_are_of_compiled_blocks(monkeypatch):
    """Compiled by a back end that counts what it is given and compiles nothing."""
    graphs, plainly = [], torch.compile

    def counting(graph, _):
        graphs.append(graph.code)
        return graph.forward

    monkeypatch.setattr(torch, "compile", partial(plainly, backend=counting))
    rows = measure_speed(ROUTED, Choice((2,), compiled=True), 1, 1, "cpu")
    assert any("scaled_dot_product_attention" in code for code in graphs)
    assert rows.groupby("compiled").size().to_dict() == {False: 8, True: 4}


def test_a_text_to_image_model_is_timed_under_random_prompts():
    rows = measure_speed(model_config(ARCHITECTURES["prompted"]), Choice((2,)), 1, 1, "cpu")
    assert set(rows["method"]) == {"unguided", "cfg", "autoguidance", "sparse_guidance"}
    assert json.loads(rows["model"][0])["kind"] == "tr_dit"


def test_a_grid_of_sparsities(tmp_path):
    assert sparsity_grid(0.3) == (
        (0.0, 0.3),
        (0.0, 0.6),
        (0.0, 0.9),
        (0.3, 0.6),
        (0.3, 0.9),
        (0.6, 0.9),
    )
    assert len(sparsity_grid(0.05)) == 20 * 19 / 2
    out = tmp_path / "speed.csv"
    model = json.dumps(ARCHITECTURES["routed"])
    arguments = ["speed", "--model", model, "--batch", "2", "--steps", "1", "--repeats", "1"]
    assert main([*arguments, "--spacing", "0.5", "--out", str(out), "--device", "cpu"]) == 0
    rows = pd.read_csv(out)
    swept = rows[(rows["method"] == "sparse_guidance") & (rows["loop"] == "sampler")]
    # The paper's, and that of the grid.
    assert set(zip(swept["gamma_strong"], swept["gamma_weak"])) == {(0.5, 0.9), (0.0, 0.5)}
    with pytest.raises(SystemExit):
        main([*arguments, "--spacing", "1", "--out", str(out)])
