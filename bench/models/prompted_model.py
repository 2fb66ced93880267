"""The base of text-to-image models: a prompt as condition, and a token route."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from bench.config.prompted import PromptedConfig
from bench.data.prompts import NO_ROW, Prompts
from bench.errors import BadInput
from bench.models.conditioning import PromptConditioning
from bench.models.routing import Routed
from bench.models.velocity_model import VelocityModel


class PromptedModel(Routed, VelocityModel):
    """Its condition is a batch of `Prompts`. The empty prompt, which stands for none, is kept with
    the weights (`keep_null`). Tokens are turned by the positions that they have in the image, on
    the route, too: a subclass keeps ``rotation``, a buffer with a row for each of the T tokens.
    """

    rotation: Tensor

    def __init__(self, config: PromptedConfig):
        super().__init__(config)
        null = torch.zeros(config.text_length, config.text_width, dtype=torch.bfloat16)
        self.register_buffer("null_states", null)
        self.register_buffer("null_mask", torch.ones(config.text_length, dtype=torch.bool))

    @property
    def device(self) -> torch.device:
        return self.null_mask.device

    def keep_null(self, prompt: Prompts) -> None:
        """Keeps the empty prompt's states, a batch of one.

        Raises:
            BadInput: they are not as many, or not as wide, as the architecture says.
        """
        found, expected = tuple(prompt.states.shape[1:]), tuple(self.null_states.shape)
        if found != expected:
            raise BadInput(
                f"text_length, text_width: the model takes {list(expected)}, but the text states "
                f"have {list(found)}; give it those"
            )
        self.null_states.copy_(prompt.states[0])
        self.null_mask.copy_(prompt.mask[0])

    def null_condition(self, batch: int) -> Prompts:
        rows = torch.full((batch,), NO_ROW, device=self.device)
        return Prompts(
            self.null_states.expand(batch, -1, -1), self.null_mask.expand(batch, -1), rows
        )

    def kept_conditioning(
        self, conditioning: PromptConditioning, keep: Tensor
    ) -> PromptConditioning:
        return dataclasses.replace(conditioning, rotation=self.rotation[keep])
