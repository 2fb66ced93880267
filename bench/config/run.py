"""A model to train, or to convert."""

from __future__ import annotations

import typing
from dataclasses import dataclass

from bench.config.label import read_label
from bench.config.pretrained import Pretrained
from bench.config.training import TrainingConfig
from bench.errors import BadInput


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
                    read_label(label)
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
