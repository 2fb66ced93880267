"""Multiply-accumulates (MACs) of a model, a branch and a guided step, from the architecture.

FLOPs are twice the MACs. The paper's "GFLOPs" are the MACs of the linear layers alone (attention's
two products left out), each branch counted in full, for one sample: ``linear`` here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.config.model import ModelConfig, Span, kept_tokens
from bench.config.sampling import SamplingConfig
from bench.guidance import Branch, Guidance, trajectory
from bench.perturbation import Perturbation

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


def model_macs(
    config: ModelConfig, gamma: float = 0.0, perturbation: Perturbation | None = None
) -> Macs:
    """One evaluation at gamma."""
    return prefix_macs(config, perturbation) + suffix_macs(config, gamma, perturbation)


def prefix_macs(config: ModelConfig, perturbation: Perturbation | None = None) -> Macs:
    """The part before any token is dropped: embedders, and the blocks before the first span of
    kept tokens."""
    width, patch = config.hidden_size, config.patch_size
    embedders = (
        config.tokens * patch**2 * config.in_channels * width
        + TIMESTEP_SINUSOIDS * width
        + width**2
    )
    before, _ = config.divided_spans
    return Macs(embedders) + _blocks(config, before, config.tokens, perturbation)


def suffix_macs(
    config: ModelConfig, gamma: float, perturbation: Perturbation | None = None
) -> Macs:
    """The part from where tokens may be dropped to the velocity."""
    _, spans = config.divided_spans
    kept = kept_tokens(config.tokens, gamma)
    total = _blocks(config, spans, kept, perturbation)
    if config.decoder:
        # The layer between encoder and decoder, on the tokens that the encoder kept.
        total += _modulated_linear(config, kept, config.hidden_size, config.decoder[0])
    patch_values = config.patch_size**2 * config.in_channels
    return total + _modulated_linear(config, config.tokens, spans[-1].width, patch_values)


def step_macs(branches: Sequence[Branch], configs: Mapping[str, ModelConfig], shared: bool) -> Macs:
    """One evaluation of every branch: each in full or, ``shared``, as the sampler evaluates them,
    with one prefix for the branches that agree in it.

    Args:
        configs: architectures by checkpoint ("main", "weak").
    """
    total, prefixes = Macs(), []
    for branch in branches:
        config = configs[branch.checkpoint]
        total += suffix_macs(config, branch.gamma, branch.perturbation)
        changed = branch.perturbation if config.in_prefix(branch.perturbation) else None
        prefixes.append((branch.checkpoint, branch.condition, changed))
    for checkpoint, _, changed in dict.fromkeys(prefixes) if shared else prefixes:
        total += prefix_macs(configs[checkpoint], changed)
    return total


def guided_macs(
    guidance: Guidance,
    configs: Mapping[str, ModelConfig],
    sampling: SamplingConfig,
    shared: bool = False,
) -> Macs:
    """A guided step: the sum of `step_macs` over a trajectory's evaluations, divided by the number
    of steps. Heun's 2 N - 1 evaluations in N steps make its step nearly twice as dear as Euler's.
    """
    total = Macs()
    for branches in trajectory(guidance, sampling.evaluations):
        total += step_macs(branches, configs, shared)
    return (1 / sampling.steps) * total


def _blocks(config, spans: Sequence[Span], kept, perturbation):
    total = Macs()
    for span in spans:
        block = _block(config, span.width, kept if span.tokens == "kept" else config.tokens)
        changed = perturbation.blocks if perturbation else ()
        inside = sum(span.first <= index <= span.last for index in changed)
        total += (span.blocks - inside) * block
        if inside:
            total += inside * perturbation.macs(block)
    return total


def _block(config, width, tokens):
    per_token = 4 * width**2 + 2 * width * int(width * config.mlp_ratio)
    modulation = 6 * width * config.hidden_size
    return Macs(tokens * per_token + modulation, 2 * tokens**2 * width)


def _modulated_linear(config, tokens, width, out):
    return Macs(tokens * width * out + 2 * width * config.hidden_size)
