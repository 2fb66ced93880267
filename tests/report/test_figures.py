"""The figures: drawn, with their data beside them, and the same every time."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import torch

from bench.__main__ import main
from bench.report.figures.pareto import on_front
from bench.report.strips import first_samples
from bench.tensors import write_tensors


def draw(name, folder):
    out = folder / "figures" / f"{name}.png"
    assert main(["figure", name, "--results", str(folder), "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    assert out.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    return pd.read_csv(out.with_suffix(".csv"))


@pytest.mark.parametrize(("name", "points"), [("figure1", 3), ("pareto", 8), ("seed_noise", 24)])
def test_views_of_the_rows(name, points, results):
    assert len(draw(name, results)) == points


def test_figure_1_is_relative_to_unguided(results):
    data = draw("figure1", results).set_index("method")
    assert data.loc["unguided", "relative_macs"] == 1
    assert data.loc["cfg", "relative_macs"] == 2
    assert data.loc["cfg", "fid"] == pytest.approx(3.2)


def write_samples(results, *methods):
    images = torch.randint(0, 256, (20, 1, 8, 8), dtype=torch.uint8)
    for method in methods:
        # Two blocks and two shards: the strip is of the first samples, whatever the file order.
        for name, brightness in (("seed-10/0-20", 0), ("seed-2/20-40", 0), ("seed-2/0-20", 1)):
            path = results / "samples" / "routed" / method / f"{name}.safetensors"
            write_tensors(path, {"images": images * brightness}, {"kind": "samples"})
    return images


def test_figures_with_strips(results):
    images = write_samples(results, "unguided", "cfg", "sparse_guidance_fid")
    assert len(draw("figure2", results)) == 3
    strip = first_samples(results, "routed", "cfg", 16)
    assert (strip == images[:16].permute(0, 2, 3, 1).numpy()).all()


def test_figure_4(results):
    rows = pd.read_csv(results / "metrics.csv")
    unguided = rows[(rows["run"] == "routed") & (rows["method"] == "unguided")]
    naive = [f"naive_sparsity_{gamma}" for gamma in (50, 70, 90)]
    more = [unguided.assign(method=method) for method in naive]
    pd.concat([rows, *more]).to_csv(results / "metrics.csv", index=False)
    write_samples(results, "unguided", *naive)
    assert set(draw("figure4", results)["gamma"]) == {0.0, 0.5, 0.7, 0.9}


def test_no_samples_is_one_line(results, capsys):
    out = str(results / "figure2.png")
    assert main(["figure", "figure2", "--results", str(results), "--out", out]) == 2
    assert "holds no samples" in capsys.readouterr().err


def test_the_front_holds_what_nothing_beats():
    cost = pd.Series([1.0, 2.0, 2.0, 3.0, 1.0])
    loss = pd.Series([5.0, 3.0, 4.0, 3.0, 5.0])
    assert on_front(cost, loss) == [True, True, False, False, True]


def test_figure_6(tmp_path):
    folder = tmp_path / "tuning" / "routed"
    folder.mkdir(parents=True)
    rows = [
        {
            "guidance": json.dumps(
                {
                    "method": "sparse_guidance",
                    "omega": omega,
                    "gamma_strong": strong,
                    "gamma_weak": weak,
                }
            ),
            "fid": 1 + (strong - 0.4) ** 2 + weak * omega,
            "linear_gmacs": 1.0,
            "samples": 10,
        }
        for omega in (1.3, 1.5)
        for strong in (0.0, 0.4, 0.8)
        for weak in (0.0, 0.4, 0.8)
    ]
    pd.DataFrame(rows).to_csv(folder / "autoguidance_sparse_guidance.csv", index=False)
    assert len(draw("figure6", tmp_path)) == 18
    out = tmp_path / "figures" / "figure6.png"
    # Drawn again from the same numbers it is the same picture.
    before = out.read_bytes(), out.with_suffix(".pdf").read_bytes()
    draw("figure6", tmp_path)
    assert (out.read_bytes(), out.with_suffix(".pdf").read_bytes()) == before
