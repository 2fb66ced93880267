"""A model to train."""

from __future__ import annotations

import typing
from dataclasses import dataclass

from bench.config.training import TrainingConfig
from bench.errors import BadInput


@dataclass(frozen=True)
class Run:
    """A model to train, and the methods that guide it.

    Attributes:
        model: the architecture, without what the dataset says.
        training: how it is trained.
        methods: names of the rows to measure on it.
        initial: the run whose trained model a finetuning starts from.
        weak_step: the snapshot that serves as the weak checkpoint.
    """

    model: dict[str, typing.Any]
    training: TrainingConfig
    methods: tuple[str, ...] = ()
    initial: str | None = None
    weak_step: int | None = None

    def __post_init__(self):
        if len(set(self.methods)) < len(self.methods):
            raise BadInput("methods: a name is there twice; leave one")
        if self.weak_step is not None and self.weak_step not in self.training.kept_steps:
            raise BadInput(f"weak_step: {self.weak_step} is not one of training.snapshots")
        if self.weak_step == self.training.steps:
            raise BadInput(f"weak_step: {self.weak_step} is the last step; name an earlier one")
