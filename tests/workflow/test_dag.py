"""The whole DAG with tiny models, from nothing to tables and figures."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pandas as pd
import yaml

from bench.config.load import load
from bench.report.figures import figures
from bench.results import Results
from tests.workflow.conftest import MICRO, snakemake

LAYOUT = Results(Path("results/micro"))
FIGURES = {
    name: files
    for name, figure in figures().items()
    if (files := figure.files(load(MICRO), LAYOUT)) is not None
}
FROM_ROWS = [name for name, files in FIGURES.items() if LAYOUT.metrics in files]


def planned(folder, config):
    """Jobs by rule that a dry run would do."""
    code, output = snakemake(folder, config, "--dry-run")
    assert code == 0, output
    return jobs_by_rule(output)


def jobs_by_rule(output):
    """The jobs that the output of a dry run lists."""
    if "Nothing to be done" in output:
        return {}
    table = output.split("Job stats:")[1].split("total")[0]
    return {name: int(count) for name, count in re.findall(r"^(\w+)\s+(\d+)$", table, re.M)}


def changed(folder, **sections):
    path = folder / "changed.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(MICRO.read_text()), **sections}))
    return path


def test_everything_is_there(folder):
    results = folder / "results" / "micro"
    for number in (1, 2, 3):
        assert len(pd.read_csv(results / "tables" / f"table{number}.csv")) > 3
        assert (results / "tables" / f"table{number}.md").stat().st_size > 500
        assert (results / "tables" / f"table{number}.html").stat().st_size > 500
    assert {path.stem for path in (folder / "figures" / "micro").iterdir()} == set(FIGURES)
    for name, files in FIGURES.items():
        assert all((folder / file).exists() for file in files)
        for kind in ("png", "pdf", "csv"):
            assert (folder / "figures" / "micro" / f"{name}.{kind}").stat().st_size > 0
    assert "not run" in (results / "claims.md").read_text()
    assert (results / "checkpoints" / "routed" / "step-00000010.safetensors").exists()


def test_rows_carry_their_provenance(folder):
    rows = pd.read_csv(folder / "results" / "micro" / "metrics.csv")
    assert len(rows) == 8 * 2 + 1
    mine = rows[rows["run"] != "real"]
    every = ["scale", "config_hash", "git_commit", "python", "torch", "device", "dtype", "solver"]
    every += ["steps", "label_mode", "guided_channels", "uint8_rule", "evaluator", "reference"]
    every += ["checkpoint_sha256", "guidance", "wall_seconds", "linear_gmacs", "gmacs", "fid"]
    assert mine[every].notna().all(axis=None)
    sparse = mine[mine["method"] == "autoguidance_sparse_guidance"].iloc[0]
    assert sparse["weak_checkpoint_step"] == 10
    assert sparse["samples"] == 24
    assert {"omega", "gamma_strong", "gamma_weak"} <= set(json.loads(sparse["guidance"]))


def test_the_search_is_kept_and_its_best_is_measured(folder):
    tuning = folder / "results" / "micro" / "tuning" / "routed"
    search = pd.read_csv(tuning / "autoguidance_sparse_guidance.csv")
    assert len(search) == 4
    assert set(search["seed"]) == {0}
    best = json.loads(search.loc[search["fid"].idxmin(), "guidance"])
    chosen = json.loads((tuning / "autoguidance_sparse_guidance.json").read_text())
    assert chosen == best
    assert not (tuning / "unguided.csv").exists()


def test_the_front_page_names_narrow_searches(folder):
    """Of two omegas the better one is always at an end; where one alone is tried, it is none."""
    front = (folder / "results" / "micro" / "summary.rst").read_text()
    assert "- CFG on ``routed@10``: its best omega, " in front
    assert "- SG on ``masked``: its best omega, " in front
    assert "AG+SG on" not in front


def test_contours_need_a_grid(folder):
    settings = yaml.safe_load(MICRO.read_text())
    settings["methods"]["sparse_guidance"]["search"]["gamma_strong"] = [0.0]
    code, output = snakemake(folder, changed(folder, **settings), "--dry-run", "--forceall")
    assert code == 0, output
    assert "wildcards: name=figure6" in output
    assert "wildcards: name=figure8" not in output


def test_a_second_run_does_nothing(folder):
    assert planned(folder, MICRO) == {}


def test_a_changed_number_changes_its_views_alone(folder):
    path = folder / "results" / "micro" / "metrics.csv"
    before, stamp = path.read_bytes(), path.stat()
    rows = pd.read_csv(path)
    rows.loc[0, "fid"] += 0.5
    rows.to_csv(path, index=False)
    try:
        # What is drawn from the searches or the checkpoints stays.
        assert planned(folder, MICRO) == {
            "all": 1,
            "claims": 1,
            "figure": len(FROM_ROWS),
            "summary": 1,
            "table": 3,
        }
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


def test_a_new_method_recomputes_no_other(folder):
    settings = yaml.safe_load(MICRO.read_text())
    settings["methods"]["icg"] = {"guidance": {"method": "icg", "omega": 1.5}}
    settings["runs"]["routed"]["methods"].append("icg")
    jobs = planned(folder, changed(folder, **settings))
    assert (jobs.pop("table"), jobs.pop("figure"), jobs.pop("claims")) == (
        3,
        len(FROM_ROWS),
        1,
    )
    # Nothing to choose, nothing to search.
    one_cell = {"sample": 4, "features": 1, "evaluate": 1}
    assert jobs == {**one_cell, "collect": 1, "summary": 1, "all": 1}


def test_other_training_settings_retrain_that_run(folder):
    settings = yaml.safe_load(MICRO.read_text())
    settings["runs"]["finetuned"]["training"]["steps"] = 6
    jobs = planned(folder, changed(folder, **settings))
    assert jobs["train_finetuned"] == 1
    assert "train_routed" not in jobs
    assert jobs["sample"] == 8


def test_a_target_taken_for_a_configuration_is_one_line(tmp_path):
    """As Snakemake takes what follows --configfile."""
    target = tmp_path / "cfg.json"
    target.write_text('{"method": "cfg", "omega": 2.0}')
    code, output = snakemake(tmp_path, MICRO, "--dry-run", "--configfile", MICRO, target)
    assert code != 0
    assert "configuration: method: unknown key, did you mean 'methods'? (read from " in output
    assert f"{target}; a target goes before --configfile, or after --configfile=FILE)" in output
    assert "Traceback" not in output


def test_a_wrong_configuration_is_one_line(folder):
    code, output = snakemake(folder, changed(folder, samplin={}), "--dry-run")
    assert code != 0
    assert "configuration: samplin: unknown key, did you mean 'sampling'?" in output
    assert "Traceback" not in output
