"""Names of checkpoints and methods, with a step where it is not the usual one."""

from __future__ import annotations

from typing import NamedTuple

from bench.errors import BadInput


class Label(NamedTuple):
    """``name`` or ``name@step``.

    Of a run, ``routed@600`` is its snapshot after step 600; of a finetuning, ``finetuned@600``
    started from that snapshot of its initial run. Of a method, ``autoguidance@600`` has that
    snapshot of the run as its weak checkpoint.
    """

    name: str
    step: int | None

    def __str__(self):
        return self.name if self.step is None else f"{self.name}@{self.step}"


def read_label(text: str) -> Label:
    """The label that ``text`` spells.

    Raises:
        BadInput: what follows the "@" is not a step.
    """
    name, at, step = text.partition("@")
    if not at:
        return Label(name, None)
    if not step.isdecimal():
        raise BadInput(f"{text!r}: after '@' comes the step of a snapshot, a whole number")
    return Label(name, int(step))
