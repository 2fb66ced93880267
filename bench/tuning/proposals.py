"""Candidates of a search, each proposed from those measured before it.

The first half of the budget is spread over the space (a scrambled Sobol sequence), the rest goes
where a Gaussian process expects the largest improvement of the loss (Optuna's `GPSampler`). A
proposal is a function of what was measured, so a search that was cut off goes on as it would have.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import optuna
from scipy.stats import qmc

from bench.config.methods import DECIMALS, Method, Range, Space
from bench.errors import BadInput

# A value this close to the upper end of its range, as a share of the range, lies there.
NEAR = 0.05
# Asked as often, the process has found nothing new.
ATTEMPTS = 10
# The spread-out points that are tried are 2 to this power.
POWER = 10


@dataclass(frozen=True)
class Measured:
    """Hyperparameters and the loss that was measured with them (bench/tuning/objectives.py)."""

    values: dict
    loss: float


def propose(method: Method, measured: Sequence[Measured], budget: int, seed: int) -> dict | None:
    """The hyperparameters to measure next; None where the space holds nothing new.

    Args:
        measured: in the order of their measurement.
        budget: the number of candidates of the whole search.
        seed: of the sequence and of the process.
    """
    known = [candidate.values for candidate in measured]
    space = widened(method, measured, budget)
    sources = [_spread(space, seed)]
    if len(measured) >= _first_round(budget):
        sources.insert(0, _promising(method, space, measured, seed))
    for source in sources:
        for values in source:
            if values not in known and _is_valid(method, values):
                return values
    return None


def widened(method: Method, measured: Sequence[Measured], budget: int) -> Space:
    """The space of a method's search after what was measured.

    After the first round, whenever the best candidate so far lies at the upper end of a range, that
    end moves up by the width of the range, if the method allows such a value.
    """
    space = dict(method.search)
    for count in range(_first_round(budget), len(measured) + 1):
        best = min(measured[:count], key=lambda candidate: candidate.loss).values
        for key, values in space.items():
            if not isinstance(values, Range) or best[key] < values.at(1 - NEAR):
                continue
            wider = Range(values.low, values.at(2))
            if _is_valid(method, best | {key: wider.high}):
                space[key] = wider
    return space


def _first_round(budget):
    return math.ceil(budget / 2)


def _is_valid(method, values):
    try:
        method.spec(values)
    except BadInput:
        return False
    return True


def _spread(space: Space, seed: int) -> Iterator[dict]:
    for point in qmc.Sobol(len(space), rng=seed).random_base2(POWER):
        yield {
            key: values.at(at) if isinstance(values, Range) else values[int(at * len(values))]
            for at, (key, values) in zip(point.tolist(), space.items())
        }


def _promising(
    method: Method, space: Space, measured: Sequence[Measured], seed: int
) -> Iterator[dict]:
    """Where the process expects most; it learns that what was not taken is bad."""
    distributions = {key: _distribution(values) for key, values in space.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.GPSampler(
            # Every candidate is measured on the same samples: measured again it has the same loss.
            seed=seed,
            n_startup_trials=0,
            deterministic_objective=True,
        )
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=sampler)
    losses = [candidate.loss for candidate in measured]
    for candidate, loss in zip(measured, losses):
        encoded = {key: _encode(values, candidate.values[key]) for key, values in space.items()}
        study.add_trial(
            optuna.trial.create_trial(params=encoded, distributions=distributions, value=loss)
        )
    for _ in range(ATTEMPTS):
        trial = study.ask(distributions)
        yield {key: _decode(values, trial.params[key]) for key, values in space.items()}
        study.tell(trial, max(losses))


def _distribution(values):
    if isinstance(values, Range):
        return optuna.distributions.FloatDistribution(values.low, values.high)
    return optuna.distributions.CategoricalDistribution(range(len(values)))


def _encode(values, value):
    return value if isinstance(values, Range) else values.index(value)


def _decode(values, encoded):
    return round(encoded, DECIMALS) if isinstance(values, Range) else values[encoded]
