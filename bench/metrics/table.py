"""The table of metrics: each is a column of metrics.csv, in this order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bench.metrics.comparison import Comparison


@dataclass(frozen=True)
class Metric:
    """A number that says how good a set of generated images is.

    Attributes:
        name: its column in metrics.csv.
        features: the features that it is computed from; where a set of images lacks them, its row
            lacks the column.
        function: the number, from these features of generated and real images.
        heading: its name in tables, without an arrow.
        decimals: printed after the point, as papers do.
        higher_is_better: the direction of the heading's arrow.
        in_tables: "always" beside the paper's own numbers, "measured" where rows have the column,
            or "never".
    """

    name: str
    features: str
    function: Callable[[Comparison], float]
    heading: str
    decimals: int = 2
    higher_is_better: bool = False
    in_tables: Literal["always", "measured", "never"] = "never"

    @property
    def heading_with_arrow(self) -> str:
        """The heading, and an arrow in the direction of better values."""
        return f"{self.heading} {'↑' if self.higher_is_better else '↓'}"


# The functions import what they need themselves: reports read the names alone, and torch takes
# seconds.
def _frechet(pair):
    from bench.metrics.frechet import frechet_of_gaussians

    return frechet_of_gaussians(pair.generated.gaussian, pair.reference.gaussian)


def _inception_score(pair):
    from bench.metrics.inception import inception_score

    return inception_score(pair.generated.values)


def _precision(pair):
    return pair.precision_recall.precision


def _recall(pair):
    return pair.precision_recall.recall


def _kernel(pair):
    from bench.metrics.neighbours import kernel_distance

    return kernel_distance(pair.reference.values, pair.generated.values)


METRICS = {
    metric.name: metric
    for metric in (
        Metric("fid", "pool", _frechet, "FID", in_tables="always"),
        Metric("sfid", "spatial", _frechet, "sFID", in_tables="always"),
        Metric(
            "is",
            "probabilities",
            _inception_score,
            "IS",
            higher_is_better=True,
            in_tables="always",
        ),
        Metric(
            "precision", "pool", _precision, "precision", higher_is_better=True, in_tables="always"
        ),
        Metric("recall", "pool", _recall, "recall", higher_is_better=True, in_tables="always"),
        Metric("kid", "pool", _kernel, "KID", decimals=4),
        # The FID after the resizing of arXiv 2104.11222.
        Metric("clean_fid", "clean_pool", _frechet, "clean-FID"),
        # arXiv 2306.04675.
        Metric("fd_dinov2", "dinov2", _frechet, "FD-DINOv2", in_tables="measured"),
    )
}
