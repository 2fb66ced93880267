"""Token routing (TREAD, arXiv 2501.04765): the middle blocks see a part of the tokens."""

from __future__ import annotations

from torch import Tensor

from bench.models.sit import SiT, gather_tokens, scatter_tokens


class RoutedSiT(SiT):
    """Blocks i..j, inclusive, of ``config.route`` process the kept tokens; the others are put
    back after block j as they were before block i. ``keep=None`` is the dense model."""

    def prefix(self, x, t, y):
        tokens, conditioning = super().prefix(x, t, y)
        for block in self.blocks[: self.config.route[0]]:
            tokens = block(tokens, conditioning)
        return tokens, conditioning

    def suffix(self, tokens: Tensor, conditioning: Tensor, keep: Tensor | None) -> Tensor:
        first, last = self.config.route
        routed = tokens if keep is None else gather_tokens(tokens, keep)
        for block in self.blocks[first : last + 1]:
            routed = block(routed, conditioning)
        tokens = routed if keep is None else scatter_tokens(tokens, keep, routed)
        for block in self.blocks[last + 1 :]:
            tokens = block(tokens, conditioning)
        return self.unpatchify(self.final_layer(tokens, conditioning))
