"""The runs of a scale, each a model with the methods that are measured on it."""

from __future__ import annotations

import typing
from dataclasses import dataclass
from typing import Literal, NamedTuple

from bench.config.training import TrainingConfig
from bench.errors import BadInput


class Snapshot(NamedTuple):
    """A run or a method at a step, written ``name`` or ``name@step``.

    ``routed@600`` is the run ``routed`` after step 600; ``finetuned@600`` is a finetuning that
    starts from that snapshot of its initial run; ``autoguidance@600`` is a method with that
    snapshot of the run as its weak checkpoint.
    """

    name: str
    step: int | None

    def __str__(self):
        return self.name if self.step is None else f"{self.name}@{self.step}"


def read_snapshot(text: str) -> Snapshot:
    """The snapshot that ``text`` names.

    Raises:
        BadInput: no whole number follows the "@".
    """
    name, at, step = text.partition("@")
    if not at:
        return Snapshot(name, None)
    if not step.isdecimal():
        raise BadInput(f"{text!r}: after '@' comes the step of a snapshot, a whole number")
    return Snapshot(name, int(step))


@dataclass(frozen=True)
class Training:
    """A training of a run. Replicates repeat it with other seeds.

    Attributes:
        run: the run, or a finetuning of a snapshot, such as ``finetuned@600``.
        replicate: 0 is the training that the configuration describes; it is the one that methods
            are tuned on.
    """

    run: str
    replicate: int = 0

    def __str__(self):
        """The name of its folder."""
        return f"replicate-{self.replicate + 1}/{self.run}" if self.replicate else self.run


@dataclass(frozen=True)
class Segment:
    """The steps of a training that one job does.

    Attributes:
        training: the training that they are of.
        start: the step that it goes on from; 0 begins the training.
        kept_steps: the steps whose weights it leaves; the last of them is its last step.
        is_last: the training ends with it.
    """

    training: Training
    start: int
    kept_steps: tuple[int, ...]
    is_last: bool

    @property
    def end(self) -> int:
        """Its last step."""
        return self.kept_steps[-1]

    @property
    def steps(self) -> int:
        """Their number."""
        return self.end - self.start

    def __str__(self):
        """The name of its job: that of the training, and of a part of it the last step, too."""
        is_whole = self.start == 0 and self.is_last
        return str(self.training) if is_whole else f"{self.training}-{self.end}"


@dataclass(frozen=True)
class Pretrained:
    """Checkpoints of a model that was trained elsewhere.

    Attributes:
        kind: the official code that made the weights.
        weights: names in the zoo, or paths, by training iterations; the last is the trained model.
        trained_with_routing: tells if blocks saw a part of the tokens in training, as far as that
            is published; rows of results say it.
    """

    kind: Literal["sit", "dit", "tread", "maskdit", "prx"]
    weights: dict[int, str]
    trained_with_routing: Literal[True, False, "unknown"] = "unknown"

    def __post_init__(self):
        if not self.weights or min(self.weights) <= 0:
            raise BadInput("weights: expected {iterations: name or path}, one or more")


@dataclass(frozen=True)
class Progress:
    """Cells on earlier snapshots of a run.

    Attributes:
        steps: snapshots of the run; for a finetuning, those of its initial run to start from.
        methods: the methods that are measured on each.
    """

    steps: tuple[int, ...]
    methods: tuple[str, ...]


@dataclass(frozen=True)
class OmegaSweep:
    """The same samples at several strengths of guidance, for a figure.

    Attributes:
        methods: the methods; their other hyperparameters are those that are measured.
        omegas: the values of omega.
    """

    methods: tuple[str, ...]
    omegas: tuple[float, ...]

    def __post_init__(self):
        if len(set(self.omegas)) < len(self.omegas):
            raise BadInput("omegas: a value is there twice; leave one")


@dataclass(frozen=True)
class Run:
    """A model and the methods that guide it.

    Attributes:
        model: the architecture; the dataset adds shape and classes (`Scale.model`).
        training: settings of its training, or None for published weights.
        pretrained: published weights, or None for a model that is trained.
        methods: the methods that are measured on it.
        progress: cells on earlier snapshots.
        grids: the methods whose grid is measured on the trained model.
        omega_sweep: samples of the trained model over omega.
        initial: the run whose trained model a finetuning starts from.
        weak_step: the snapshot that serves as the weak checkpoint.
    """

    model: dict[str, typing.Any]
    training: TrainingConfig | None = None
    pretrained: Pretrained | None = None
    methods: tuple[str, ...] = ()
    progress: Progress = Progress((), ())
    grids: tuple[str, ...] = ()
    omega_sweep: OmegaSweep = OmegaSweep((), ())
    initial: str | None = None
    weak_step: int | None = None

    def __post_init__(self):
        if (self.training is None) == (self.pretrained is None):
            raise BadInput("training: a run has either training or pretrained; give one")
        if self.pretrained and self.initial:
            raise BadInput("initial: published weights start from no other run; leave it out")
        _check_methods("methods", self.methods)
        _check_methods("progress.methods", self.progress.methods)
        _check_methods("grids", self.grids)
        _check_methods("omega_sweep.methods", self.omega_sweep.methods)
        if self.weak_step is not None and self.weak_step not in self.kept_steps:
            raise BadInput(f"weak_step: {self.weak_step} is not one of {self.snapshots_key}")
        if self.weak_step == self.last_step:
            raise BadInput(f"weak_step: {self.weak_step} is the last step; name an earlier one")

    @property
    def kept_steps(self) -> tuple[int, ...]:
        """The steps of all weights, in order."""
        if self.pretrained:
            return tuple(sorted(self.pretrained.weights))
        return self.training.kept_steps

    @property
    def last_step(self) -> int:
        """The step of the trained model."""
        return self.kept_steps[-1]

    @property
    def snapshots_key(self) -> str:
        """The key of the configuration that lists earlier steps."""
        return "pretrained.weights" if self.pretrained else "training.snapshots"


def _check_methods(key, methods):
    if len(set(methods)) < len(methods):
        raise BadInput(f"{key}: a name is there twice; leave one")
    for method in methods:
        try:
            read_snapshot(method)
        except BadInput as error:
            raise error.within(key) from None
