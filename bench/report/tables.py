"""The tables of the paper, its numbers beside ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from bench.config.evaluation import REAL
from bench.metrics.table import METRICS
from bench.paper import FOLDER
from bench.report.rows import Rows
from bench.report.statistics import compare

# The metrics that the paper prints, and those that tables show beside them where there are any.
QUALITY = tuple(name for name, metric in METRICS.items() if metric.in_tables == "always")
FURTHER = tuple(name for name, metric in METRICS.items() if metric.in_tables == "measured")


@dataclass(frozen=True)
class Table:
    """A table of the paper.

    Attributes:
        title: for readers.
        metrics: its columns, by their names in metrics.csv and in the paper's CSV.
        also: tells if a measured cell (run, method) that the paper does not have gets a row, too.
        as_long_as: the run whose length of training all rows have, as far as it was measured.
    """

    title: str
    metrics: tuple[str, ...]
    also: Callable[[str, str], bool]
    as_long_as: str | None = None


TABLES = {
    1: Table(
        "SG against CFG on masking- and routing-trained models",
        QUALITY,
        also=lambda run, method: method in ("unguided", "cfg", "sparse_guidance"),
        as_long_as="masked",
    ),
    2: Table(
        "Guidance methods on the routed model",
        ("fid", "linear_gmacs", "delta_linear_gmacs"),
        also=lambda run, method: run == "routed",
    ),
    3: Table(
        "Against systems that the paper quotes (not run here)",
        QUALITY,
        also=lambda run, method: False,
    ),
}


def build_table(number: int, rows: Rows) -> pd.DataFrame:
    """Builds a table: the paper's rows in its order, then further cells of ours, then real images
    (the floor).

    Returns:
        Columns label (the paper's name of a row), run, method, source, epochs, paper_<metric>,
        <metric> and <metric>_sd over the replicates, blocks (their number), and mark: best or tie
        by FID among ours on the same run. Metrics that the paper does not print have no
        paper_<metric>.
    """
    table = TABLES[number]
    metrics = (*table.metrics, *(metric for metric in FURTHER if metric in rows.frame))
    paper = pd.read_csv(FOLDER / f"table{number}.csv").fillna({"run": "", "method": ""})
    lines = [_paper_line(row, table, metrics, rows) for _, row in paper.iterrows()]
    named = {(line["run"], line["method"]) for line in lines}
    lines += [
        _line(f"{method}, {run}", run, method, "ours only", metrics, rows)
        for run, method in rows.cells()
        if (run, method) not in named and table.also(run, method)
    ]
    lines.append(_line("real images (train split)", *REAL, "floor", metrics, rows))
    ours = [column for metric in metrics for column in (metric, f"{metric}_sd")]
    paper_columns = [f"paper_{metric}" for metric in table.metrics]
    columns = [
        "label",
        "run",
        "method",
        "source",
        "epochs",
        *paper_columns,
        *ours,
        "blocks",
        "mark",
    ]
    return pd.DataFrame(_mark(lines, rows), columns=columns)


def _paper_line(row, table, metrics, rows):
    run = row["run"]
    if run and table.as_long_as:
        run = rows.snapshot(run, row["method"], as_long_as=table.as_long_as)
    line = _line(row["label"], run, row["method"], row["source"], metrics, rows)
    printed = {f"paper_{metric}": row[metric] for metric in table.metrics}
    return {**line, "epochs": row["epochs"], **printed}


def _line(name, run, method, source, metrics, rows):
    line = {"label": name, "run": run, "method": method, "source": source}
    line["blocks"] = len(rows.blocks(run, method, "fid"))
    for metric in metrics:
        blocks = _metric(run, method, metric, rows)
        line[metric] = blocks.mean() if len(blocks) else None
        line[f"{metric}_sd"] = blocks.std(ddof=1) if len(blocks) > 1 else None
    return line


def _metric(run, method, metric, rows):
    if metric != "delta_linear_gmacs":
        return rows.blocks(run, method, metric)
    cost = rows.blocks(run, method, "linear_gmacs")
    return cost - rows.blocks(run, "unguided", "linear_gmacs").reindex(cost.index)


def _mark(lines, rows):
    """Marks each line of ours as the best by FID on its run, or as tied with it."""
    best = {}
    for line in lines:
        if line["blocks"] and line["source"] != "floor":
            rival = best.setdefault(line["run"], line)
            best[line["run"]] = min(rival, line, key=lambda one: one["fid"])
    for line in lines:
        leader = best.get(line["run"])
        line["mark"] = ""
        if line is leader:
            line["mark"] = "best"
        elif leader and line["blocks"]:
            pair = [rows.blocks(one["run"], one["method"], "fid") for one in (line, leader)]
            retrained = rows.all_retrained([line["run"]])
            line["mark"] = "tie" if compare(*pair, retrained=retrained).tie else ""
    return lines
