"""Text encoders are transformers' own, with the states and the mask that a model attends to."""

from __future__ import annotations

import dataclasses
import json

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers.models.t5gemma.modeling_t5gemma import T5GemmaEncoder

from bench.__main__ import main
from bench.config.text_encoder import TextEncoderConfig
from bench.data.text_states import TextStates, write_text_states
from bench.errors import BadInput
from bench.models import text_encoders
from bench.models.text_encoders import TextEncoder
from tests.models.text_encoder_folders import WORDS, write_text_encoder

KINDS = ("minilm", "internvl", "t5gemma")
PROMPTS = ["a red circle", "", "a photo of a blue square and a red circle"]
PREFIX = "describe the image "


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {kind: write_text_encoder(tmp_path_factory.mktemp(kind), kind) for kind in KINDS}


def encoder(folders, kind, **changes):
    prefix = PREFIX if kind == "internvl" else ""
    settings = {"kind": kind, "length": 14, "weights": str(folders[kind]), "prefix": prefix}
    return TextEncoder(TextEncoderConfig(**{**settings, **changes}))


def theirs(folder, kind):
    """The network as transformers loads it."""
    if kind == "t5gemma":
        config = transformers.AutoConfig.from_pretrained(folder)
        return T5GemmaEncoder.from_pretrained(folder, config=config)
    network = transformers.AutoModel.from_pretrained(folder)
    return network.language_model if kind == "internvl" else network


@pytest.mark.parametrize("kind", KINDS)
def test_states_are_those_of_each_prompt_alone(folders, kind, monkeypatch):
    """Without padding, from the network that transformers loads."""
    monkeypatch.setattr(text_encoders, "BATCH", 2)
    ours = encoder(folders, kind)
    states, mask = ours.encode(PROMPTS)
    assert (states.dtype, states.shape, ours.width) == (torch.bfloat16, (3, 14, 16), 16)
    network = theirs(folders[kind], kind).eval()
    for row, prompt in enumerate(PROMPTS):
        text = (PREFIX if kind == "internvl" else "") + prompt
        tokens = ours.tokenizer(text, return_tensors="pt")["input_ids"]
        count = tokens.shape[1]
        assert mask[row].tolist() == [True] * count + [False] * (14 - count)
        with torch.inference_mode():
            expected = network(input_ids=tokens).last_hidden_state[0]
        torch.testing.assert_close(states[row, :count].float(), expected, atol=0.02, rtol=0.02)
        assert not states[row, count:].any()


@pytest.mark.parametrize("kind", KINDS)
def test_states_of_the_chosen_layer(folders, kind):
    first, last = (encoder(folders, kind, layer=layer).encode(PROMPTS)[0] for layer in (1, 2))
    assert (first - last).abs().max() > 0.005
    assert torch.equal(last, encoder(folders, kind).encode(PROMPTS)[0])
    with pytest.raises(BadInput, match="layer: 3 is not one of -3 to 2"):
        encoder(folders, kind, layer=3)


def test_the_vision_tower_is_dropped(folders):
    parts = {name.split(".")[0] for name, _ in encoder(folders, "internvl").network.named_modules()}
    assert "layers" in parts
    assert not {"vision_tower", "multi_modal_projector"} & parts


@pytest.mark.parametrize("kind", KINDS)
def test_a_prompt_that_is_too_long_is_refused(folders, kind):
    ours = encoder(folders, kind, length=6)
    with pytest.raises(BadInput, match=r"it has 1\d tokens, prefix included, but") as error:
        ours.encode(PROMPTS)
    assert "'a photo of a blue square and a red circle'" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_prompt_without_tokens_is_refused(folders):
    with pytest.raises(BadInput, match="prompt '': it has no tokens"):
        encoder(folders, "internvl", prefix="").encode(["a red circle", ""])


