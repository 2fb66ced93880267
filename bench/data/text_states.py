"""The states of captions in one file: every caption is encoded once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from bench.data.prompts import NO_ROW, Prompts, PromptSet
from bench.errors import BadInput
from bench.files.hashes import sha256_of
from bench.files.tensors import check_finite, read_tensors, write_tensors
from bench.progress import Progress

KIND = "text states"
# Captions that are encoded between two writes or appends.
PART = 256


class Encoder(Protocol):
    """A text encoder (bench/models/text_encoders.py)."""

    width: int
    length: int
    identity: str

    def encode(self, prompts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """States [N, L, D] and their mask, bool [N, L]."""


def write_text_states(path: Path, captions: Sequence[str], encoder: Encoder) -> None:
    """Encodes captions into a file, in their order, and the empty one beside them.

    The file holds the states of all tokens one after the other, bfloat16 [tokens, D], and the
    number of tokens of each caption; the last caption is the empty one. Padding is not stored.

    Raises:
        BadInput: as `encoded`.
    """
    states, counts = zip(*encoded([*captions, ""], encoder))
    description = {
        "kind": KIND,
        "captions": list(captions),
        "length": encoder.length,
        "text_encoder": encoder.identity,
    }
    tensors = {"states": torch.cat(states), "counts": torch.cat(counts)}
    write_tensors(path, tensors, description)


def encoded(texts: Sequence[str], encoder: Encoder) -> Iterator[tuple[Tensor, Tensor]]:
    """The states of captions one after the other, bfloat16 [tokens, D], and the number of tokens of
    each, int64 [n], a few hundred captions at a time.

    Raises:
        BadInput: a caption is longer than the encoder takes, or its states are not finite.
    """
    progress = Progress(len(texts), "caption")
    for start in range(0, len(texts), PART):
        part = texts[start : start + PART]
        states, mask = encoder.encode(part)
        for caption, of_caption in zip(part, states.isfinite().flatten(1).all(1)):
            if not of_caption:
                raise BadInput(
                    f"prompt {caption!r}: its states are not finite; take another "
                    "text_encoder.layer, or other weights"
                )
        yield states[mask], mask.sum(1)
        progress.add(len(part))


class EncodedCaptions(PromptSet, Protocol):
    """Captions as a text encoder gives them, by row; the row behind the last is that of the empty
    caption.

    Attributes:
        width, length: D and L of the states of a prompt.
        encoder: the identity of the text encoder.
        sha256: tells these states from others.
    """

    width: int
    length: int
    encoder: str
    sha256: str

    @property
    def null(self) -> Prompts:
        """The empty caption, a batch of one."""
        empty = self[torch.tensor([len(self)])]
        return Prompts(empty.states, empty.mask, torch.tensor([NO_ROW]))

    def rows(self, captions: Sequence[str]) -> Tensor:
        """The rows of captions, int64 [N].

        Raises:
            BadInput: one of them was not encoded.
        """


class TextStates(EncodedCaptions):
    """The captions of a file, in its order, held in memory.

    Attributes:
        captions: of the rows.
        sha256: of the file.

    Raises:
        BadInput: the file is missing, damaged or another one.
    """

    def __init__(self, path: Path):
        tensors, description = read_tensors(
            path, KIND, ("states", "counts"), ("captions", "length", "text_encoder")
        )
        check_finite(path, tensors)
        self.path, self.sha256 = path, sha256_of(path)
        self.captions: list[str] = description["captions"]
        self.length: int = description["length"]
        self.encoder: str = description["text_encoder"]
        self._states, self._counts = tensors["states"], tensors["counts"]
        if len(self._counts) != len(self.captions) + 1 or self._counts.sum() != len(self._states):
            raise BadInput(f"{path}: its states are not those of its captions; make it anew")
        self._starts = self._counts.cumsum(0) - self._counts
        self.width = self._states.shape[1]
        self._rows = {caption: row for row, caption in enumerate(self.captions)}

    def __len__(self) -> int:
        return len(self.captions)

    def __getitem__(self, rows: Tensor) -> Prompts:
        """The captions of ``rows``, int64 [B]."""
        place = torch.arange(self.length)
        mask = place < self._counts[rows].unsqueeze(1)
        # Padding repeats some state, and is set to zero.
        found = (self._starts[rows].unsqueeze(1) + place).clamp(max=len(self._states) - 1)
        return Prompts(self._states[found] * mask.unsqueeze(2), mask, rows)

    def rows(self, captions: Sequence[str]) -> Tensor:
        for caption in captions:
            if caption not in self._rows:
                raise BadInput(f"{self.path}: lacks the caption {caption!r}; encode it anew")
        return torch.tensor([self._rows[caption] for caption in captions])
