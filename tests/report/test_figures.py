"""The figures: drawn, with their data beside them, and the same every time."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.axes import Axes

from bench.__main__ import main
from bench.files.tensors import write_tensors
from bench.models.checkpoints import save_checkpoint
from bench.report.figures import capacity_gap
from bench.report.figures.pareto import on_front
from bench.report.look.images import image_grid
from bench.report.reading import read_first_samples
from bench.results import Results
from tests.conftest import random_model
from tests.report.conftest import add_cell


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


def write_samples(results, *methods, run="routed"):
    images = torch.randint(0, 256, (20, 1, 8, 8), dtype=torch.uint8)
    for method in methods:
        # Two blocks and two shards: the strip is of the first samples, whatever the file order.
        for name, brightness in (("seed-10/0-20", 0), ("seed-2/20-40", 0), ("seed-2/0-20", 1)):
            path = results / "samples" / run / method / f"{name}.safetensors"
            tensors = {"images": images * brightness, "labels": torch.arange(20) % 10}
            write_tensors(path, tensors, {"kind": "samples"})
    return images


def test_figures_with_strips(results):
    images = write_samples(results, "unguided", "cfg", "sparse_guidance_fid")
    assert len(draw("figure2", results)) == 3
    strip, labels = read_first_samples(Results(results).samples("routed", "cfg"), 16)
    assert list(labels) == [index % 10 for index in range(16)]
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


def write_grid(results, run, method, fid, valid=lambda strong, weak: True):
    rows = [
        {
            "guidance": json.dumps({"omega": omega, "gamma_strong": strong, "gamma_weak": weak}),
            "fid": fid(omega, strong, weak),
            "linear_gmacs": 1.0,
            "samples": 10,
        }
        for omega in (1.3, 1.5, 1.7)
        for strong in (0.0, 0.4, 0.8)
        for weak in (0.0, 0.4, 0.8)
        if valid(strong, weak)
    ]
    path = results / "grids" / run / f"{method}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(path, index=False)


def test_figure_6(tmp_path):
    method = "autoguidance_sparse_guidance"
    write_grid(tmp_path, "routed", method, lambda o, s, w: 1 + (s - 0.4) ** 2 + w * o)
    assert len(draw("figure6", tmp_path)) == 27
    out = tmp_path / "figures" / "figure6.png"
    # Drawn again from the same numbers it is the same picture.
    before = out.read_bytes(), out.with_suffix(".pdf").read_bytes()
    draw("figure6", tmp_path)
    assert (out.read_bytes(), out.with_suffix(".pdf").read_bytes()) == before


def test_figure_8_shows_the_best_omegas_of_each_model(tmp_path):
    def fid(omega, strong, weak):
        return 1 + strong + weak + 10 * (omega == 1.5)

    for run in ("routed", "masked"):
        write_grid(tmp_path, run, "sparse_guidance", fid, lambda strong, weak: strong < weak)
    data = draw("figure8", tmp_path)
    assert set(data.loc[data["run"] == "routed", "omega"]) == {1.3, 1.7}
    assert set(data.loc[data["run"] == "masked", "omega"]) == {1.3}
    assert len(data) == 3 * 3


def test_figure_3_is_drawn_from_the_checkpoints(tmp_path):
    for run in ("routed", "masked"):
        model = random_model(run)
        description = {"training": {"gamma": 0.5}}
        path = tmp_path / "checkpoints" / run / "step-00000010.safetensors"
        save_checkpoint(path, model, model.state_dict(), description)
    data = draw("figure3", tmp_path)

    def tokens(run, part, column):
        return list(data.loc[(data["run"] == run) & (data["part"] == part), column])

    # 4 blocks, of which 1 and 2 are routed, of 16 tokens.
    assert tokens("routed", "block", "image_tokens") == [16, 8, 8, 16]
    assert tokens("routed", "block", "stashed_tokens") == [0, 8, 8, 0]
    assert tokens("masked", "block", "image_tokens") == [8] * 4
    assert tokens("masked", "decoder block", "mask_tokens") == [8]


def test_figure_5_joins_snapshots_and_trained_models(results):
    fid = "sparse_guidance_fid"
    add_cell(results, "routed@50", "cfg", ("routed", "cfg"), 1.0, checkpoint_iterations=50)
    # The usual weak checkpoint is later than the snapshot, so its cell is in no curve.
    add_cell(results, "routed", f"{fid}@10", ("routed", fid), 0.2)
    add_cell(results, "routed@50", f"{fid}@10", ("routed", fid), 1.0, checkpoint_iterations=50)
    for cell in (("routed", "cfg"), ("routed", f"{fid}@10")):
        write_samples(results, cell[1], run=cell[0])
        write_samples(results, cell[1], run=f"{cell[0]}@50")
    data = draw("figure5", results)
    assert set(data["curve"]) == {"CFG", "SG_FID"}
    assert set(data.loc[data["curve"] == "SG_FID", "method"]) == {f"{fid}@10"}
    assert list(data.loc[data["curve"] == "CFG", "iterations"]) == [50] * 3 + [100] * 3


def test_figure_5_without_snapshots_is_one_line(results, capsys):
    out = str(results / "figure5.png")
    assert main(["figure", "figure5", "--results", str(results), "--out", out]) == 2
    assert "has no snapshots; name them in progress.steps" in capsys.readouterr().err


def test_figure_7(results):
    for step in (10, 20):
        like = ("routed", "autoguidance")
        add_cell(results, "routed", f"autoguidance@{step}", like, weak_checkpoint_step=step)
    for method, distance in (("cfg", 2.0), ("sparse_guidance", 1.0)):
        write_distances(results, method, distance)
    data = draw("figure7", results)
    fids = data[(data["panel"] == "right") & data["weak_checkpoint_step"].notna()]
    assert set(fids["weak_checkpoint_step"]) == {10, 20}
    assert len(data[data["panel"] == "left"]) == 60


def write_distances(results, method, distance):
    rows = [
        {"seed": seed, "index": index, "distance": distance + index / 10}
        for seed in (1, 2, 3)
        for index in range(10)
    ]
    path = results / "distances" / "routed" / f"{method}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(path, index=False)


def test_sample_grids(results):
    write_samples(results, "cfg")
    data = draw("figureA6", results)
    assert list(data["label"]) == [index % 10 for index in range(20)]


def test_pareto_has_a_unit_that_fits(results, monkeypatch):
    """2 GMACs a step are 40 an image; a tenth of a thousandth of it are 4 MMACs."""
    labels = []
    monkeypatch.setattr(Axes, "set_xlabel", lambda axis, label: labels.append(label))
    draw("pareto", results)
    rows = pd.read_csv(results / "metrics.csv")
    rows["linear_gmacs"] /= 10_000
    rows.to_csv(results / "metrics.csv", index=False)
    assert draw("pareto", results)["gmacs_per_image"].max() == pytest.approx(0.004)
    assert labels == ["GMACs per image ↓"] * 2 + ["MMACs per image ↓"] * 2


def test_images_stand_row_by_row():
    images = np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1)
    white = 255
    expected = [[0, white, 1, white, 2], [white] * 5, [3, white, 4, white, white]]
    assert image_grid(images, 3)[..., 0].tolist() == expected


def test_the_gap_is_that_of_the_last_snapshot(results):
    """Of two snapshots whose losses grow with gamma: by half of it at first, by itself at last."""
    rows = [
        {"run": "routed", "step": step, "condition": condition, "gamma": gamma, "t": t}
        | {"loss": 2 + growth * gamma + 0.3 * (condition == "null")}
        for step, growth in ((10, 0.5), (20, 1.0))
        for condition, gamma in (("given", 0.0), ("given", 0.5), ("given", 0.9), ("null", 0.0))
        for t in (0.25, 0.75)
    ]
    path = results / "gap" / "routed.csv"
    path.parent.mkdir()
    pd.DataFrame(rows).to_csv(path, index=False)
    figure, _ = capacity_gap.draw(Results(results))
    (curve, *_), over_t = figure.axes[0].lines, figure.axes[1].lines
    assert curve.get_ydata() == pytest.approx([1.0, 1.25, 1.45])
    of_labels = {line.get_label(): line.get_ydata() for line in over_t}
    assert of_labels[r"$\gamma$ = 0.9"] == pytest.approx([1.45, 1.45])
    assert of_labels["snapshot at step 10"] == pytest.approx([1.0, 1.0])
    assert of_labels["null condition"] == pytest.approx([1.15, 1.15])
