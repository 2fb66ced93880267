"""Token routing (TREAD, arXiv 2501.04765): the middle blocks see a part of the tokens."""

from __future__ import annotations

from torch import Tensor

from bench.models.conditioning import Conditioning
from bench.models.sit import SiT
from bench.models.walk import scatter_tokens


class Routed:
    """Blocks i..j, inclusive, of ``config.route`` process the kept tokens; the others are put
    back after block j as they were before block i. ``keep=None`` is the dense model."""

    def restore(
        self, whole: Tensor, kept: Tensor, conditioning: Conditioning, keep: Tensor | None
    ) -> Tensor:
        return kept if keep is None else scatter_tokens(whole, keep, kept)


class RoutedSiT(Routed, SiT):
    """A SiT with a route."""
