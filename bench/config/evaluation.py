"""Feature extractors, blocks of samples, and the search for hyperparameters."""

from __future__ import annotations

from dataclasses import dataclass

from bench.errors import BadInput
from bench.parsing import check_no_wildcards, check_positive

# The run and the method of the row of real images.
REAL = ("real", "train")
# Of a block of samples: a scale has a hundred blocks, and all of their jobs are planned at once.
MOST_SHARDS = 1000


@dataclass(frozen=True)
class ExtractorConfig:
    """A classifier of three convolutions and a linear layer.

    Attributes:
        width: number of pool features, and of channels of the last convolutions.
        epochs, batch_size, learning_rate, seed: settings of its training with AdamW.
    """

    width: int = 64
    epochs: int = 60
    batch_size: int = 64
    learning_rate: float = 2e-3
    seed: int = 0

    def __post_init__(self):
        check_positive(self, "width", "epochs", "batch_size", "learning_rate")


@dataclass(frozen=True)
class InceptionConfig:
    """Evaluation networks and their reference, each a name in the zoo or a path.

    Attributes:
        weights: the Inception network of 2015, as torch-fidelity stores it.
        reference: an ADM reference batch (.npz).
        lpips: torchvision's AlexNet, for the perceptual distance.
        dinov2: DINOv2's weights, such as dinov2-vitl14, for a column fd_dinov2.
    """

    weights: str = "inception-2015"
    reference: str = "adm-imagenet256"
    lpips: str = "alexnet"
    dinov2: str | None = None

    def __post_init__(self):
        check_no_wildcards(self, "weights", "reference", "lpips", "dinov2")


@dataclass(frozen=True)
class Measurement:
    """The samples of a cell: replicates with a seed each.

    Attributes:
        samples: number of samples of a replicate.
        seeds: seeds of the replicates' samples.
        shard_size: samples per job.
        preview_samples: number of leading samples of a block whose FID is a column of its own
            (FID@5k), or None.
        retrain: give every replicate a training of its own, with the next seeds; otherwise all are
            sampled from one training, and their spread does not hold the noise of retraining.
    """

    samples: int
    seeds: tuple[int, ...]
    shard_size: int
    preview_samples: int | None = None
    retrain: bool = False

    def __post_init__(self):
        check_positive(self, "shard_size")
        _check_samples(self.samples)
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise BadInput(f"seeds: {list(self.seeds)} are not one or more different numbers")
        if min(self.seeds) < 0:
            raise BadInput(f"seeds: {min(self.seeds)} is negative")
        if self.preview_samples is not None and not 4 <= self.preview_samples <= self.samples:
            raise BadInput(
                f"preview_samples: {self.preview_samples} is not one of 4 to {self.samples} samples"
            )

        check_shards("shard_size", self.samples, self.shard_size)

    @property
    def shards(self) -> tuple[tuple[int, int], ...]:
        """The index ranges [first, end) that a block is split into."""
        return ranges(self.samples, self.shard_size)


@dataclass(frozen=True)
class Throughput:
    """The speed of Sparse Guidance over both sparsities, with random weights.

    Attributes:
        run: whose model is timed.
        spacing: the sparsities are its multiples below 1.
        batch_size: samples at a time.
    """

    run: str
    spacing: float
    batch_size: int

    def __post_init__(self):
        check_positive(self, "batch_size")
        if not 0 < self.spacing < 1:
            raise BadInput(f"spacing: {self.spacing} is not between 0 and 1")


@dataclass(frozen=True)
class Tuning:
    """The search for the hyperparameters of each method, on a seed block of its own.

    Attributes:
        samples: number of samples for each candidate.
        seed: seed of the block.
        candidates_per_job: number of points of a grid that one process evaluates.
        candidates: number of candidates of every search, the same for all methods.
    """

    samples: int
    seed: int
    candidates_per_job: int
    candidates: int = 12

    def __post_init__(self):
        check_positive(self, "candidates_per_job", "candidates")
        _check_samples(self.samples)
        if self.seed < 0:
            raise BadInput(f"seed: {self.seed} is negative")

    def grid_jobs(self, points: int) -> tuple[tuple[int, int], ...]:
        """The index ranges [first, end) of a grid's points that one process evaluates."""
        return ranges(points, self.candidates_per_job)


def ranges(total: int, size: int) -> tuple[tuple[int, int], ...]:
    """Index ranges [first, end) of ``size`` that cover ``total``; the last one may be shorter."""
    return tuple((first, min(first + size, total)) for first in range(0, total, size))


def check_shards(key: str, total: int, size: int) -> None:
    """Raises BadInput where ``total`` samples in shards of ``size`` are more jobs than can be
    planned."""
    if total > MOST_SHARDS * size:
        raise BadInput(
            f"{key}: {total:,} samples in shards of {size:,} are more than {MOST_SHARDS:,} jobs; "
            "raise it"
        )


def _check_samples(samples):
    if samples < 4:
        raise BadInput(f"samples: {samples} are too few; precision and recall need 4 or more")