def test_the_identity_is_of_weights_and_settings(folders, tmp_path):
    ours = encoder(folders, "minilm")
    assert ours.identity == encoder(folders, "minilm").identity
    assert ours.identity != encoder(folders, "minilm", layer=1).identity
    assert ours.identity != encoder(folders, "minilm", prefix="a").identity
    moved = write_text_encoder(tmp_path / "moved", "minilm")
    assert ours.identity == encoder({"minilm": moved}, "minilm").identity
    weights = load_file(moved / "model.safetensors")
    changed = {name: tensor + 1 for name, tensor in weights.items()}
    save_file(changed, moved / "model.safetensors", {"format": "pt"})
    assert ours.identity != encoder({"minilm": moved}, "minilm").identity


def test_the_identity_is_of_the_configuration_and_the_tokenizer(tmp_path):
    """All files of the folder that states come from, and no others."""
    folder = write_text_encoder(tmp_path / "minilm", "minilm")
    found = {encoder({"minilm": folder}, "minilm").identity}
    (folder / "README.md").write_text("about")
    assert {encoder({"minilm": folder}, "minilm").identity} == found
    for file, old, new in (
        ("config.json", '"gelu"', '"relu"'),
        ("tokenizer.json", '"type": "Whitespace"', '"type": "WhitespaceSplit"'),
        ("tokenizer_config.json", '"unk_token": "[UNK]"', '"unk_token": "[SEP]"'),
    ):
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new))
        found.add(encoder({"minilm": folder}, "minilm").identity)
    assert len(found) == 4


def test_the_identity_is_of_a_vocabulary_of_its_own_kind(tmp_path):
    """BERT's words were in a text file before there was a tokenizer.json."""
    found = set()
    for words in (WORDS, WORDS[::-1]):
        folder = write_text_encoder(tmp_path / "minilm", "minilm")
        (folder / "tokenizer.json").unlink()
        (folder / "tokenizer_config.json").unlink()
        vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words[1:]]
        (folder / "vocab.txt").write_text("\n".join(vocabulary))
        found.add(encoder({"minilm": folder}, "minilm").identity)
    assert len(found) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_without_a_tokenizer(tmp_path, kind):
    """transformers makes an empty one, to which every word is the unknown one or none."""
    folder = write_text_encoder(tmp_path, kind)
    for path in folder.glob("tokenizer*"):
        path.unlink()
    with pytest.raises(BadInput) as caught:
        encoder({kind: folder}, kind)
    assert str(caught.value).startswith(f"{folder}: lacks tokenizer.json; ")


def test_a_tokenizer_that_does_not_fit(folders, tmp_path):
    def edited(name, change):
        folder = write_text_encoder(tmp_path / "edited", "minilm")
        settings = json.loads((folder / name).read_text())
        change(settings)
        (folder / name).write_text(json.dumps(settings))
        return {"minilm": folder}

    beyond = edited("tokenizer.json", lambda found: found["model"]["vocab"].update(circle=15))
    with pytest.raises(
        BadInput, match=r"its tokenizer has an id of 15, but .* has a vocab_size of"
    ):
        encoder(beyond, "minilm")
    without = edited("tokenizer_config.json", lambda found: found.pop("pad_token"))
    with pytest.raises(BadInput, match=r"tokenizer_config\.json: pad_token: missing; "):
        encoder(without, "minilm")


@pytest.mark.parametrize(("kind", "longest"), [("minilm", 512), ("internvl", 32768)])
def test_more_states_than_places(folders, kind, longest):
    assert encoder(folders, kind, length=longest).length == longest
    with pytest.raises(BadInput) as caught:
        encoder(folders, kind, length=10**12)
    message = f"text_encoder.length: 1000000000000 is more than the {longest} places that "
    assert str(caught.value).startswith(message)


def test_half_of_a_pair_of_surrogates_is_no_prompt(folders):
    ours = encoder(folders, "minilm")
    with pytest.raises(BadInput) as caught:
        ours.encode(["a red circle", "a blue \ud83d circle"])
    assert str(caught.value).startswith(r"prompt 'a blue \ud83d circle': it holds half of ")


