"""A model to train."""

from __future__ import annotations

import typing
from dataclasses import dataclass

from bench.config.label import read_label
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
    """A model to train, and the methods that guide it.

    Attributes:
        model: the architecture, without what the dataset says.
        training: how it is trained.
        methods: labels of the rows to measure on it.
        progress: rows on earlier snapshots.
        initial: the run whose trained model a finetuning starts from.
        weak_step: the snapshot that serves as the weak checkpoint.
    """

    model: dict[str, typing.Any]
    training: TrainingConfig
    methods: tuple[str, ...] = ()
    progress: Progress = Progress((), ())
    initial: str | None = None
    weak_step: int | None = None

    def __post_init__(self):
        for key, labels in (("methods", self.methods), ("progress.methods", self.progress.methods)):
            if len(set(labels)) < len(labels):
                raise BadInput(f"{key}: a name is there twice; leave one")
            for label in labels:
                try:
                    read_label(label)
                except BadInput as error:
                    raise error.within(key) from None
        if self.weak_step is not None and self.weak_step not in self.training.kept_steps:
            raise BadInput(f"weak_step: {self.weak_step} is not one of training.snapshots")
        if self.weak_step == self.training.steps:
            raise BadInput(f"weak_step: {self.weak_step} is the last step; name an earlier one")
