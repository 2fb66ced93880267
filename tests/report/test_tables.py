"""The tables from rows made up for the purpose."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.__main__ import main
from bench.report import tables
from bench.report.rows import Rows
from bench.results import Results


def build_table(number, results):
    return tables.build_table(number, Rows(Results(results).metrics))


def cell(table, run, method):
    return table[(table["run"] == run) & (table["method"] == method)].iloc[0]


def test_paper_and_ours_stand_side_by_side(results):
    table = build_table(2, results)
    row = cell(table, "routed", "cfg")
    assert row["paper_fid"] == 2.57
    assert row["fid"] == pytest.approx(3.2)
    assert row["fid_sd"] == pytest.approx(0.1)
    assert row["blocks"] == 3
    assert row["delta_linear_gmacs"] == 1.0
    assert row["paper_delta_linear_gmacs"] == 114.42


def test_a_method_of_ones_own_gets_a_row(results):
    table = build_table(2, results)
    row = cell(table, "routed", "mine")
    assert row["source"] == "ours only"
    assert pd.isna(row["paper_fid"])
    assert row["fid"] == pytest.approx(4.2)


def test_what_was_not_run_stays_empty(results):
    row = cell(build_table(2, results), "routed", "apg")
    assert pd.isna(row["fid"])
    assert row["paper_fid"] == 2.51
    assert row["blocks"] == 0


def test_the_floor_comes_last(results):
    for number in (1, 2, 3):
        last = build_table(number, results).iloc[-1]
        assert (last["source"], last["fid"]) == ("floor", pytest.approx(0.1))


def test_best_and_ties_are_per_run(results):
    table = build_table(1, results)
    assert cell(table, "routed", "sparse_guidance")["mark"] == "best"
    assert cell(table, "routed", "cfg")["mark"] == ""
    assert cell(table, "masked", "cfg")["mark"] == "best"


def test_table_1_compares_models_trained_equally_long(results):
    rows = pd.read_csv(results / "metrics.csv")
    snapshot = rows[(rows["run"] == "routed") & (rows["method"] == "cfg")]
    snapshot = snapshot.assign(run="routed@800", checkpoint_iterations=800, fid=9.0)
    rows.loc[rows["run"] == "masked", "checkpoint_iterations"] = 800
    pd.concat([rows, snapshot]).to_csv(results / "metrics.csv", index=False)
    table = build_table(1, results)
    assert cell(table, "routed@800", "cfg")["fid"] == 9.0
    assert cell(table, "routed@800", "cfg")["paper_fid"] == 2.95
    # Not measured on the snapshot, and not a matter of length in Table 2.
    assert cell(table, "routed", "sparse_guidance")["paper_fid"] == 2.07
    assert cell(build_table(2, results), "routed", "cfg")["fid"] == pytest.approx(3.2)


def test_quoted_rows_are_the_papers_alone(results):
    table = build_table(3, results)
    quoted = table[table["source"] == "quoted"]
    assert len(quoted) == 7
    assert quoted["fid"].isna().all()


def test_the_command_writes_both_forms(results, capsys):
    out = results / "tables" / "table2.csv"
    assert main(["table", "2", "--results", str(results), "--out", str(out)]) == 0
    markdown = out.with_suffix(".md").read_text()
    assert " **1.20 ± 0.10** " in markdown
    assert "real images" in markdown
    assert "SG_FLOPS has a lower FID than CFG. **not run**" in markdown
    assert "Table 1" not in markdown
    assert len(pd.read_csv(out)) == 7 + 2 + 1


def test_readers_get_names_and_a_unit_that_fits(results):
    rows = pd.read_csv(results / "metrics.csv")
    rows["linear_gmacs"] /= 1000
    rows.to_csv(results / "metrics.csv", index=False)
    out = results / "tables" / "table2.csv"
    assert main(["table", "2", "--results", str(results), "--out", str(out)]) == 0
    lines = out.with_suffix(".md").read_text().splitlines()
    cells = {
        row[1]: row[2:-1]
        for row in ([cell.strip() for cell in line.split("|")] for line in lines)
        if len(row) > 1
    }
    headings = ["GMACs ↓ paper", "MMACs ↓ ours", "ΔGMACs paper", "ΔMMACs ours"]
    assert cells[""][-4:] == headings
    assert cells["CFG"][-4:] == ["228.84", "2.00", "114.42", "1.00"]
    assert cells["SG, routed"][0] == "ours only"
    # The data keep the keys, and GMACs.
    data = cell(pd.read_csv(out), "routed", "sparse_guidance")
    assert data["label"] == "sparse_guidance, routed"
    assert data["linear_gmacs"] == pytest.approx(0.0015)


def test_a_metric_beyond_the_papers_is_a_column_where_it_was_measured(results):
    path = results / "metrics.csv"
    out = results / "table1.csv"
    pd.read_csv(path).assign(fd_dinov2=70.125).to_csv(path, index=False)
    assert main(["table", "1", "--results", str(results), "--out", str(out)]) == 0
    table = pd.read_csv(out)
    assert cell(table, "routed", "cfg")["fd_dinov2"] == 70.125
    assert "paper_fd_dinov2" not in table
    markdown = out.with_suffix(".md").read_text()
    assert "| FD-DINOv2 ↓ ours" in markdown
    assert "FD-DINOv2 ↓ paper" not in markdown
    assert "KID" not in markdown


def test_a_metric_that_was_not_measured_is_one_line(results, capsys):
    path, out = results / "metrics.csv", results / "table1.csv"
    pd.read_csv(path).drop(columns="recall").to_csv(path, index=False)
    assert main(["table", "1", "--results", str(results), "--out", str(out)]) == 2
    assert "metrics.csv: lacks the column recall; measure it anew" in capsys.readouterr().err


def test_no_rows_is_one_line(tmp_path, capsys):
    out = tmp_path / "t.csv"
    assert main(["table", "1", "--results", str(tmp_path), "--out", str(out)]) == 2
    assert "metrics.csv: no such file" in capsys.readouterr().err
    (tmp_path / "metrics.csv").write_text("a,b\n1,2\n")
    assert main(["table", "1", "--results", str(tmp_path), "--out", str(out)]) == 2
    assert "lacks the columns run, method, seed, samples" in capsys.readouterr().err
    assert not out.exists()
