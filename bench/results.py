"""The layout of a scale's folder of results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.config.runs import Training
from bench.config.training import snapshot_name


@dataclass(frozen=True)
class Results:
    """The paths of the files under a scale's folder of results.

    Runs and methods are named as in the configuration, with ``@step`` where they have one; a
    wildcard of the workflow may stand for any part of a name.
    """

    folder: Path

    @property
    def config(self) -> Path:
        """The configuration that the workflow's jobs read, --config overrides included; written
        when it starts them."""
        return self.folder / "config.yaml"

    @property
    def metrics(self) -> Path:
        """The rows of all cells and seed blocks."""
        return self.folder / "metrics.csv"

    @property
    def summary(self) -> Path:
        """The report's front page."""
        return self.folder / "summary.rst"

    @property
    def benchmarks(self) -> Path:
        """The folder with the workflow's record of every job's time."""
        return self.folder / "benchmarks"

    def text_states(self, part: str) -> Path:
        """The captions or prompts of a part, as the text encoder gives them, in one file."""
        return self.folder / "text" / f"{part}.safetensors"

    def text_shards(self, part: str) -> Path:
        """The folder of the shards of a part with more captions, and of their manifest."""
        return self.folder / "text" / part

    @property
    def preference(self) -> Path:
        """The synthetic preference score of a scale with prompts."""
        return self.folder / "preference.safetensors"

    @property
    def preference_accuracies(self) -> Path:
        """How often that score is right on held-out pairs, by kind of flaw."""
        return self.preference.with_suffix(".csv")

    @property
    def throughput(self) -> Path:
        """The speed of Sparse Guidance over both sparsities."""
        return self.folder / "throughput.csv"

    def claims(self, kind: str) -> Path:
        """The verdicts, as csv, md or html."""
        return self.folder / f"claims.{kind}"

    def table(self, number: int | str, kind: str) -> Path:
        """A table of the paper beside our numbers, as csv, md or html."""
        return self.folder / "tables" / f"table{number}.{kind}"

    def checkpoints(self, training: Training | str) -> Path:
        """The folder of a training's weights."""
        return self.folder / "checkpoints" / str(training)

    def checkpoint(self, training: Training | str, step: int) -> Path:
        """The weights of a training after a step."""
        return self.checkpoints(training) / snapshot_name(step)

    def training_log(self, training: Training | str) -> Path:
        """The losses and the speed of a training."""
        return self.checkpoints(training) / "log.csv"

    def search(self, run: str, method: str) -> Path:
        """The candidates of a method's search on a run."""
        return self.folder / "tuning" / run / f"{method}.csv"

    def omega_sweep(self, run: str, method: str) -> Path:
        """Samples of a method over omega."""
        return self.folder / "omega_sweep" / run / f"{method}.safetensors"

    def chosen(self, run: str, method: str) -> Path:
        """The guidance spec that a search chose."""
        return self.folder / "tuning" / run / f"{method}.json"

    def grid(self, run: str, method: str) -> Path:
        """The points of a method's grid on a run."""
        return self.folder / "grids" / run / f"{method}.csv"

    def samples(self, run: str, method: str) -> Path:
        """The folder of a cell's seed blocks."""
        return self.folder / "samples" / run / method

    def shard(self, run: str, method: str, seed: int | str, first: int, end: int) -> Path:
        """The samples ``first`` to ``end`` - 1 of a cell's seed block."""
        return self.samples(run, method) / f"seed-{seed}" / f"{first}-{end}.safetensors"

    def geneval_images(self, run: str, method: str, seed: int | str) -> Path:
        """The samples of a cell's seed block as images in GenEval's layout."""
        return self.folder / "images" / run / method / f"seed-{seed}"

    def geneval(self, run: str, method: str, seed: int | str) -> Path:
        """GenEval's row of such a block; a line per image lies beside it."""
        return self.folder / "geneval" / run / method / f"seed-{seed}.csv"

    def hpsv3_shard(
        self, run: str, method: str, seed: int | str, first: int | str, end: int | str
    ) -> Path:
        """The samples ``first`` to ``end`` - 1 of the prompts of HPSv3's benchmark, of a cell's
        seed block."""
        block = self.folder / "hpsv3" / "samples" / run / method / f"seed-{seed}"
        return block / f"{first}-{end}.safetensors"

    def hpsv3_images(self, run: str, method: str, seed: int | str) -> Path:
        """The samples of such a block as images in the layout that HPSv3 scores."""
        return self.folder / "hpsv3" / "images" / run / method / f"seed-{seed}"

    def hpsv3(self, run: str, method: str, seed: int | str) -> Path:
        """HPSv3's row of such a block; a line per image lies beside it."""
        return self.folder / "hpsv3" / "scores" / run / method / f"seed-{seed}.csv"

    def features(self, run: str, method: str, seed: int, first: int, end: int) -> Path:
        """The features of such a shard."""
        return (
            self.folder / "features" / run / method / f"seed-{seed}" / f"{first}-{end}.safetensors"
        )

    def distances(self, run: str, method: str) -> Path:
        """The distance of each sample of a cell from the unguided one of the same seed."""
        return self.folder / "distances" / run / f"{method}.csv"

    @property
    def gaps(self) -> Path:
        """The folder of the capacity gaps."""
        return self.folder / "gap"

    def gap(self, run: str) -> Path:
        """The capacity gap of a run."""
        return self.gaps / f"{run}.csv"
