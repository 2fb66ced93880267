"""Multiply-accumulates (MACs) of a model, a branch and a guided step, from the architecture.

FLOPs are twice the MACs. The paper's "GFLOPs" are the MACs of the linear layers alone (attention's
two products left out), each branch counted in full, for one sample: ``linear`` here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.config.model import ModelConfig, kept_tokens
from bench.guidance import Branch, Guidance, trajectory

TIMESTEP_SINUSOIDS = 256


@dataclass(frozen=True)
class Macs:
    """MACs for one sample, of linear layers and of attention's two products."""

    linear: float = 0
    attention: float = 0

    @property
    def total(self) -> float:
        return self.linear + self.attention

    def __add__(self, other: Macs) -> Macs:
        return Macs(self.linear + other.linear, self.attention + other.attention)

    def __mul__(self, factor: float) -> Macs:
        return Macs(self.linear * factor, self.attention * factor)

    __rmul__ = __mul__


def model_macs(config: ModelConfig, gamma: float = 0.0) -> Macs:
    """One evaluation at gamma."""
    return prefix_macs(config) + suffix_macs(config, gamma)


def prefix_macs(config: ModelConfig) -> Macs:
    """The part before any token is dropped: embedders, and a routed model's first blocks."""
    width, patch = config.hidden_size, config.patch_size
    embedders = (
        config.tokens * patch**2 * config.in_channels * width
        + TIMESTEP_SINUSOIDS * width
        + width**2
    )
    blocks = config.route[0] if config.route else 0
    return Macs(embedders) + blocks * _encoder_block(config, config.tokens)


def suffix_macs(config: ModelConfig, gamma: float) -> Macs:
    """The part from where tokens may be dropped to the velocity."""
    tokens, kept = config.tokens, kept_tokens(config.tokens, gamma)
    if config.route:
        first, last = config.route
        routed = (last - first + 1) * _encoder_block(config, kept)
        rest = (config.depth - last - 1) * _encoder_block(config, tokens)
        return routed + rest + _final_layer(config, config.hidden_size)
    if config.decoder:
        encoder = config.depth * _encoder_block(config, kept)
        return encoder + _decoder(config, kept)
    return config.depth * _encoder_block(config, tokens) + _final_layer(config, config.hidden_size)


def step_macs(branches: Sequence[Branch], configs: Mapping[str, ModelConfig], shared: bool) -> Macs:
    """One guided step: every branch in full or, ``shared``, as the sampler evaluates them, with
    one prefix for the branches of the same checkpoint and condition.

    Args:
        configs: architectures by checkpoint ("main", "weak").
    """
    total = Macs()
    for branch in branches:
        total += suffix_macs(configs[branch.checkpoint], branch.gamma)
    prefixes = [(branch.checkpoint, branch.condition) for branch in branches]
    for checkpoint, _ in dict.fromkeys(prefixes) if shared else prefixes:
        total += prefix_macs(configs[checkpoint])
    return total


def guided_macs(
    guidance: Guidance, configs: Mapping[str, ModelConfig], steps: int, shared: bool = False
) -> Macs:
    """The mean over a trajectory's steps of `step_macs`: what one guided step costs."""
    total = Macs()
    for branches in trajectory(guidance, steps):
        total += step_macs(branches, configs, shared)
    return (1 / steps) * total


def _encoder_block(config, tokens):
    return _block(config.hidden_size, config.hidden_size, config.mlp_ratio, tokens)


def _block(width, conditioning, mlp_ratio, tokens):
    per_token = 4 * width**2 + 2 * width * int(width * mlp_ratio)
    modulation = 6 * width * conditioning
    return Macs(tokens * per_token + modulation, 2 * tokens**2 * width)


def _decoder(config, kept):
    width, depth, _ = config.decoder
    bridge = kept * config.hidden_size * width + 2 * config.hidden_size**2
    blocks = depth * _block(width, config.hidden_size, config.mlp_ratio, config.tokens)
    return Macs(bridge) + blocks + _final_layer(config, width)


def _final_layer(config, width):
    patch_values = config.patch_size**2 * config.in_channels
    return Macs(config.tokens * width * patch_values + 2 * width * config.hidden_size)
