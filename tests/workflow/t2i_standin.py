"""What the scale t2i512-standin is run on, in the formats of the real thing."""

from __future__ import annotations

import json
import shlex
import sys
import tarfile
from pathlib import Path

import numpy as np
import torch

from bench.data.geneval import CLASSES, OFFICIAL_PROMPTS, TASKS
from bench.data.hpdv3 import CATEGORIES
from tests.data.hpdv3 import write_benchmark
from tests.data.images import add_to_tar, encoded_image
from tests.evaluation.detectors import CLIP, tiny_config
from tests.evaluation.inferencers import write_package
from tests.models.autoencoders import write_autoencoder
from tests.models.text_encoder_folders import WORDS, write_text_encoder

# The workflow's jobs are processes of their own, and each reads the plugins of its scale; open_clip
# takes long to import, and one verb alone needs it.
PLUGIN = """
import sys

if "evaluate-prompts" in sys.argv:
    from open_clip import factory

    factory._MODEL_CONFIGS["ViT-L-14-quickgelu"] = {clip}
"""


def write_standin(folder: Path) -> None:
    """20 captioned JPEGs in three tars, six of GenEval's prompts, 24 of HPSv3's benchmark, and tiny
    networks: an InternVL, an autoencoder, a Mask2Former in transformers' own files, and a CLIP,
    which the scale's plugin makes open_clip build in the place of the large one. HPSv3 is a
    pretended package behind an interpreter of its own."""
    write_shard(folder / "photographs" / "train" / "0.tar", 10, seed=0)
    write_shard(folder / "photographs" / "train" / "1.tar", 6, seed=1)
    write_shard(folder / "photographs" / "val" / "0.tar", 4, seed=2)
    artefacts = folder / "artefacts"
    artefacts.mkdir()
    write_autoencoder(artefacts / "autoencoder")
    write_text_encoder(artefacts / "internvl", "internvl")
    write_prompts(artefacts / "prompts.jsonl")
    write_detector(artefacts / "detector")
    write_clip(artefacts / "clip.bin", artefacts / "tiny_clip.py")
    # One caption is in every category.
    captions = {category: ["a photo", f"the red {category}"] for category in CATEGORIES}
    write_benchmark(artefacts / "benchmark", captions)
    write_hpsv3(artefacts / "hpsv3")


def write_shard(path: Path, images: int, seed: int) -> None:
    """A tar of JPEGs with two captions each; every other one has a high score."""
    rng = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for index in range(images):
            captions = [" ".join(rng.choice(WORDS, 3)), f"a photo of the {rng.choice(WORDS)}"]
            metadata = {"captions": captions, "aesthetic": 4.0 + 2 * (index % 2)}
            add_to_tar(tar, f"{index}.jpg", encoded_image(rng))
            add_to_tar(tar, f"{index}.json", json.dumps(metadata).encode())


def write_prompts(path: Path) -> None:
    """The first official prompt of each task."""
    lines = OFFICIAL_PROMPTS.read_text(encoding="utf-8").splitlines()
    first = {}
    for line in lines:
        first.setdefault(json.loads(line)["tag"], line)
    path.write_text("".join(f"{first[task]}\n" for task in TASKS), encoding="utf-8")


def write_detector(folder: Path) -> None:
    """A folder of transformers with a small Mask2Former, which sees a bench in every image."""
    from transformers import Mask2FormerForUniversalSegmentation

    torch.manual_seed(0)
    network = Mask2FormerForUniversalSegmentation(tiny_config())
    # Beside 80 classes of logits near 0 its probability is 0.99, and its score half of that.
    network.class_predictor.bias.data[CLASSES.index("bench")] = 9.0
    network.save_pretrained(folder)


def write_hpsv3(folder: Path) -> None:
    """An interpreter that finds the pretended package, and its weights."""
    write_package(folder / "site", "cuda")
    (folder / "weights").write_text("weights")
    python = folder / "python"
    site = shlex.quote(str((folder / "site").resolve()))
    python.write_text(f'#!/bin/sh\nPYTHONPATH={site} exec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)


def write_clip(weights: Path, plugin: Path) -> None:
    """The weights of a small CLIP, and the plugin under which open_clip builds it."""
    from open_clip.model import CLIP as Network
    from open_clip.model import CLIPTextCfg, CLIPVisionCfg

    torch.manual_seed(0)
    settings = {**CLIP, "vision_cfg": CLIPVisionCfg(**CLIP["vision_cfg"])}
    network = Network(**settings | {"text_cfg": CLIPTextCfg(**CLIP["text_cfg"])})
    torch.save(network.state_dict(), weights)
    plugin.write_text(PLUGIN.format(clip=CLIP))
