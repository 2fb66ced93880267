"""The MACs of one evaluation of a model."""

from __future__ import annotations

from collections.abc import Sequence

from bench.config.model import Architecture
from bench.config.spans import Span, kept_tokens
from bench.cost.macs import Macs
from bench.cost.parts import parts_of
from bench.perturbation import Perturbation


def model_macs(
    config: Architecture, gamma: float = 0.0, perturbation: Perturbation | None = None
) -> Macs:
    """One evaluation at gamma."""
    return prefix_macs(config, perturbation) + suffix_macs(config, gamma, perturbation)


def prefix_macs(config: Architecture, perturbation: Perturbation | None = None) -> Macs:
    """The part before any token is dropped: embedders, and the blocks before the first span of
    kept tokens."""
    before, _ = config.divided_spans
    blocks = _blocks(config, before, config.tokens, perturbation)
    return parts_of(config).embedders() + blocks


def suffix_macs(
    config: Architecture, gamma: float, perturbation: Perturbation | None = None
) -> Macs:
    """The part from where tokens may be dropped to the velocity."""
    _, spans = config.divided_spans
    kept = kept_tokens(config.tokens, gamma)
    return _blocks(config, spans, kept, perturbation) + parts_of(config).output(kept)


def _blocks(config, spans: Sequence[Span], kept, perturbation):
    total, parts = Macs(), parts_of(config)
    for span in spans:
        block = parts.block(span, kept if span.tokens == "kept" else config.tokens)
        changed = perturbation.blocks if perturbation else ()
        inside = sum(span.first <= index <= span.last for index in changed)
        total += (span.blocks - inside) * block
        if inside:
            total += inside * perturbation.macs(block)
    return total
