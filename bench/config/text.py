"""Settings of a scale whose images have captions."""

from __future__ import annotations

from dataclasses import dataclass

from bench.config.text_encoder import TextEncoderConfig
from bench.errors import BadInput
from bench.parsing import check_no_wildcards, check_positive


@dataclass(frozen=True)
class TextConfig:
    """The captions of a scale, and what measures samples that are drawn for prompts.

    Attributes:
        encoder: the frozen text encoder of all models.
        training_images: number of images that are drawn to train on; None where they are latents,
            and where all models are published and the dataset is one of prompts alone.
        seed: of these images, and of the preference score.
        autoencoder: a name in the zoo, or a folder with a diffusers AutoencoderKL, of models that
            see latents.
    """

    encoder: TextEncoderConfig
    training_images: int | None = None
    seed: int = 0
    autoencoder: str | None = None

    def __post_init__(self):
        if self.training_images is not None:
            check_positive(self, "training_images")
        if self.seed < 0:
            raise BadInput(f"seed: {self.seed} is negative")
        check_no_wildcards(self, "autoencoder")
