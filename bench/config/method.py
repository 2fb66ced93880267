"""A row of the comparison."""

from __future__ import annotations

import itertools
import typing
from dataclasses import dataclass, field
from functools import cached_property

from bench import guidance
from bench.errors import BadInput, InvalidCombination


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
