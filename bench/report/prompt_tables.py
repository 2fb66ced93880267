"""The paper's tables of text-to-image models, and ours of a scale with prompts beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from bench.config.evaluation import REAL
from bench.data.geneval import TASKS
from bench.files.csv_rows import read_rows
from bench.paper import FOLDER
from bench.report.methods import display_name
from bench.report.rows import Rows

# What the paper calls a task, where it is another name than GenEval's own.
PAPER_NAMES = {"color_attr": "color_attribution"}
BOUNDS = {"renders": "ceiling", "shuffled": "floor"}


@dataclass(frozen=True)
class PromptTable:
    """A table of text-to-image models.

    Attributes:
        title: for readers.
        scores: our columns of metrics.csv by heading; the first one orders the rows.
        remark: what our numbers are, beside the paper's.
    """

    title: str
    scores: Mapping[str, str]
    remark: str


PROMPT_TABLES = {
    4: PromptTable(
        "Human preference (HPSv3)",
        {"synthetic preference": "preference"},
        "The synthetic preference score is a small network that learnt to tell renders from "
        "spoilt or contradicting ones; it is not HPSv3, and its numbers cannot be compared with "
        "the paper's. {accuracies}",
    ),
    5: PromptTable(
        "GenEval",
        {
            "overall": "geneval",
            **{PAPER_NAMES.get(task, task): f"geneval_{task}" for task in TASKS},
        },
        "GenEval's six tasks and rules, on coloured shapes and with an exact detector: compare "
        "orders with the paper's, not values.",
    ),
}
# Of samples that are judged as photographs are.
PHOTOGRAPH_TABLES = {
    4: PromptTable(
        PROMPT_TABLES[4].title,
        {"HPSv3": "preference"},
        "HPSv3's own score of one image of each prompt of its benchmark in every block: the mean "
        "of the means of its twelve categories, as the paper's overall score.",
    ),
    5: PromptTable(
        PROMPT_TABLES[5].title,
        PROMPT_TABLES[5].scores,
        "GenEval's prompts and rules; metrics.csv names the detector.",
    ),
}

NOT_SCORED = "Empty: HPSv3 was not run on our samples."


def table_of(number: int, ours: pd.DataFrame) -> PromptTable:
    """The table that our rows (of `our_rows`) fill: of drawn shapes, whose renders bound the
    scores, or of photographs, which have no such bounds and need not have been scored."""
    if has_bounds(ours):
        return PROMPT_TABLES[number]
    table = PHOTOGRAPH_TABLES[number]
    is_scored = ours[list(table.scores.values())].notna().any(axis=None)
    return table if is_scored else replace(table, remark=NOT_SCORED)


def has_bounds(ours: pd.DataFrame) -> bool:
    """Tells if a ceiling and a floor are among our rows (of `our_rows`)."""
    return ours["source"].isin(BOUNDS.values()).any()


def paper_rows(number: int) -> pd.DataFrame:
    """The paper's rows by falling overall score: label, source, run, method, rank (computed,
    equal scores share one), overall (as printed), mean (of the row's own columns), and these."""
    printed = pd.read_csv(FOLDER / f"table{number}.csv").fillna({"run": "", "method": ""})
    names = ["label", "source", "run", "method"]
    parts = printed.drop(columns=[*names, "overall"])
    rank = printed["overall"].rank(method="min", ascending=False).astype(int)
    table = pd.concat(
        [
            printed[names],
            rank.rename("rank"),
            printed["overall"],
            parts.mean(axis=1).rename("mean"),
            parts,
        ],
        axis=1,
    )
    return table.sort_values("rank", kind="stable", ignore_index=True)


def our_rows(number: int, rows: Rows) -> pd.DataFrame:
    """Our rows by falling score within each run, then ceiling and floor.

    Returns:
        Columns label, source ("ours", "ceiling", "floor"), run, method, rank (within the run),
        replicates, linear_gmacs (of one guided step); then of each score its mean over the
        replicates, <score>_sd, their standard deviation, and <score>_se, the standard error of the
        mean by the spread over prompts alone. A score that a replicate lacks is not a number, and
        without the first one a row has no rank.

    Raises:
        BadInput: the rows lack a column.
    """
    columns = list(PROMPT_TABLES[number].scores.values())
    cells = dict.fromkeys(zip(rows.frame["run"], rows.frame["method"]))
    table = pd.DataFrame([_line(rows, *cell, columns) for cell in cells])
    ours = table[table["source"] == "ours"].copy()
    # Equal means of other replicates may differ in their last digit.
    overall = ours[columns[0]].round(9)
    ours["rank"] = overall.groupby(ours["run"]).rank(method="min", ascending=False)
    order = {run: index for index, run in enumerate(dict.fromkeys(ours["run"]))}
    ours = ours.sort_values("rank", kind="stable").sort_values(
        "run", key=lambda runs: runs.map(order), kind="stable"
    )
    found = pd.concat([ours, table[table["source"] != "ours"]], ignore_index=True)
    return found.astype({"rank": "Int64"})


def accuracy_sentence(path: Path) -> str:
    """How often the preference score is right, from the table that its training leaves.

    Raises:
        BadInput: the table is missing.
    """
    rows = read_rows(path, "kind", "accuracy")
    shares = ", ".join(f"{kind} {value:.2f}" for kind, value in zip(rows["kind"], rows["accuracy"]))
    return (
        "Share of held-out pairs in which it prefers the better image, by what is wrong with the "
        f"other, a degradation with its severity: {shares}."
    )


def joined(ours: pd.DataFrame, paper: pd.DataFrame) -> pd.DataFrame:
    """Our rows, then the paper's, whose numbers stand in columns of their own, paper_<name>."""
    shared = ("label", "source", "run", "method")
    renamed = {name: f"paper_{name}" for name in paper if name not in shared}
    return pd.concat([ours, paper.rename(columns=renamed)], ignore_index=True)


def _line(rows, run, method, columns):
    is_bound = run == REAL[0]

    def blocks(column):
        values = rows.blocks(run, method, column)
        return values if is_bound else values.reindex(rows.seeds)

    line = {
        "label": method if is_bound else f"{display_name(method)}, {run}",
        "source": BOUNDS[method] if is_bound else "ours",
        "run": run,
        "method": method,
        "rank": None,
        "replicates": len(rows.blocks(run, method, columns[0])),
        "linear_gmacs": blocks("linear_gmacs").mean(),
    }
    for column in columns:
        values = blocks(column)
        line[column] = values.mean(skipna=False)
        line[f"{column}_sd"] = values.std(ddof=1, skipna=False) if len(values) > 1 else None
        # Of a single prompt there is none, nor is there of their mean.
        squares = blocks(f"{column}_se") ** 2
        line[f"{column}_se"] = np.sqrt(squares.sum(skipna=False)) / len(values)
    return line
