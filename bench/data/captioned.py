"""Images with captions, as training data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from torch import Generator, Tensor

from bench.data.dataset import TrainingData
from bench.data.prompts import Prompts
from bench.data.text_states import EncodedCaptions


class Captioned:
    """The samples of other training data, images or latents, each under its caption.

    Args:
        images: the samples; their own conditions are left aside.
        captions: one for each sample.
        states: what the text encoder makes of the captions.

    Raises:
        BadInput: a caption was not encoded.
    """

    def __init__(self, images: TrainingData, captions: Sequence[str], states: EncodedCaptions):
        self.images, self.states = images, states
        self.rows = states.rows(captions)
        self.null = states.null

    @property
    def identity(self) -> dict[str, str]:
        return {
            **self.images.identity,
            "captions_sha256": hashlib.sha256(self.rows.numpy()).hexdigest(),
            "text_states_sha256": self.states.sha256,
            "text_encoder": self.states.encoder,
        }

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: Tensor) -> tuple[Tensor, Prompts]:
        stored, _ = self.images[rows]
        return stored, self.states[self.rows[rows]]

    def draw(self, batch: int, stream: Generator) -> tuple[Tensor, ...]:
        return self.images.draw(batch, stream)

    def decode(self, stored: Tensor, *drawn: Tensor) -> Tensor:
        return self.images.decode(stored, *drawn)
