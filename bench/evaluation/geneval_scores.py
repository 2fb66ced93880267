"""GenEval's scores over images, with standard errors clustered by prompt."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

import pandas as pd

from bench.data.geneval import TASKS
from bench.metrics.clustered import clustered_mean, with_errors

# The columns of metrics.csv by the scores that they hold.
COLUMNS = {
    "overall": "geneval",
    **{task: f"geneval_{task}" for task in TASKS},
    "correct_images": "geneval_images",
    "correct_prompts": "geneval_prompts",
}


def scores(judged: pd.DataFrame) -> dict[str, float]:
    """The scores of judged images by name.

    Each task's mean over its images, and "overall", their unweighted mean, which is not a number
    unless all six tasks are there; "correct_images" and "correct_prompts" (those with a correct
    image) as shares of all. Each has a standard error, "<name>_se", with prompts as the clusters:
    images of one prompt share its difficulty. It is not a number for a single prompt.

    Args:
        judged: a row per image: its task ``tag``, its ``prompt``, and whether it is ``correct``.
    """
    found, errors = {}, {}
    for task in TASKS:
        of_task = judged[judged["tag"] == task]
        found[task], errors[task] = _mean(of_task)
    found["overall"] = sum(found[task] for task in TASKS) / len(TASKS)
    errors["overall"] = sqrt(sum(errors[task] ** 2 for task in TASKS)) / len(TASKS)
    found["correct_images"], errors["correct_images"] = _mean(judged)
    any_correct = judged.groupby("prompt", as_index=False)["correct"].any()
    found["correct_prompts"], errors["correct_prompts"] = _mean(any_correct)
    return with_errors(found, errors)


def metrics_columns(found: Mapping[str, float]) -> dict[str, float]:
    """`scores` under the names of their columns in metrics.csv, each followed by its standard error
    ("<column>_se")."""
    return with_errors(
        {column: found[name] for name, column in COLUMNS.items()},
        {column: found[f"{name}_se"] for name, column in COLUMNS.items()},
    )


def _mean(judged):
    return clustered_mean(judged["correct"].astype(float), judged["prompt"])
