"""Small models and checkpoints, made from random weights."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest
import torch

from bench.config.model import model_config
from bench.data.conditions import Labels
from bench.data.prompts import Prompts
from bench.evaluation.classifier import KIND, Classifier
from bench.files.tensors import write_tensors
from bench.models import build
from bench.models.checkpoints import save_checkpoint

# One thread: the models are tiny, and two threads on a busy machine mostly wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
torch.set_num_threads(1)
# The same cases in every run, and no deadline of wall time, for the machine may be busy.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("same")

FIXTURES = Path(__file__).parent / "fixtures"
TINY = {
    "input_size": 8,
    "in_channels": 1,
    "num_classes": 10,
    "patch_size": 2,
    "hidden_size": 16,
    "depth": 4,
    "num_heads": 2,
}
PROMPTED = {
    **{key: value for key, value in TINY.items() if key != "num_classes"},
    "kind": "tr_dit",
    "text_width": 6,
    "text_length": 5,
    "route": [1, 2],
    "learned_positions": True,
}
ARCHITECTURES = {
    "dense": TINY,
    "routed": {**TINY, "route": [1, 2]},
    "masked": {**TINY, "decoder": [8, 1, 2]},
    "prompted": PROMPTED,
}


def random_model(kind: str, seed: int = 0):
    """A model with every weight drawn at random: nothing is zero, so nothing is hidden."""
    torch.manual_seed(seed)
    model = build(model_config(ARCHITECTURES[kind]))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.1)
    if kind == "prompted":
        model.keep_null(prompts(count=11)[10:])
    return model.eval().requires_grad_(False)


def prompts(count: int = 10) -> Prompts:
    """The first of 11 random prompts of 1 to 5 tokens, for the model "prompted"."""
    stream = torch.Generator().manual_seed(0)
    states = torch.randn(11, 5, 6, generator=stream).bfloat16()
    mask = torch.arange(5) < torch.randint(1, 6, (11, 1), generator=stream)
    return Prompts(states * mask.unsqueeze(2), mask, torch.arange(11))[:count]


def conditions(kind: str, rows: list[int]):
    """Conditions for a model of this kind; row 10 is the null condition's."""
    return prompts(count=11)[rows] if kind == "prompted" else Labels(torch.tensor(rows))


def pytest_collection_modifyitems(items):
    """The long runs of whole DAGs begin first, so that no process waits for one at the end."""
    items.sort(key=lambda item: item.path.parent.name != "workflow")


@pytest.fixture(scope="session")
def models():
    """Random models by kind."""
    return {kind: random_model(kind) for kind in ARCHITECTURES}


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory):
    """Checkpoint files of random models: main and weak, routed and dense."""
    folder = tmp_path_factory.mktemp("checkpoints")
    paths = {}
    for name, (kind, seed) in {
        "main": ("routed", 0),
        "weak": ("routed", 1),
        "dense": ("dense", 0),
    }.items():
        model = random_model(kind, seed)
        paths[name] = folder / f"{name}.safetensors"
        description = {"run": kind, "dataset": "digits", "step": 10 + seed, "iterations": 10 + seed}
        save_checkpoint(paths[name], model, model.state_dict(), description)
    return paths


@pytest.fixture(scope="session")
def extractor(tmp_path_factory):
    """The file of a classifier with random weights."""
    torch.manual_seed(0)
    architecture = {"in_channels": 1, "num_classes": 10, "width": 16}
    path = tmp_path_factory.mktemp("extractor") / "extractor.safetensors"
    classifier = Classifier(**architecture)
    write_tensors(path, classifier.state_dict(), {"kind": KIND, "architecture": architecture})
    return path


@pytest.fixture(scope="session")
def inception_weights(tmp_path_factory):
    """A file as torch-fidelity publishes it, with random weights."""
    from torch_fidelity import feature_extractor_inceptionv3 as module

    torch.manual_seed(0)
    with pytest.MonkeyPatch.context() as patch:
        # It knows no other beginning than the published weights.
        patch.setattr(module, "load_state_dict_from_url", lambda *args, **kwargs: {})
        patch.setattr(module.FeatureExtractorInceptionV3, "load_state_dict", lambda *args: None)
        network = module.FeatureExtractorInceptionV3("inception", ["2048"])
    for parameter in network.parameters():
        if parameter.ndim > 1:
            # A signal that neither fades nor grows on its way.
            torch.nn.init.kaiming_normal_(parameter, nonlinearity="relu")
    path = tmp_path_factory.mktemp("inception") / "weights-inception-2015-12-05.pth"
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(scope="session")
def alexnet_weights(tmp_path_factory):
    """A file as torchvision publishes it, with random weights."""
    from torchvision.models import alexnet

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("alexnet") / "alexnet.pth"
    torch.save(alexnet(weights=None).state_dict(), path)
    return path
