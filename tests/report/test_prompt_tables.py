"""Tables 4 and 5 from rows made up for the purpose."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from bench.__main__ import main
from bench.data.geneval import TASKS
from bench.report.prompt_tables import our_rows, paper_rows
from bench.report.rows import Rows

COLUMNS = ("preference", "geneval", *(f"geneval_{task}" for task in TASKS))
CELLS = {
    ("routed", "unguided"): (1.0, 2.0),
    ("routed", "cfg"): (3.0, 5.0),
    ("dense", "unguided"): (9.0, 9.0),
    ("real", "renders"): (20.0,),
    ("real", "shuffled"): (-5.0,),
}


@pytest.fixture
def results(tmp_path):
    rows = []
    for (run, method), values in CELLS.items():
        for seed, value in enumerate(values):
            row = {"run": run, "method": method, "seed": seed, "training_seed": seed, "steps": 24}
            row |= {"samples": 600, "checkpoint_iterations": 100, "weak_checkpoint_step": None}
            row |= {"evaluator": "synthetic", "wall_seconds": 1.0}
            row["linear_gmacs"] = None if run == "real" else 0.5
            for column in COLUMNS:
                row |= {column: value, f"{column}_se": 0.3 + 0.1 * seed}
            rows.append(row)
    pd.DataFrame(rows).to_csv(tmp_path / "metrics.csv", index=False)
    (tmp_path / "preference.csv").write_text("kind,accuracy\nshape,0.875\nblur 1,0.5\n")
    return tmp_path


def test_the_papers_ranks_are_computed():
    table = paper_rows(4)
    assert table["rank"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 8, 10, 11, 12, 13, 14]
    cfg = table[table["method"] == "cfg"].iloc[0]
    # The paper prints another number than the mean of its columns.
    assert (cfg["overall"], round(cfg["mean"], 2)) == (9.21, 9.33)
    guided = table[table["method"] == "sparse_guidance"].iloc[0]
    assert guided["mean"] == pytest.approx(guided["overall"], abs=0.006)
    best = paper_rows(5).iloc[0]
    assert (best["label"], best["rank"]) == ("Janus-Pro-7B", 1)
    assert set(paper_rows(5)["source"]) == {"quoted", "measured"}


def test_an_undefined_standard_error_is_left_out(results):
    """Where prompts are too few to tell."""
    path = results / "metrics.csv"
    rows = pd.read_csv(path)
    rows.loc[0, "geneval_se"] = None
    rows.to_csv(path, index=False)
    assert main(["table", "5", "--results", str(results), "--out", str(results / "5.csv")]) == 0
    markdown = (results / "5.md").read_text()
    assert "| unguided, routed | 2      | 500.00    | 1.500 (0.707)" in markdown
    assert "| CFG, routed      | 1      | 500.00    | 4.000 (1.414, 0.250)" in markdown


def test_equal_means_share_a_rank(results):
    """In floating point the mean of 0.1 and 0.2 is above 0.15."""
    path = results / "metrics.csv"
    rows = pd.read_csv(path)
    rows.loc[rows["run"] == "routed", "geneval"] = [0.15, 0.15, 0.1, 0.2]
    rows.to_csv(path, index=False)
    assert our_rows(5, Rows(path))["rank"].tolist()[:2] == [1, 1]


@pytest.mark.parametrize("lacking", ["row", "score"])
def test_a_cell_without_a_replicate_has_no_rank(results, lacking):
    path = results / "metrics.csv"
    rows = pd.read_csv(path)
    cell = (rows["run"] == "routed") & (rows["method"] == "cfg") & (rows["seed"] == 0)
    if lacking == "row":
        rows = rows[~cell]
    else:
        rows.loc[cell, "geneval"] = None
    rows.to_csv(path, index=False)
    found = our_rows(5, Rows(path)).set_index("label")
    assert found.loc["unguided, routed", "rank"] == 1
    assert found.loc["CFG, routed", ["rank", "geneval", "geneval_sd"]].isna().all()


@pytest.mark.parametrize("verb", [["table", "5"], ["claims"]])
@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (
            lambda rows: pd.concat([rows, rows[1:2]]),
            "two rows of unguided on routed with the seed 1",
        ),
        (lambda rows: rows[:0], "holds no cell"),
    ],
)
def test_rows_that_are_not_of_a_scale_are_one_line(results, capsys, verb, damage, expected):
    path = results / "metrics.csv"
    damage(pd.read_csv(path)).to_csv(path, index=False)
    assert main([*verb, "--results", str(results), "--out", str(results / "out.csv")]) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize("number", [4, 5])
def test_ours_by_score_within_a_run(results, number):
    rows = our_rows(number, Rows(results / "metrics.csv"))
    assert rows["label"].tolist() == [
        *("CFG, routed", "unguided, routed", "unguided, dense", "renders", "shuffled"),
    ]
    assert rows["source"].tolist() == ["ours"] * 3 + ["ceiling", "floor"]
    assert rows["rank"].tolist()[:3] == [1, 2, 1]
    assert rows["rank"].isna().tolist()[3:] == [True, True]
    column = {4: "preference", 5: "geneval"}[number]
    cfg = rows.iloc[0]
    assert (cfg[column], cfg["replicates"]) == (4.0, 2)
    assert cfg[f"{column}_sd"] == pytest.approx(2**0.5)
    # Errors of independent means: the root of the sum of squares, over their number.
    assert cfg[f"{column}_se"] == pytest.approx(0.5 / 2)
    assert pd.isna(rows[f"{column}_sd"].iloc[3])


@pytest.mark.parametrize("number", [4, 5])
def test_the_command(results, number, capsys):
    search = results / "tuning" / "routed" / "cfg.csv"
    search.parent.mkdir(parents=True)
    spec = json.dumps({"method": "cfg", "omega": 2.0})
    candidates = [{"guidance": spec, "preference": 1.0, "samples": 300}] * 8
    pd.DataFrame(candidates).to_csv(search, index=False)
    out = results / f"table{number}.csv"
    assert main(["table", str(number), "--results", str(results), "--out", str(out)]) == 0
    table = pd.read_csv(out)
    ours = table[table["source"] == "ours"]
    assert ours["paper_overall"].isna().all()
    assert table["paper_overall"].notna().sum() == len(paper_rows(number))
    markdown = out.with_suffix(".md").read_text()
    assert "the highest synthetic preference of 8 candidates" in markdown
    assert "4.000 (1.414, 0.250)" in markdown
    assert "mean over 2 replicates, each a training of its own;" in markdown
    for text in ("it is not HPSv3", "with its severity: shape 0.88, blur 1 0.50."):
        assert (text in markdown) == (number == 4)
    assert out.with_suffix(".html").exists()


@pytest.mark.parametrize("preference", [9.25, None])
def test_photographs_have_hpsv3_s_score_where_it_was_run(results, preference):
    """Of blocks of samples of one training, and beside no renders."""
    path = results / "metrics.csv"
    rows = pd.read_csv(path)
    photographs = rows[rows["run"] != "real"].assign(preference=preference, training_seed=0)
    photographs.to_csv(path, index=False)
    for number in (4, 5):
        out = results / f"table{number}.csv"
        assert main(["table", str(number), "--results", str(results), "--out", str(out)]) == 0
    markdown = (results / "table4.md").read_text()
    assert ("HPSv3 was not run" in markdown) == (preference is None)
    assert ("the mean of the means of its twelve categories" in markdown) == bool(preference)
    assert ("9.250" in markdown) == bool(preference)
    assert "HPSv3 ↑" in markdown
    assert "mean over 2 blocks of samples of one training; the noise of retraining" in markdown
    assert "HPSv3" not in (results / "table5.md").read_text()


def test_rows_without_the_scores_are_one_line(results, capsys):
    path = results / "metrics.csv"
    pd.read_csv(path).drop(columns="preference").to_csv(path, index=False)
    out = results / "table4.csv"
    assert main(["table", "4", "--results", str(results), "--out", str(out)]) == 2
    assert "lacks the column preference" in capsys.readouterr().err
    assert not out.exists()
