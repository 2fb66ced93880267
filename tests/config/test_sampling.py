"""Sampling settings: the same fields in a scale, as options of `sample` and as a rule's flags."""

from __future__ import annotations

import argparse
import dataclasses

import pytest

from bench.commands import sample
from bench.config.sampling import SamplingConfig, flag_of, to_flags
from bench.parsing import parse
from bench.sampling.ode import SOLVERS

REQUIRED = [
    "--checkpoint",
    "c",
    "--guidance",
    "{}",
    "--seed",
    "0",
    "--indices",
    "0:1",
    "--out",
    "o",
]
NAMES = [field.name for field in dataclasses.fields(SamplingConfig)]
OTHER = {
    "steps": 3,
    "time_shift": 1.5,
    "solver": "heun",
    "subsets": "bernoulli",
    "dtype": "bf16",
    "label_mode": "balanced",
    "guided_channels": 3,
    "uint8_rule": "truncate",
    "batch_size": 7,
}


@pytest.fixture
def parser():
    parser = argparse.ArgumentParser()
    sample.add_arguments(parser)
    return parser


def read(parser, flags):
    options = parser.parse_args([*REQUIRED, *flags])
    return parse(SamplingConfig, {name: getattr(options, name) for name in NAMES})


def test_flags_are_read_as_the_settings_that_they_come_from(parser):
    for sampling in (SamplingConfig(steps=4), SamplingConfig(**OTHER)):
        assert read(parser, to_flags(sampling)) == sampling
    default = dataclasses.asdict(SamplingConfig(steps=4))
    assert set(OTHER) == set(NAMES)
    assert all(OTHER[name] != default[name] for name in NAMES)


def test_a_setting_that_is_none_has_no_flag():
    flags = to_flags(SamplingConfig(steps=4))
    assert flags[:4] == ["--steps", "4", "--solver", "euler"]
    assert "--guided-channels" not in flags


def test_the_help_describes_every_setting(parser):
    text = " ".join(parser.format_help().split())
    for field in dataclasses.fields(SamplingConfig):
        assert flag_of(field.name) in text
        assert field.metadata["help"] in text
    assert "{euler,heun}" in text
    assert "--precision" not in text


def test_precision_is_an_alias_of_dtype(parser):
    assert read(parser, ["--steps", "1", "--precision", "bf16"]).dtype == "bf16"
    assert read(parser, ["--steps", "1"]).dtype == "fp32"


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_can_be_named(parser, solver):
    assert read(parser, ["--steps", "1", "--solver", solver]).solver == solver


@pytest.mark.parametrize("flags", [[], ["--steps", "0"], ["--steps", "many"]])
def test_steps_are_a_number_above_zero(parser, flags, capsys):
    with pytest.raises(SystemExit) as caught:
        read(parser, flags)
    assert caught.value.code == 2
    assert "--steps" in capsys.readouterr().err
