"""The DAG of a scale with prompts, with tiny models, from nothing to Tables 4 and 5."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from bench.__main__ import main
from bench.config.load import load
from bench.evaluation.shapes_preference import KIND, PreferenceNetwork, vocabulary
from bench.files.tensors import read_tensors, write_tensors
from bench.report.reading import read_omega_sweep
from bench.results import Results
from tests.workflow.conftest import ROOT, snakemake
from tests.workflow.test_dag import jobs_by_rule

MICRO = Path(__file__).parent / "shapes-micro.yaml"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Where shapes-micro.yaml was run, with a preference score of random weights that was there."""
    folder = tmp_path_factory.mktemp("shapes")
    results = folder / "results" / "shapes-micro"
    results.mkdir(parents=True)
    torch.manual_seed(0)
    description = {"vocabulary": list(vocabulary()), "kind": KIND}
    weights = PreferenceNetwork().state_dict()
    write_tensors(results / "preference.safetensors", weights, description)
    (results / "preference.csv").write_text("kind,accuracy\nshape,0.5\n")
    code, output = snakemake(folder, MICRO)
    assert code == 0, output
    return results


def test_every_cell_is_measured_and_tabled(results):
    scale = load(MICRO)
    rows = pd.read_csv(results / "metrics.csv")
    cells = set(zip(rows["run"], rows["method"]))
    assert cells == {*scale.cells, ("real", "renders"), ("real", "shuffled")}
    measured = rows[rows["run"] != "real"]
    assert measured.groupby(["run", "method"])["training_seed"].nunique().eq(2).all()
    assert measured[["preference", "geneval", "geneval_se", "linear_gmacs"]].notna().all(axis=None)
    for number in (4, 5):
        table = pd.read_csv(results / "tables" / f"table{number}.csv")
        assert len(table[table["source"] == "ours"]) == len(scale.cells)
    assert "GenEval" in (results / "summary.rst").read_text()
    drawn = {path.name for path in (results.parents[1] / "figures" / "shapes-micro").iterdir()}
    assert {"capacity_gap.png", "figure1_left.png", "figureA1.png", "figureA2.png"} <= drawn
    assert (results / "claims.md").exists()


def test_sweeps_over_omega_start_at_no_guidance(results):
    """All from the same noise; at omega = 1 both methods are the model alone."""
    layout = Results(results)
    shard, _ = read_tensors(
        layout.shard("routed", "unguided", 1, 0, 16), "samples", ("images", "prompts")
    )
    for method in ("sparse_guidance", "cfg"):
        images, omegas = read_omega_sweep(layout.omega_sweep("routed", method))
        assert omegas == [1, 2, 4]
        swept, _ = read_tensors(layout.omega_sweep("routed", method), "omega sweep", ("prompts",))
        assert swept["prompts"].tolist() == shard["prompts"][:6].tolist()
        unguided = shard["images"][:6].permute(0, 2, 3, 1).numpy()
        assert np.abs(images[0].astype(int) - unguided).max() <= 1
        assert (images[2] != images[0]).any()


def test_nothing_is_left_to_do(results):
    code, output = snakemake(results.parents[1], MICRO, "--dry-run")
    assert code == 0, output
    assert jobs_by_rule(output) == {}


def test_other_prompts_are_measured_anew(results, tmp_path):
    text = MICRO.read_text().replace("samples: 24", "samples: 20")
    config = tmp_path / "changed.yaml"
    config.write_text(text)
    code, output = snakemake(results.parents[1], config, "--dry-run")
    assert code == 0, output
    jobs = jobs_by_rule(output)
    assert jobs["encode_text"] == 1
    assert jobs["measure_prompts"] == len(load(MICRO).cells)
    assert "search" not in jobs
    assert not [name for name in jobs if name.startswith("train")]


def test_the_committed_scale_plans(tmp_path):
    code, output = snakemake(tmp_path, ROOT / "workflow" / "config" / "shapes.yaml", "--dry-run")
    assert code == 0, output
    jobs = jobs_by_rule(output)
    assert jobs["measure_prompts"] == len(load(ROOT / "workflow/config/shapes.yaml").cells)
    assert jobs["table"] == 2


def test_a_machine_without_snakemake_gets_the_cells_too(tmp_path):
    plan = tmp_path / "plan.txt"
    assert main(["plan", "--config", str(MICRO), "--out", str(plan)]) == 0
    verbs = [line.split()[0] for line in plan.read_text().splitlines()]
    assert verbs.count("measure-prompts") == len(load(MICRO).cells)
    assert verbs.count("train") == 4
