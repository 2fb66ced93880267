"""The architecture of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bench.config.prx import PRX_SIZES, PRXConfig
from bench.config.spans import Span, Spanned, check_route, routed_spans
from bench.config.tr_dit import TR_DIT_SIZES, TRDiTConfig
from bench.errors import BadInput
from bench.parsing import check_positive, parse, suggest

# SiT, arXiv 2401.08740, Table 1. The number behind the slash is the patch size.
_SIZES = {
    "S": {"depth": 12, "hidden_size": 384, "num_heads": 6},
    "B": {"depth": 12, "hidden_size": 768, "num_heads": 12},
    "L": {"depth": 24, "hidden_size": 1024, "num_heads": 16},
    "XL": {"depth": 28, "hidden_size": 1152, "num_heads": 16},
}
SIZES = {
    f"SiT-{letter}/{patch}": {**size, "patch_size": patch}
    for letter, size in _SIZES.items()
    for patch in (2, 4, 8)
}
SIZES |= TR_DIT_SIZES | PRX_SIZES


@dataclass(frozen=True)
class ModelConfig(Spanned):
    """A SiT, dense or sparse.

    Attributes:
        input_size: height and width of the images or latents.
        in_channels: their channels.
        num_classes: classes; the label ``num_classes`` is the null class.
        patch_size, hidden_size, depth, num_heads, mlp_ratio: the transformer.
        route: (i, j), 0-based and inclusive: blocks i..j process the kept tokens alone.
        decoder: (width, depth, heads) of MaskDiT's decoder; the encoder drops the tokens.
        prediction: what the network's output means (bench/models/prediction.py); the model turns
            it into a velocity.
    """

    input_size: int
    in_channels: int
    num_classes: int
    patch_size: int
    hidden_size: int
    depth: int
    num_heads: int
    mlp_ratio: float = 4.0
    route: tuple[int, int] | None = None
    decoder: tuple[int, int, int] | None = None
    prediction: Literal["velocity", "data", "epsilon", "edm"] = "velocity"

    def __post_init__(self):
        sizes = ("input_size", "in_channels", "num_classes", "patch_size", "hidden_size")
        check_positive(self, *sizes, "depth", "num_heads", "mlp_ratio")
        if self.input_size % self.patch_size:
            raise BadInput(
                f"patch_size: {self.patch_size} does not divide the input size {self.input_size}"
            )
        _check_width("hidden_size", self.hidden_size, self.num_heads)
        if self.route and self.decoder:
            raise BadInput("route: a model is routed or masked; leave out route or decoder")
        if self.route:
            check_route(self.route, self.depth)
        if self.decoder:
            if min(self.decoder) <= 0:
                raise BadInput("decoder: [width, depth, heads] are positive")
            _check_width("decoder", self.decoder[0], self.decoder[2])

    @property
    def tokens(self) -> int:
        """T, the number of patches."""
        return (self.input_size // self.patch_size) ** 2

    @property
    def constructor_arguments(self) -> dict:
        """The arguments that the official codes' constructors take. The prediction is left out:
        each code has its own."""
        return {
            key: value
            for key, value in vars(self).items()
            if value is not None and key != "prediction"
        }

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every block in its order, in runs that process the same tokens."""
        if not self.decoder:
            return routed_spans(self.route, self.depth, self.hidden_size)
        width, depth, _ = self.decoder
        encoder = Span(0, self.depth - 1, "kept", self.hidden_size)
        return encoder, Span(self.depth, self.depth + depth - 1, "all", width)

    @property
    def interface(self) -> tuple:
        """Samples, patches and conditions: what two models that guide each other agree in."""
        return self.input_size, self.in_channels, self.patch_size, self.num_classes


def _check_width(key, width, heads):
    if width % heads:
        raise BadInput(f"{key}: the width {width} is not a multiple of the {heads} heads")
    if width % 4:
        raise BadInput(f"{key}: the width {width} is not a multiple of 4 (sin-cos positions)")


Architecture = ModelConfig | TRDiTConfig | PRXConfig
KINDS = {"sit": ModelConfig, "tr_dit": TRDiTConfig, "prx": PRXConfig}


def model_config(settings: Mapping) -> Architecture:
    """The architecture of a mapping, whose ``kind`` is ``sit`` where it states none.

    ``size: SiT-XL/2`` stands for the numbers that the name means; numbers given beside it win.

    Raises:
        BadInput: unknown key, kind or size, wrong type, or sizes that do not fit each other.
    """
    if not isinstance(settings, Mapping):
        raise BadInput(f"expected a mapping, got {settings!r}")
    settings = dict(settings)
    size = settings.pop("size", None)
    if size is not None:
        if not isinstance(size, str) or size not in SIZES:
            raise BadInput(f"size: unknown size {size!r}{suggest(size, SIZES)}")
        settings = SIZES[size] | settings
    kind = settings.pop("kind", "sit")
    if not isinstance(kind, str) or kind not in KINDS:
        raise BadInput(f"kind: unknown kind {kind!r}{suggest(kind, KINDS)}")
    return parse(KINDS[kind], settings)
