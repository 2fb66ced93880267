"""The speed of the sampler under guidance, beside the MACs that it costs."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F

from bench.compilation import check_compiler
from bench.config.model import Architecture, ModelConfig
from bench.config.sampling import SamplingConfig
from bench.cost import Macs, guided_macs
from bench.data.conditions import ConditionSource, LabelSource
from bench.data.prompts import Prompts, PromptSource
from bench.guidance import build
from bench.models import build as build_model
from bench.models.velocity_model import VelocityModel
from bench.provenance import device_name, software
from bench.sampling.batches import fill_blocks
from bench.sampling.plain import PlainTrajectory
from bench.sampling.sampler import Trajectory
from bench.sampling.variants import Choice, Variant
from bench.timing import clock, time_in_turns

SEED = 0
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
QUARTILES = (0.25, 0.5, 0.75)


@torch.inference_mode()
def measure_speed(
    config: Architecture, choice: Choice, steps: int, repeats: int, device: str
) -> pd.DataFrame:
    """A row per variant: medians and quartiles over ``repeats`` trajectories of ``steps`` Euler
    steps, of networks with random weights. The noise is drawn beforehand and not timed.

    Ratios to CFG and to the plain loop are taken within a round, then their median. MACs per
    second are compared with those of a large linear layer of the same dtype.

    Raises:
        BadInput: torch cannot compile on this machine.
    """
    networks = {False: random_networks(config, device)}
    if choice.compiled:
        networks[True] = _compile(networks[False], device)
    variants = list(choice.variants(config))
    runs = {
        variant: _trajectory(variant, networks[variant.compiled], steps) for variant in variants
    }
    dtypes = dict.fromkeys(variant.dtype for variant in variants)
    products = {dtype: _product(dtype, device) for dtype in dtypes}
    timer = clock(device)
    seconds = {
        key: np.array(values)
        for key, values in time_in_turns(runs | products, repeats, timer).items()
    }
    about = {
        "steps": steps,
        "repeats": repeats,
        "clock": timer.name,
        "device": device_name(device),
        "threads": torch.get_num_threads(),
        **software(),
        "model": json.dumps({k: v for k, v in asdict(config).items() if v is not None}),
    }
    rows = [_row(variant, seconds, config, steps, device) | about for variant in variants]
    return pd.DataFrame(rows)


def random_networks(config: Architecture, device: str) -> dict[str, VelocityModel]:
    """Networks by role, "main" and "weak". No weight is zero, as many are where training starts:
    hardware can be faster on zeros."""
    torch.manual_seed(SEED)
    networks = {}
    for role in ("main", "weak"):
        network = build_model(config).eval().requires_grad_(False)
        for parameter in network.parameters():
            parameter.normal_(std=0.02)
        if not isinstance(config, ModelConfig):
            network.keep_null(_prompts(config, 1))
        networks[role] = network.to(device)
    return networks


def step_macs(variant: Variant, config: Architecture, steps: int) -> Macs:
    """The MACs of a step and sample, as the variant's loop evaluates the branches."""
    configs = {"main": config, "weak": config}
    shared = variant.loop == "sampler"
    return guided_macs(build(variant.spec), configs, SamplingConfig(steps), shared)


def _trajectory(
    variant: Variant, networks: Mapping[str, VelocityModel], steps: int
) -> Callable[[], object]:
    guidance, source = build(variant.spec), _conditions(networks["main"].config)
    settings = SamplingConfig(steps, dtype=variant.dtype, batch_size=variant.batch)
    arguments, samples = (networks, guidance, settings, source, SEED), list(range(variant.batch))
    if variant.loop == "plain":
        return PlainTrajectory(*arguments, samples).run
    return Trajectory(*arguments, fill_blocks(samples, networks["main"].device)).run


def _conditions(config: Architecture) -> ConditionSource:
    """Classes, or random states of prompts as long as the model takes."""
    if isinstance(config, ModelConfig):
        return LabelSource(config.num_classes)
    return PromptSource(_prompts(config, 16))


def _prompts(config, count):
    stream = torch.Generator().manual_seed(SEED)
    shape = (count, config.text_length, config.text_width)
    states = torch.randn(shape, generator=stream).bfloat16()
    return Prompts(states, torch.ones(shape[:2], dtype=torch.bool), torch.arange(count))


def _compile(networks, device):
    """Copies with compiled blocks. A block that gives up compiling is an error: it would be timed
    as if it were compiled."""
    check_compiler("--compile", device)
    compiled = copy.deepcopy(networks)
    for network in compiled.values():
        for index in range(network.spans[-1].last + 1):
            network.block(index).compile(fullgraph=True)
    return compiled


def _matrix_size(device):
    """Width of a linear layer that keeps the device busy."""
    return 1024 if torch.device(device).type == "cpu" else 8192


def _product(dtype, device):
    size = _matrix_size(device)
    matrix = torch.randn(size, size, device=device, dtype=DTYPES[dtype])
    return lambda: F.linear(matrix, matrix)


def _row(variant, seconds, config, steps, device):
    mine, cfg = seconds[variant], seconds[variant.cfg]
    macs = step_macs(variant, config, steps)
    low, middle, high = np.quantile(mine, QUARTILES)
    ratio_low, ratio, ratio_high = np.quantile(mine / cfg, QUARTILES)
    plain = seconds.get(variant.plain)
    rate = _matrix_size(device) ** 3 / np.median(seconds[variant.dtype])
    strong, weak = variant.gammas or (None, None)
    return {
        "method": variant.method,
        "gamma_strong": strong,
        "gamma_weak": weak,
        "loop": variant.loop,
        "batch": variant.batch,
        "dtype": variant.dtype,
        "compiled": variant.compiled,
        "images_per_second": variant.batch / middle,
        "ms_per_step": 1e3 * middle / steps,
        "ms_per_step_q1": 1e3 * low / steps,
        "ms_per_step_q3": 1e3 * high / steps,
        "cfg_ratio": ratio,
        "cfg_ratio_q1": ratio_low,
        "cfg_ratio_q3": ratio_high,
        "cfg_mac_ratio": macs.total / step_macs(variant.cfg, config, steps).total,
        "plain_speedup": None if plain is None else np.median(plain / mine),
        "gmacs": macs.total / 1e9,
        "matmul_share": macs.total * steps * variant.batch / middle / rate,
    }
