"""Guidance methods of a scale, and the space that their hyperparameters are searched in."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property

from bench import guidance
from bench.errors import BadInput, InvalidCombination

# Finer differences in a hyperparameter are lost in the noise of a search.
DECIMALS = 2


@dataclass(frozen=True)
class Range:
    """Numbers between two ends.

    Attributes:
        low: a limit of the hyperparameter, such as 1 for omega, where guidance does nothing.
        high: where the search ends at first; it moves up while the best candidate lies there.
    """

    low: float
    high: float

    def __post_init__(self):
        if self.low >= self.high:
            raise BadInput(f"high: {self.high} is not above low, {self.low}")

    def at(self, fraction: float) -> float:
        """The number at a fraction of the way from low to high."""
        return round(self.low + fraction * (self.high - self.low), DECIMALS)


# By hyperparameter: a range, or the values to choose from.
Space = dict[str, Range | tuple[typing.Any, ...]]


@dataclass(frozen=True)
class Method:
    """A guidance method with the hyperparameters that are tuned.

    Attributes:
        guidance: the fixed part of the spec.
        search: the space that is searched for the lowest FID.
        grid: values by hyperparameter; a run that lists the method under `grids` has the FID of
            all their combinations measured, for figures. The search does not learn of it.
    """

    guidance: dict[str, typing.Any]
    search: Space = field(default_factory=dict)
    grid: dict[str, tuple[typing.Any, ...]] = field(default_factory=dict)

    def __post_init__(self):
        for part in ("search", "grid"):
            for key, values in getattr(self, part).items():
                if values == ():
                    raise BadInput(f"{part}.{key}: empty; give one or more values")
                if key in self.guidance:
                    raise BadInput(f"{part}.{key}: the key is in guidance, too; leave it in one")
        try:
            corners, grid = self.corners, self.grid_points
        except BadInput as error:
            raise error.within("guidance") from None
        if not corners:
            raise BadInput("search: none of its combinations is a valid spec")
        if self.grid and not grid:
            raise BadInput("grid: none of its combinations is a valid spec")

    def spec(self, values: Mapping) -> dict:
        """The spec with these hyperparameters, each of the type that the method gives it.

        Raises:
            BadInput: a key or a value is wrong by itself.
            InvalidCombination: the values do not go together.
        """
        spec = {**self.guidance, **values}
        built = asdict(guidance.build(spec))
        return {key: built.get(key, value) for key, value in spec.items()}

    @cached_property
    def example(self) -> dict:
        """The spec in the middle of the space: the only one of a method that is not tuned, and
        elsewhere a stand-in for the tuned one."""
        middle = {
            key: (values.at(0.5),) if isinstance(values, Range) else values
            for key, values in self.search.items()
        }
        return next(self._valid(middle), self.corners[0])

    @property
    def is_tuned(self) -> bool:
        """True where the space holds two points or more."""
        return len(self.corners) > 1

    @cached_property
    def corners(self) -> tuple[dict, ...]:
        """The valid specs at the ends of all ranges, with every choice."""
        ends = {
            key: (values.low, values.high) if isinstance(values, Range) else values
            for key, values in self.search.items()
        }
        return tuple(self._valid(ends))

    @cached_property
    def grid_points(self) -> tuple[dict, ...]:
        """The valid specs of the grid, in its order."""
        return tuple(self._valid(self.grid)) if self.grid else ()

    def _valid(self, values: Mapping) -> Iterator[dict]:
        for point in itertools.product(*values.values()):
            try:
                yield self.spec(dict(zip(values, point)))
            except InvalidCombination:
                # What the configuration itself says is never left out.
                if not values:
                    raise
