"""PRX, an open text-to-image transformer (Photoroom), with a token route.

The layers are diffusers' own, and so are the names of their parameters; this module leads tokens
through them along the route, which PRXTransformer2DModel cannot. Prompts' states are keys and
values of the attention beside the image's own and do not change from block to block.
"""

from __future__ import annotations

from diffusers.models.embeddings import get_timestep_embedding
from diffusers.models.transformers.transformer_prx import (
    FinalLayer,
    MLPEmbedder,
    PRXBlock,
    PRXEmbedND,
    get_image_ids,
    img2seq,
    seq2img,
)
from torch import Tensor, nn

from bench.config.prx import PRXConfig
from bench.data.prompts import Prompts
from bench.models.conditioning import PromptConditioning
from bench.models.prompted_model import PromptedModel

TIMESTEP_SINUSOIDS = 256


class Block(PRXBlock):
    """diffusers' block as the walk calls it."""

    def forward(self, x: Tensor, conditioning: PromptConditioning) -> Tensor:
        return super().forward(
            x,
            conditioning.text,
            conditioning.modulation,
            # The same for all heads.
            conditioning.rotation.unsqueeze(1),
            conditioning.mask,
        )


class Output(FinalLayer):
    """diffusers' last layer as `VelocityModel` calls it."""

    def forward(self, x: Tensor, conditioning: PromptConditioning) -> Tensor:
        return super().forward(x, conditioning.modulation)


class PRX(PromptedModel):
    """Photoroom's PRX, as diffusers has it: arguments and shapes are those of `VelocityModel`.

    The residual stream is float32 whatever the precision of the matrix products.
    """

    def __init__(self, config: PRXConfig):
        super().__init__(config)
        width, patch_values = config.hidden_size, config.patch_size**2 * config.in_channels
        self.img_in = nn.Linear(patch_values, width)
        self.time_in = MLPEmbedder(TIMESTEP_SINUSOIDS, width)
        self.txt_in = nn.Linear(config.text_width, width)
        self.blocks = nn.ModuleList(
            Block(width, config.num_heads, config.mlp_ratio) for _ in range(config.depth)
        )
        self.final_layer = Output(width, 1, patch_values)
        self.register_buffer("rotation", _rotation(config), persistent=False)

    def embed(
        self, x: Tensor, time: Tensor, condition: Prompts
    ) -> tuple[Tensor, PromptConditioning]:
        conditioning = PromptConditioning(
            self.time_in(self._sinusoids(time)).float(),
            self.txt_in(condition.states.float()),
            condition.mask,
            self.rotation.expand(len(x), *self.rotation.shape),
        )
        return self.img_in(self.patchify(x)).float(), conditioning

    def patchify(self, images: Tensor) -> Tensor:
        return img2seq(images, self.config.patch_size)

    def unpatchify(self, patches: Tensor) -> Tensor:
        return seq2img(patches, self.config.patch_size, self.sample_shape)

    def _sinusoids(self, time):
        return get_timestep_embedding(
            time,
            TIMESTEP_SINUSOIDS,
            # Cosines first.
            flip_sin_to_cos=True,
            downscale_freq_shift=0,
            scale=self.config.time_factor,
            max_period=self.config.time_max_period,
        )


def _rotation(config) -> Tensor:
    """The matrices that turn a head's pairs of channels, by token: [T, head width / 2, 2, 2]."""
    size, default_device = config.input_size, None
    positions = get_image_ids(1, size, size, config.patch_size, default_device)
    return PRXEmbedND(sum(config.axes_dim), config.theta, config.axes_dim)(positions)[0, 0]
