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


def planned(micro, config):
    """Jobs by rule that a dry run would do."""
    code, output = snakemake(micro, config, "--dry-run")
    assert code == 0, output
    return jobs_by_rule(output)


def jobs_by_rule(output):
    """The jobs that the output of a dry run lists."""
    if "Nothing to be done" in output:
        return {}
    table = output.split("Job stats:")[1].split("total")[0]
    return {name: int(count) for name, count in re.findall(r"^(\w+)\s+(\d+)$", table, re.M)}


def changed(micro, **sections):
    path = micro / "changed.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(MICRO.read_text()), **sections}))
    return path


def test_everything_is_there(micro):
    results = micro / "results" / "micro"
    for number in (1, 2, 3):
        assert len(pd.read_csv(results / "tables" / f"table{number}.csv")) > 3
        assert (results / "tables" / f"table{number}.md").stat().st_size > 500
        assert (results / "tables" / f"table{number}.html").stat().st_size > 500
    assert {path.stem for path in (micro / "figures" / "micro").iterdir()} == set(FIGURES)
    for name, files in FIGURES.items():
        assert all((micro / file).exists() for file in files)
        for kind in ("png", "pdf", "csv"):
            assert (micro / "figures" / "micro" / f"{name}.{kind}").stat().st_size > 0
    assert "not run" in (results / "claims.md").read_text()
    assert (results / "checkpoints" / "routed" / "step-00000010.safetensors").exists()


def test_rows_carry_their_provenance(micro):
    rows = pd.read_csv(micro / "results" / "micro" / "metrics.csv")
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


def test_the_search_is_kept_and_its_best_is_measured(micro):
    tuning = micro / "results" / "micro" / "tuning" / "routed"
    for method in ("cfg", "sparse_guidance", "autoguidance_sparse_guidance"):
        search = pd.read_csv(tuning / f"{method}.csv")
        # The same budget for all; CFG has but two choices.
        assert len(search) == (2 if method == "cfg" else 4)
        assert set(search["seed"]) == {0}
        best = json.loads(search.loc[search["fid"].idxmin(), "guidance"])
        assert json.loads((tuning / f"{method}.json").read_text()) == best
        row = pd.read_csv(micro / "results/micro/metrics.csv").query(f"method == '{method}'")
        assert {json.loads(text) == best for text in row.query("run == 'routed'")["guidance"]} == {
            True
        }
    assert not (tuning / "unguided.csv").exists()
    assert not list(tuning.glob(".*"))


def test_grids_are_apart_from_the_searches(micro):
    grids = micro / "results" / "micro" / "grids"
    points = pd.read_csv(grids / "routed" / "sparse_guidance.csv")
    specs = [json.loads(text) for text in points["guidance"]]
    pairs = {(spec["gamma_strong"], spec["gamma_weak"]) for spec in specs}
    assert len(points) == 6
    assert pairs == {(0.0, 0.5), (0.0, 0.9), (0.5, 0.9)}
    assert points["unguided_fid"].nunique() == 1


def test_the_footnote_names_the_budget(micro):
    table = (micro / "results" / "micro" / "tables" / "table2.md").read_text()
    assert "the lowest FID of 4 candidates, as many for every method, on 16 samples each" in table


def test_the_front_page_names_narrow_searches_and_shares_of_time(micro):
    """Of two omegas the better one is always at an end; where one alone is tried, it is none."""
    front = (micro / "results" / "micro" / "summary.rst").read_text()
    assert "- CFG on ``routed@10``: its best omega, " in front
    assert re.search(
        r"\d+ jobs in \d+ minutes, at most \d at once: computing the above \d+ %", front
    )
    assert "AG+SG on" not in front


def test_contours_need_a_grid(micro):
    settings = yaml.safe_load(MICRO.read_text())
    settings["methods"]["sparse_guidance"]["grid"]["gamma_strong"] = [0.0]
    code, output = snakemake(micro, changed(micro, **settings), "--dry-run", "--forceall")
    assert code == 0, output
    assert "wildcards: name=figure6" in output
    assert "wildcards: name=figure8" not in output


