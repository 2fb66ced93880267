"""Token routing (TREAD, arXiv 2501.04765): the middle blocks see a part of the tokens."""

from __future__ import annotations

from torch import Tensor

from bench.models.sit import SiT
from bench.models.walk import scatter_tokens


class RoutedSiT(SiT):
    """Blocks i..j, inclusive, of ``config.route`` process the kept tokens; the others are put
    back after block j as they were before block i. ``keep=None`` is the dense model."""

    def restore(
        self, whole: Tensor, kept: Tensor, conditioning: Tensor, keep: Tensor | None
    ) -> Tensor:
        return kept if keep is None else scatter_tokens(whole, keep, kept)
