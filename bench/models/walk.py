"""The walk of tokens through the blocks of a token-sparse transformer.

Routing, masking and dense networks differ in their spans and in how the tokens that were left out
come back; the walk is the same for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor, nn

from bench.config.spans import Span
from bench.models.conditioning import Conditioning
from bench.perturbation import Perturbation


class TokenSparseNetwork(Protocol):
    """A network that the walk leads through.

    Attributes:
        spans: every block in its order, in runs that process the same tokens.
    """

    spans: tuple[Span, ...]

    def block(self, index: int) -> nn.Module:
        """Block ``index``: block(tokens [B, T, D], conditioning) -> tokens [B, T, D]."""

    def kept_conditioning(self, conditioning: Conditioning, keep: Tensor) -> Conditioning:
        """The conditioning of blocks that process the tokens ``keep``, [B, K], alone."""

    def restore(
        self, whole: Tensor, kept: Tensor, conditioning: Conditioning, keep: Tensor | None
    ) -> Tensor:
        """All tokens [B, T, D'] after a span of kept tokens.

        Args:
            whole: the tokens before the span, [B, T, D].
            kept: those that the span processed, [B, K, D]; all of them where ``keep`` is None.
        """


def walk(
    network: TokenSparseNetwork,
    spans: Sequence[Span],
    tokens: Tensor,
    conditioning: Conditioning,
    keep: Tensor | None = None,
    perturbation: Perturbation | None = None,
) -> Tensor:
    """The tokens [B, T, D'] behind ``spans``.

    Args:
        tokens: in front of them, [B, T, D].
        keep: the indices of the tokens that "kept" spans process, [B, K]; None for all.
        perturbation: takes the place of the blocks that it names.
    """
    for span in spans:
        whole, inside = tokens, conditioning
        if span.tokens == "kept" and keep is not None:
            tokens = gather_tokens(tokens, keep)
            inside = network.kept_conditioning(conditioning, keep)
        for index in range(span.first, span.last + 1):
            block = network.block(index)
            if perturbation is not None and index in perturbation.blocks:
                tokens = perturbation.apply(block, tokens, inside)
            else:
                tokens = block(tokens, inside)
        if span.tokens == "kept":
            tokens = network.restore(whole, tokens, conditioning, keep)
    return tokens


def gather_tokens(tokens: Tensor, keep: Tensor) -> Tensor:
    """tokens [B, T, D] at the indices keep [B, K]: [B, K, D]."""
    return tokens.gather(1, keep.unsqueeze(-1).expand(-1, -1, tokens.shape[-1]))


def scatter_tokens(tokens: Tensor, keep: Tensor, kept: Tensor) -> Tensor:
    """tokens [B, T, D] with ``kept`` [B, K, D] put at the indices keep [B, K]."""
    return tokens.scatter(1, keep.unsqueeze(-1).expand_as(kept), kept)
