"""What the architectures of text-to-image models have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bench.config.spans import Span, Spanned, check_route, routed_spans
from bench.errors import BadInput
from bench.parsing import check_positive


@dataclass(frozen=True)
class PromptedConfig(Spanned):
    """A transformer under a prompt, with a token route.

    Attributes:
        input_size: height and width of the images or latents.
        in_channels: their channels.
        text_width: of the frozen text encoder's states.
        text_length: states of a prompt, padding included.
        patch_size, hidden_size, depth, num_heads: the transformer.
        route: (i, j), 0-based and inclusive: blocks i..j process the kept tokens alone.
    """

    input_size: int
    in_channels: int
    text_width: int
    text_length: int
    patch_size: int
    hidden_size: int
    depth: int
    num_heads: int
    route: tuple[int, int] | None = None

    # Nothing but the route leaves tokens out.
    decoder: ClassVar[None] = None

    def __post_init__(self):
        check_positive(self, "input_size", "in_channels", "text_width", "text_length")
        check_positive(self, "patch_size", "hidden_size", "depth", "num_heads")
        if self.input_size % self.patch_size:
            raise BadInput(
                f"patch_size: {self.patch_size} does not divide the input size {self.input_size}"
            )
        if self.route:
            check_route(self.route, self.depth)

    @property
    def tokens(self) -> int:
        """T, the number of patches."""
        return (self.input_size // self.patch_size) ** 2

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every block in its order, in runs that process the same tokens."""
        return routed_spans(self.route, self.depth, self.hidden_size)

    @property
    def interface(self) -> tuple:
        """Samples, patches and conditions: what two models that guide each other agree in."""
        return (
            self.input_size,
            self.in_channels,
            self.patch_size,
            self.text_width,
            self.text_length,
        )
