"""The scores of images that were drawn for prompts of the shapes world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from torch import Tensor

from bench.evaluation.geneval_scores import metrics_columns, scores
from bench.evaluation.judging import judge_images
from bench.evaluation.shapes_detector import ShapesDetector
from bench.evaluation.shapes_preference import ShapesPreference
from bench.metrics.clustered import clustered_mean


@dataclass(frozen=True)
class PromptScores:
    """The synthetic preference score and GenEval's scores with the exact detector."""

    preference: ShapesPreference

    @property
    def measured_with(self) -> dict[str, str]:
        """The columns that name what measured a row."""
        return {"evaluator": self.preference.name, "detector": ShapesDetector.name}

    def __call__(self, images: Tensor, prompts: Sequence[Mapping]) -> dict[str, float]:
        """Columns of metrics.csv, each followed by its standard error ("<name>_se", clustered by
        prompt): preference, the mean over the images; geneval, the unweighted mean of the six
        tasks; geneval_<task>; geneval_images and geneval_prompts, the shares of correct images and
        of prompts with a correct image.

        Args:
            images: uint8 [N, 3, 48, 48].
            prompts: the prompt of each image.
        """
        judged = judge_images(ShapesDetector(), images, prompts)
        preferred = self.preference.score(images, list(judged["prompt"])).double().numpy()
        mean, error = clustered_mean(pd.Series(preferred), judged["prompt"])
        found = {"preference": mean, "preference_se": error}
        return found | metrics_columns(scores(judged))
