"""Strict parsing: numbers that are spelled as text are numbers, and nothing else is converted."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import yaml

from bench.config.sampling import SamplingConfig
from bench.config.training import TrainingConfig
from bench.errors import BadInput
from bench.parsing import parse


@dataclass(frozen=True)
class Settings:
    rate: float = 0.0
    count: int | None = None
    name: str = ""
    flag: bool = False
    pair: tuple[float, float] = (0.0, 0.0)


def test_a_float_as_yaml_1_1_reads_it():
    settings = yaml.safe_load("{steps: 10, learning_rate: 1e-4, betas: [0.9, 99e-2]}")
    assert settings["learning_rate"] == "1e-4"
    training = parse(TrainingConfig, settings)
    assert training.learning_rate == 1e-4
    assert training.betas == (0.9, 0.99)


def test_a_whole_number_as_snakemake_reads_it():
    assert parse(SamplingConfig, {"steps": "4", "guided_channels": "3"}) == SamplingConfig(
        steps=4, guided_channels=3
    )


def test_keys_are_read_alike():
    assert parse(dict[int, str], {"600": "weights.pt"}) == {600: "weights.pt"}


def test_text_stays_text():
    assert parse(Settings, {"name": "1e-4"}).name == "1e-4"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"count": "many"}, "count: expected a whole number, got 'many'"),
        ({"count": "4.0"}, "count: expected a whole number, got '4.0'"),
        ({"count": ""}, "count: expected a whole number, got ''"),
        ({"count": "9" * 5000}, "count: expected a whole number"),
        ({"count": 10**400}, "count: expected a whole number of 64 bits, got a larger one"),
        ({"count": 4.0}, "count: expected a whole number, got 4.0"),
        ({"count": True}, "count: expected a whole number, got True"),
        ({"rate": "fast"}, "rate: expected a number, got 'fast'"),
        ({"rate": "nan"}, "rate: expected a number, got 'nan'"),
        ({"rate": "inf"}, "rate: expected a number, got 'inf'"),
        ({"rate": "1e999"}, "rate: expected a number, got '1e999'"),
        ({"rate": float("nan")}, "rate: expected a number, got nan"),
        ({"flag": "true"}, "flag: expected true or false, got 'true'"),
        ({"flag": 1}, "flag: expected true or false, got 1"),
        ({"name": 1}, "name: expected a string, got 1"),
        ({"pair": [1, "two"]}, "pair[1]: expected a number, got 'two'"),
        ({"pair": "12"}, "pair: expected a list, got '12'"),
        ({"raet": 1}, "raet: unknown key, did you mean 'rate'?"),
    ],
)
def test_refused(settings, message):
    with pytest.raises(BadInput) as caught:
        parse(Settings, settings)
    assert str(caught.value).startswith(message)
