"""Small text encoders with random weights, in transformers' own files."""

from __future__ import annotations

from pathlib import Path

import torch

WORDS = ["a", "photo", "of", "red", "blue", "circle", "square", "and", "describe", "the", "image"]


def _write_tokenizer(folder: Path, kind: str) -> int:
    """A tokenizer of whole words; returns the size of its vocabulary. BERT's begins and ends every
    prompt with a token of its own, Gemma's begins it; Qwen's adds none. The last two pad on the
    left."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = {word: index for index, word in enumerate([*special, *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    if kind != "internvl":
        ends = [(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]" if kind == "minilm" else "[CLS] $A", special_tokens=ends
        )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        padding_side="right" if kind == "minilm" else "left",
    ).save_pretrained(folder)
    return len(vocabulary)


def write_text_encoder(folder: Path, kind: str) -> Path:
    """A BERT, an InternVL whole with its vision tower, or the encoder of a T5Gemma as diffusers'
    PRX has it; states of width 16."""
    from transformers import BertConfig, BertModel, InternVLConfig, InternVLModel

    size = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    size |= {"intermediate_size": 32, "vocab_size": _write_tokenizer(folder, kind)}
    torch.manual_seed(0)
    if kind == "minilm":
        BertModel(BertConfig(**size)).save_pretrained(folder)
        return folder
    if kind == "t5gemma":
        _t5gemma(size).save_pretrained(folder)
        return folder
    vision = {**size, "image_size": [28, 28], "patch_size": [14, 14]}
    del vision["vocab_size"]
    text = {**size, "model_type": "qwen2", "num_key_value_heads": 1}
    config = InternVLConfig(vision_config=vision, text_config=text)
    InternVLModel(config).save_pretrained(folder)
    return folder


def _t5gemma(size):
    from transformers import T5GemmaModuleConfig
    from transformers.models.t5gemma.modeling_t5gemma import T5GemmaEncoder

    heads = {"num_key_value_heads": 1, "head_dim": 8, "query_pre_attn_scalar": 8}
    return T5GemmaEncoder(T5GemmaModuleConfig(**size, **heads, dropout_rate=0.0))