def test_what_is_no_text_encoder(folders, tmp_path):
    with pytest.raises(BadInput) as caught:
        encoder({"minilm": tmp_path / "absent"}, "minilm")
    assert str(caught.value).startswith(f"{tmp_path / 'absent'}: no such folder; ")
    other = write_text_encoder(tmp_path / "other", "minilm")
    (other / "config.json").write_text("{}")
    with pytest.raises(BadInput, match="holds no text encoder of transformers"):
        encoder({"minilm": other}, "minilm")
    with pytest.raises(BadInput, match=r"holds a 'bert', but text_encoder\.kind is 'internvl'"):
        encoder({"internvl": folders["minilm"]}, "internvl")
    damaged = write_text_encoder(tmp_path / "damaged", "minilm")
    weights = load_file(damaged / "model.safetensors")
    weights.pop("encoder.layer.1.output.dense.bias")
    save_file(weights, damaged / "model.safetensors", {"format": "pt"})
    with pytest.raises(BadInput, match=r"the weights lack encoder\.layer\.1\.output\.dense\.bias"):
        encoder({"minilm": damaged}, "minilm")


def test_the_packaged_encoder_tells_colours_apart():
    ours = TextEncoder(TextEncoderConfig("minilm", length=12))
    states, mask = ours.encode(["a red circle and a blue square", "a blue circle and a red square"])
    assert (states.shape, mask.sum(1).tolist()) == ((2, 12, 384), [9, 9])
    states = states.float()[:, :9]
    assert (states[0] - states[1]).norm() > 0.2 * states[0].norm()


def test_states_on_disk_are_those_of_the_encoder(folders, tmp_path):
    ours = encoder(folders, "minilm")
    write_text_states(tmp_path / "states.safetensors", PROMPTS, ours)
    found = TextStates(tmp_path / "states.safetensors")
    assert (found.encoder, found.width, found.length) == (ours.identity, 16, 14)
    states, mask = ours.encode(PROMPTS)
    batch = found[torch.tensor([2, 0, 2])]
    assert torch.equal(batch.states, states[[2, 0, 2]])
    assert torch.equal(batch.mask, mask[[2, 0, 2]])


def test_the_command(folders, tmp_path, capsys):
    captions, out = tmp_path / "captions.txt", tmp_path / "states.safetensors"
    captions.write_text("\n".join(PROMPTS[:1]) + "\n")
    settings = {"kind": "minilm", "length": 14, "weights": str(folders["minilm"])}
    command = ["encode-text", "--captions", str(captions), "--out", str(out), "--device", "cpu"]
    assert main([*command, "--text-encoder", json.dumps(settings)]) == 0
    assert "1 captions, states of width 16" in capsys.readouterr().out
    assert TextStates(out).captions == PROMPTS[:1]
    for wrong, message in (
        ({**settings, "length": 3}, "captions.txt: prompt 'a red circle': it has 5 tokens"),
        ({**settings, "lenght": 3}, "error: --text-encoder: lenght: unknown key, did you mean"),
        ({**settings, "kind": "clip"}, "error: --text-encoder: kind: unknown value 'clip'"),
    ):
        out.unlink(missing_ok=True)
        assert main([*command, "--text-encoder", json.dumps(wrong)]) == 2
        error = capsys.readouterr().err
        assert message in error.splitlines()[-1]
        assert not out.exists()
    captions.write_text("")
    assert main([*command, "--text-encoder", json.dumps(settings)]) == 2
    assert f"error: {captions}: holds no caption" in capsys.readouterr().err


def test_settings_that_name_no_weights():
    with pytest.raises(BadInput, match="no package brings a model of kind internvl; name"):
        TextEncoderConfig("internvl", length=12)
    assert dataclasses.asdict(TextEncoderConfig("minilm", 12))["weights"] == "packaged"