def test_a_second_run_does_nothing(micro):
    assert planned(micro, MICRO) == {}


def test_a_changed_number_changes_its_views_alone(micro):
    path = micro / "results" / "micro" / "metrics.csv"
    before, stamp = path.read_bytes(), path.stat()
    rows = pd.read_csv(path)
    rows.loc[0, "fid"] += 0.5
    rows.to_csv(path, index=False)
    try:
        # What is drawn from the grids or the checkpoints stays.
        assert planned(micro, MICRO) == {
            "all": 1,
            "claims": 1,
            "figure": len(FROM_ROWS),
            "summary": 1,
            "table": 3,
        }
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


def test_a_new_method_recomputes_no_other(micro):
    settings = yaml.safe_load(MICRO.read_text())
    settings["methods"]["icg"] = {"guidance": {"method": "icg", "omega": 1.5}}
    settings["runs"]["routed"]["methods"].append("icg")
    jobs = planned(micro, changed(micro, **settings))
    assert (jobs.pop("table"), jobs.pop("figure"), jobs.pop("claims")) == (
        3,
        len(FROM_ROWS),
        1,
    )
    # Nothing to choose, nothing to search.
    assert jobs == {"measure": 1, "collect": 1, "summary": 1, "all": 1}


def test_other_training_settings_retrain_that_run(micro):
    settings = yaml.safe_load(MICRO.read_text())
    settings["runs"]["finetuned"]["training"]["steps"] = 6
    jobs = planned(micro, changed(micro, **settings))
    assert jobs["train_finetuned"] == 1
    assert "train_routed" not in jobs
    assert jobs["measure"] == 2


def test_another_spec_of_an_untuned_method_is_measured_anew(micro):
    settings = yaml.safe_load(MICRO.read_text())
    settings["methods"]["unguided"] = {"guidance": {"method": "unguided", "gamma": 0.5}}
    jobs = planned(micro, changed(micro, **settings))
    assert jobs["measure"] == 1
    assert "search" not in jobs


def test_other_settings_of_the_samples_measure_all_anew(micro):
    settings = yaml.safe_load(MICRO.read_text())
    settings["measurement"]["preview_samples"] = 8
    jobs = planned(micro, changed(micro, **settings))
    assert (jobs["measure"], jobs["evaluate_real"]) == (8, 1)
    assert not {"search", "grid", "train_routed"} & set(jobs)


def test_an_edited_plugin_is_measured_anew(micro):
    plugin = micro / "halfway.py"
    settings = yaml.safe_load(MICRO.read_text())
    settings["plugins"] = [str(plugin)]
    plugin.write_text("# one")
    config = changed(micro, **settings)
    code, output = snakemake(micro, config, "--touch")
    assert code == 0, output
    assert planned(micro, config) == {}
    plugin.write_text("# two")
    jobs = planned(micro, config)
    assert (jobs["measure"], jobs["search"], jobs["grid"]) == (8, 7, 5)


def test_a_target_taken_for_a_configuration_is_one_line(tmp_path):
    """As Snakemake takes what follows --configfile."""
    target = tmp_path / "cfg.json"
    target.write_text('{"method": "cfg", "omega": 2.0}')
    code, output = snakemake(tmp_path, MICRO, "--dry-run", "--configfile", MICRO, target)
    assert code != 0
    assert "configuration: method: unknown key, did you mean 'methods'? (read from " in output
    assert f"{target}; a target goes before --configfile, or after --configfile=FILE)" in output
    assert "Traceback" not in output


def test_a_wrong_configuration_is_one_line(micro):
    code, output = snakemake(micro, changed(micro, samplin={}), "--dry-run")
    assert code != 0
    assert "configuration: samplin: unknown key, did you mean 'sampling'?" in output
    assert "Traceback" not in output
