"""TR-DiT: a Llama-style diffusion transformer under a prompt, with a token route (arXiv
2601.01608, Table A2).

The paper does not print how the time reaches the blocks. Its 2.5 B parameters leave no room for a
modulation of each block's own, so it is shared, as in PixArt-alpha (arXiv 2310.00426).
"""

from __future__ import annotations

from torch import Tensor, nn

from bench.config.tr_dit import TEXT_LAYERS, TRDiTConfig
from bench.data.prompts import Prompts
from bench.models.conditioning import PromptConditioning
from bench.models.layers import PatchEmbedder, TimestepEmbedder, sincos_positions
from bench.models.llama_layers import (
    PatchOutput,
    PromptedBlock,
    SharedModulation,
    TextLayer,
    rms_norm,
)
from bench.models.prompted_model import PromptedModel
from bench.models.rotary import axial_rotation, line_rotation


class TextLayers(nn.Module):
    """The trainable layers behind the frozen text encoder: its states [B, L, D'], of which
    ``mask``, bool [B, L], marks those that are no padding, to [B, L, D]."""

    def __init__(self, config: TRDiTConfig):
        super().__init__()
        width, heads = config.hidden_size, config.num_heads
        # Encoders differ in how large their states are.
        self.norm_in = rms_norm(config.text_width)
        self.linear = nn.Linear(config.text_width, width, bias=False)
        self.layers = nn.ModuleList(
            TextLayer(width, heads, config.feed_forward) for _ in range(TEXT_LAYERS)
        )
        self.norm_out = rms_norm(width)
        rotation = line_rotation(config.text_length, width // heads)
        self.register_buffer("rotation", rotation, persistent=False)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        text = self.linear(self.norm_in(states.float())).float()
        for layer in self.layers:
            text = layer(text, mask, self.rotation)
        return self.norm_out(text)


class TRDiT(PromptedModel):
    """The paper's text-to-image transformer (arXiv 2601.01608, Table A2): arguments and shapes are
    those of `VelocityModel`.

    The residual stream is float32 whatever the precision of the matrix products.
    """

    def __init__(self, config: TRDiTConfig):
        super().__init__(config)
        width, heads = config.hidden_size, config.num_heads
        self.x_embedder = PatchEmbedder(config.patch_size, config.in_channels, width)
        self.t_embedder = TimestepEmbedder(width)
        self.modulation = SharedModulation(width)
        self.text_layers = TextLayers(config)
        self.blocks = nn.ModuleList(
            PromptedBlock(width, heads, config.feed_forward) for _ in range(config.depth)
        )
        self.final_layer = PatchOutput(width, config.patch_size**2 * config.in_channels)
        side = config.input_size // config.patch_size
        self.positions = None
        if config.learned_positions:
            self.positions = nn.Parameter(sincos_positions(width, side).squeeze(0))
        rotation = axial_rotation(side, width // heads)
        self.register_buffer("rotation", rotation, persistent=False)

    def embed(
        self, x: Tensor, time: Tensor, condition: Prompts
    ) -> tuple[Tensor, PromptConditioning]:
        conditioning = PromptConditioning(
            self.modulation(self.t_embedder(time)).float(),
            self.text_layers(condition.states, condition.mask),
            condition.mask,
            self.rotation.expand(len(x), *self.rotation.shape),
        )
        tokens = self.x_embedder(x).float()
        if self.positions is not None:
            tokens = tokens + self.positions
        return tokens, conditioning
