"""Token masking (MaskDiT, arXiv 2306.09305): the encoder never sees the dropped tokens."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bench.models.layers import Block, ModulatedLinear, sincos_positions
from bench.models.sit import SiT, gather_tokens, scatter_tokens


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

    def suffix(self, tokens: Tensor, conditioning: Tensor, keep: Tensor | None) -> Tensor:
        batch, count, _ = tokens.shape
        if keep is not None:
            tokens = gather_tokens(tokens, keep)
        for block in self.blocks:
            tokens = block(tokens, conditioning)
        tokens = self.decoder_layer(tokens, conditioning)
        if keep is not None:
            # expand makes no copy, scatter does; the dtype follows autocast.
            gaps = self.mask_token.to(tokens.dtype).expand(batch, count, -1)
            tokens = scatter_tokens(gaps, keep, tokens)
        tokens = tokens + self.decoder_pos_embed
        for block in self.decoder_blocks:
            tokens = block(tokens, conditioning)
        return self.unpatchify(self.final_layer(tokens, conditioning))
