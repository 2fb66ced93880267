"""Steps that are short near the noise and long near the data, as of Stable Diffusion 3 (arXiv
2403.03206, equation 23) and, since, of diffusers' FlowMatchEulerDiscreteScheduler.

A solver's steps stay uniform in a position of its own; the time is a function of that position.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.sampling.ode import Velocity


def shifted(position: float, shift: float) -> float:
    """The time at a position from 0 to 1; the ends stay where they are."""
    return position / (position + shift * (1 - position))


def in_position(velocity: Velocity, steps: int, shift: float) -> Velocity:
    """The velocity by position: a solver that takes uniform steps of it takes, in time, the
    shifted steps of ``velocity``.

    Within a step the time grows at the rate of the whole step, so that Euler's step, and Heun's,
    is the same as in time.
    """

    def by_position(x, position, index):
        first, last = (shifted(end / steps, shift) for end in (index, index + 1))
        return steps * (last - first) * velocity(x, shifted(position, shift), index)

    return by_position
