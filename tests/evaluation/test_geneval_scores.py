"""GenEval's scores against its authors' definitions and a bootstrap."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.data.geneval import TASKS
from bench.evaluation.geneval_scores import scores


@pytest.fixture(scope="module")
def judged():
    """Four images of each prompt, whose chance of being right is the prompt's own."""
    random = np.random.default_rng(0)
    rows = []
    for number in range(240):
        # More prompts of the first task, and those easy.
        task = TASKS[max(number % 10 - 4, 0)]
        chance = random.random() ** (0.3 if task == TASKS[0] else 1)
        for _ in range(4):
            rows.append((task, f"prompt {number}", random.random() < chance))
    return pd.DataFrame(rows, columns=["tag", "prompt", "correct"])


def test_definitions(judged):
    found = scores(judged)
    means = judged.groupby("tag")["correct"].mean()
    for task in TASKS:
        assert found[task] == pytest.approx(means[task])
    # Of the tasks, not of the images.
    assert found["overall"] == pytest.approx(means.mean())
    assert found["overall"] != pytest.approx(judged["correct"].mean(), abs=1e-3)
    assert found["correct_images"] == pytest.approx(judged["correct"].mean())
    assert found["correct_prompts"] == pytest.approx(
        judged.groupby("prompt")["correct"].max().mean()
    )


def test_standard_errors_are_those_of_drawing_other_prompts(judged):
    """A bootstrap over prompts within each task."""
    found, random = scores(judged), np.random.default_rng(1)
    by_task = [of.groupby("prompt")["correct"].mean().to_numpy() for _, of in judged.groupby("tag")]
    drawn = [[random.choice(means, len(means)).mean() for means in by_task] for _ in range(4000)]
    names = sorted(TASKS)
    for name, deviation in zip(names, np.std(drawn, axis=0)):
        assert found[f"{name}_se"] == pytest.approx(deviation, rel=0.06)
    assert found["overall_se"] == pytest.approx(np.std(np.mean(drawn, axis=1)), rel=0.06)
    # Four images of a prompt are fewer than four prompts.
    mean = judged["correct"].mean()
    assert found["correct_images_se"] > 1.3 * np.sqrt(mean * (1 - mean) / len(judged))


def test_unequal_numbers_of_images():
    """Prompts as clusters of a ratio: of residuals 1/3, 1/3 (one prompt) and -2/3."""
    rows = [("colors", "a", True), ("colors", "a", True), ("colors", "b", False)]
    found = scores(pd.DataFrame(rows, columns=["tag", "prompt", "correct"]))
    assert found["colors"] == pytest.approx(2 / 3)
    assert found["colors_se"] == pytest.approx(np.sqrt(2 * 2 * (2 / 3) ** 2) / 3)


def test_what_is_not_known_is_not_a_number():
    rows = [("colors", "a", True), ("colors", "a", False)]
    found = scores(pd.DataFrame(rows, columns=["tag", "prompt", "correct"]))
    assert found["colors"] == 0.5
    assert np.isnan(found["colors_se"])
    assert np.isnan(found["single_object"])
    assert np.isnan(found["overall"])
