"""The MACs of the parts of each architecture."""

from __future__ import annotations

from typing import Protocol

from bench.config.model import Architecture, ModelConfig
from bench.config.prx import PRXConfig
from bench.config.spans import Span
from bench.config.tr_dit import BLOCK_PARTS, OUTPUT_PARTS, TEXT_LAYERS, TRDiTConfig
from bench.cost.macs import Macs

TIMESTEP_SINUSOIDS = 256


class Parts(Protocol):
    """The parts of a network, in the order of the forward pass."""

    def embedders(self) -> Macs:
        """What comes before the blocks."""

    def block(self, span: Span, tokens: int) -> Macs:
        """A block of ``span`` on so many tokens."""

    def output(self, kept: int) -> Macs:
        """What comes between and behind the blocks, where ``kept`` tokens are processed."""


def parts_of(config: Architecture) -> Parts:
    """The parts of an architecture's network."""
    return PARTS[type(config)](config)


class SiTParts:
    """bench/models/sit.py and masking.py."""

    def __init__(self, config: ModelConfig):
        self.config = config
        self.patch_values = config.patch_size**2 * config.in_channels

    def embedders(self) -> Macs:
        width = self.config.hidden_size
        return Macs(self.config.tokens * self.patch_values * width) + _timestep(width)

    def block(self, span: Span, tokens: int) -> Macs:
        width = span.width
        per_token = 4 * width**2 + 2 * width * int(width * self.config.mlp_ratio)
        modulation = 6 * width * self.config.hidden_size
        return Macs(tokens * per_token + modulation, _products(tokens, tokens, width))

    def output(self, kept: int) -> Macs:
        config, width = self.config, self.config.spans[-1].width
        last = self._modulated_linear(config.tokens, width, self.patch_values)
        if not config.decoder:
            return last
        # The layer between encoder and decoder, on the tokens that the encoder kept.
        return self._modulated_linear(kept, config.hidden_size, width) + last

    def _modulated_linear(self, tokens, width, out):
        return Macs(tokens * width * out + 2 * width * self.config.hidden_size)


class TRDiTParts:
    """bench/models/tr_dit.py."""

    def __init__(self, config: TRDiTConfig):
        self.config, self.width = config, config.hidden_size
        self.patch_values = config.patch_size**2 * config.in_channels
        self.feed_forward = 3 * config.hidden_size * config.feed_forward

    def embedders(self) -> Macs:
        width, states = self.width, self.config.text_length
        patches = self.config.tokens * self.patch_values * width
        modulation = (BLOCK_PARTS + OUTPUT_PARTS) * width**2
        text = states * self.config.text_width * width
        layer = Macs(states * (4 * width**2 + self.feed_forward), _products(states, states, width))
        return Macs(patches + modulation + text) + _timestep(width) + TEXT_LAYERS * layer

    def block(self, span: Span, tokens: int) -> Macs:
        width, states = self.width, self.config.text_length
        # Self-attention, the queries and the output of the attention to the prompt, and SwiGLU;
        # then the prompt's keys and values.
        linear = tokens * (6 * width**2 + self.feed_forward) + states * 2 * width**2
        attention = _products(tokens, tokens, width) + _products(tokens, states, width)
        return Macs(linear, attention)

    def output(self, kept: int) -> Macs:
        return Macs(self.config.tokens * self.width * self.patch_values)


class PRXParts:
    """bench/models/prx.py."""

    def __init__(self, config: PRXConfig):
        self.config, self.width = config, config.hidden_size
        self.patch_values = config.patch_size**2 * config.in_channels

    def embedders(self) -> Macs:
        config, width = self.config, self.width
        patches = config.tokens * self.patch_values * width
        text = config.text_length * config.text_width * width
        return Macs(patches + text) + _timestep(width)

    def block(self, span: Span, tokens: int) -> Macs:
        width, states = self.width, self.config.text_length
        # Queries, keys, values and output of the tokens, and three feed-forward matrices; then the
        # prompt's keys and values, which the tokens attend to beside their own, and modulation.
        per_token = 4 * width**2 + 3 * width * int(width * self.config.mlp_ratio)
        linear = tokens * per_token + states * 2 * width**2 + 6 * width**2
        return Macs(linear, _products(tokens, tokens + states, width))

    def output(self, kept: int) -> Macs:
        return Macs(self.config.tokens * self.width * self.patch_values + 2 * self.width**2)


PARTS = {ModelConfig: SiTParts, TRDiTConfig: TRDiTParts, PRXConfig: PRXParts}


def _timestep(width):
    return Macs(TIMESTEP_SINUSOIDS * width + width**2)


def _products(queries, keys, width):
    return 2 * queries * keys * width
