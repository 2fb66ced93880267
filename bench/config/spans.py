"""The blocks of a token-sparse network: which of them see all tokens, which the kept ones alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bench.errors import BadInput
from bench.perturbation import Perturbation


@dataclass(frozen=True)
class Span:
    """Consecutive blocks that process the same tokens.

    Attributes:
        first, last: 0-based and inclusive; a decoder's blocks are counted on from the encoder's.
        tokens: ``all`` of them, or those that a sparse evaluation keeps.
        width: of the tokens.
    """

    first: int
    last: int
    tokens: Literal["all", "kept"]
    width: int

    @property
    def blocks(self) -> int:
        """The number of blocks."""
        return self.last - self.first + 1


class Spanned:
    """The base of architectures, for what follows from their spans alone.

    Attributes:
        spans: every block in its order, in runs that process the same tokens.
    """

    spans: tuple[Span, ...]

    @property
    def divided_spans(self) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """The spans before the first that can drop tokens, and the others. A network that drops
        none has nothing before."""
        for index, span in enumerate(self.spans):
            if span.tokens == "kept":
                return self.spans[:index], self.spans[index:]
        return (), self.spans

    def in_prefix(self, perturbation: Perturbation | None) -> bool:
        """Tells if a perturbation changes a block before the first that can drop tokens."""
        before, _ = self.divided_spans
        if perturbation is None or not before:
            return False
        return min(perturbation.blocks) <= before[-1].last

    def check_blocks(self, blocks: Sequence[int]) -> None:
        """Raises BadInput where one of ``blocks`` is not a block of the network."""
        end = self.spans[-1].last
        if max(blocks) > end:
            raise BadInput(f"blocks: {max(blocks)} is not one of the network's blocks 0 to {end}")

    @property
    def can_drop_tokens(self) -> bool:
        """Tells if a part of the network can run on fewer tokens."""
        return any(span.tokens == "kept" for span in self.spans)


def routed_spans(route: tuple[int, int] | None, depth: int, width: int) -> tuple[Span, ...]:
    """The spans of ``depth`` blocks of which those of the route, [first, last] and inclusive,
    process the kept tokens; without a route all blocks process all tokens."""
    if route is None:
        return (Span(0, depth - 1, "all", width),)
    first, last = route
    parts = ((0, first - 1, "all"), (first, last, "kept"), (last + 1, depth - 1, "all"))
    return tuple(Span(*part, width) for part in parts if part[0] <= part[1])


def check_route(route: tuple[int, int], depth: int) -> None:
    """Raises BadInput where a route is not one through blocks 0 to depth - 1."""
    first, last = route
    if not 0 <= first <= last < depth:
        raise BadInput(
            f"route: {list(route)} is outside the depth {depth}; it is [first, last], inclusive, "
            f"with 0 <= first <= last <= {depth - 1}"
        )


def kept_tokens(tokens: int, gamma: float) -> int:
    """The number of ``tokens`` that are processed at gamma, rounded as in the official code."""
    return tokens - int(tokens * gamma)
