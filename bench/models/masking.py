"""Token masking (MaskDiT, arXiv 2306.09305): the encoder never sees the dropped tokens."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bench.models.layers import Block, ModulatedLinear, sincos_positions
from bench.models.sit import SiT
from bench.models.walk import scatter_tokens


class MaskedSiT(SiT):
    """The SiT's blocks encode the kept tokens; an adaLN linear layer carries them to a small
    decoder, where a learnt mask token fills the gaps. ``keep=None`` masks nothing."""

    def __init__(self, config):
        super().__init__(config)
        width, depth, heads = config.decoder
        side = config.input_size // config.patch_size
        self.decoder_layer = ModulatedLinear(config.hidden_size, width, config.hidden_size)
        self.decoder_blocks = nn.ModuleList(
            Block(width, heads, config.mlp_ratio, config.hidden_size) for _ in range(depth)
        )
        self.mask_token = nn.Parameter(torch.zeros(1, 1, width))
        self.register_buffer("decoder_pos_embed", sincos_positions(width, side), persistent=False)

    def _final_layer(self):
        return ModulatedLinear(
            self.config.decoder[0], self._patch_values, conditioning=self.config.hidden_size
        )

    def block(self, index: int) -> Block:
        depth = self.config.depth
        return self.blocks[index] if index < depth else self.decoder_blocks[index - depth]

    def restore(
        self, whole: Tensor, kept: Tensor, conditioning: Tensor, keep: Tensor | None
    ) -> Tensor:
        tokens = self.decoder_layer(kept, conditioning)
        if keep is not None:
            # expand makes no copy, scatter does; the dtype follows autocast.
            gaps = self.mask_token.to(tokens.dtype).expand(*whole.shape[:2], -1)
            tokens = scatter_tokens(gaps, keep, tokens)
        return tokens + self.decoder_pos_embed
