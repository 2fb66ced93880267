"""The models of a scale, and the methods that guide them."""

from __future__ import annotations

import itertools
import typing
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from bench import guidance
from bench.config.training import TrainingConfig
from bench.errors import BadInput, InvalidCombination


class Snapshot(NamedTuple):
    """``name`` or ``name@step``.

    Of a run, ``routed@600`` is its snapshot after step 600; of a finetuning, ``finetuned@600``
    started from that snapshot of its initial run. Of a method, ``autoguidance@600`` has that
    snapshot of the run as its weak checkpoint.
    """

    name: str
    step: int | None

    def __str__(self):
        return self.name if self.step is None else f"{self.name}@{self.step}"


def read_snapshot(text: str) -> Snapshot:
    """The label that ``text`` spells.

    Raises:
        BadInput: what follows the "@" is not a step.
    """
    name, at, step = text.partition("@")
    if not at:
        return Snapshot(name, None)
    if not step.isdecimal():
        raise BadInput(f"{text!r}: after '@' comes the step of a snapshot, a whole number")
    return Snapshot(name, int(step))


@dataclass(frozen=True)
class Method:
    """A row of the comparison: a guidance spec, and what of it is tuned.

    Attributes:
        guidance: the fixed part of the spec.
        search: hyperparameter -> values; their grid is searched for the lowest FID.
    """

    guidance: dict[str, typing.Any]
    search: dict[str, typing.Any] = field(default_factory=dict)

    def __post_init__(self):
        for key, values in self.search.items():
            if not isinstance(values, list) or not values:
                raise BadInput(f"search.{key}: expected a list of one or more values")
            if key in self.guidance:
                raise BadInput(f"search.{key}: the key is in guidance, too; leave it in one")
        try:
            empty = not self.candidates
        except BadInput as error:
            raise error.within("guidance") from None
        if empty:
            raise BadInput("search: no point of the grid is a valid spec")

    @cached_property
    def candidates(self) -> tuple[dict, ...]:
        """The valid specs of the grid, in its order; invalid combinations are left out.

        Raises:
            BadInput: a key or a value is wrong by itself.
        """
        specs = []
        for point in itertools.product(*self.search.values()):
            spec = {**self.guidance, **dict(zip(self.search, point))}
            try:
                guidance.build(spec)
            except InvalidCombination:
                if not self.search:
                    raise
                continue
            specs.append(spec)
        return tuple(specs)

    @property
    def is_tuned(self) -> bool:
        """Whether there is anything to choose from; otherwise nothing is searched."""
        return len(self.candidates) > 1


@dataclass(frozen=True)
class Pretrained:
    """One or more checkpoints of a model that was trained elsewhere.

    Attributes:
        kind: the official code that the weights are of.
        weights: training iterations -> a name of the zoo, or a path; the last is the trained
            model.
    """

    kind: Literal["sit", "dit", "tread", "maskdit"]
    weights: dict[int, str]

    def __post_init__(self):
        if not self.weights or min(self.weights) <= 0:
            raise BadInput("weights: expected {iterations: name or path}, one or more")


@dataclass(frozen=True)
class Progress:
    """What is measured on the way, beside the trained model.

    Attributes:
        steps: snapshots of the run; of a finetuning, those of its initial run that it starts from.
        methods: labels of the rows to measure on each.
    """

    steps: tuple[int, ...]
    methods: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """A model, and the methods that guide it.

    Attributes:
        model: the architecture, without what the dataset says.
        training: how it is trained; or
        pretrained: the published weights that it has.
        methods: labels of the rows to measure on it.
        progress: rows on earlier snapshots.
        initial: the run whose trained model a finetuning starts from.
        weak_step: the snapshot that serves as the weak checkpoint.
    """

    model: dict[str, typing.Any]
    training: TrainingConfig | None = None
    pretrained: Pretrained | None = None
    methods: tuple[str, ...] = ()
    progress: Progress = Progress((), ())
    initial: str | None = None
    weak_step: int | None = None

    def __post_init__(self):
        if (self.training is None) == (self.pretrained is None):
            raise BadInput("training: a run has either training or pretrained; give one")
        if self.pretrained and self.initial:
            raise BadInput("initial: published weights start from no other run; leave it out")
        for key, labels in (("methods", self.methods), ("progress.methods", self.progress.methods)):
            if len(set(labels)) < len(labels):
                raise BadInput(f"{key}: a name is there twice; leave one")
            for label in labels:
                try:
                    read_snapshot(label)
                except BadInput as error:
                    raise error.within(key) from None
        if self.weak_step is not None and self.weak_step not in self.kept_steps:
            raise BadInput(f"weak_step: {self.weak_step} is not one of {self.snapshots_key}")
        if self.weak_step == self.last_step:
            raise BadInput(f"weak_step: {self.weak_step} is the last step; name an earlier one")

    @property
    def kept_steps(self) -> tuple[int, ...]:
        """Every step that there are weights of, in order."""
        if self.pretrained:
            return tuple(sorted(self.pretrained.weights))
        return self.training.kept_steps

    @property
    def last_step(self) -> int:
        """That of the trained model."""
        return self.kept_steps[-1]

    @property
    def snapshots_key(self) -> str:
        """The key under which earlier steps are listed."""
        return "pretrained.weights" if self.pretrained else "training.snapshots"
