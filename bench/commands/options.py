"""Command-line values that several verbs take."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import BadInput
from bench.files.json_text import parse_json

if TYPE_CHECKING:
    from bench.config.scale import Scale
    from bench.tuning.block import TuningBlock


def add_config(parser: ArgumentParser) -> None:
    """--config: the scale."""
    parser.add_argument("--config", required=True, type=Path, help="YAML file of the scale")


def add_out(parser: ArgumentParser, what: str, suffix: str | None = None) -> None:
    """--out: the file that is written.

    Args:
        suffix: its ending, where files that are written beside it differ in theirs alone.
    """
    kind = partial(_ending_in, suffix) if suffix else Path
    parser.add_argument("--out", required=True, type=kind, help=what)


def add_device(parser: ArgumentParser) -> None:
    """--device: where torch computes."""
    parser.add_argument("--device", help="torch device (default: cuda where there is one, or cpu)")


def add_checkpoints(parser: ArgumentParser) -> None:
    """--checkpoint and --weak-checkpoint."""
    parser.add_argument("--checkpoint", required=True, type=Path, help="the model to sample from")
    parser.add_argument("--weak-checkpoint", type=Path, help="an earlier checkpoint of its run")


def add_cell_weights(parser: ArgumentParser) -> None:
    """A cell, its guidance, and the checkpoints of its seed blocks."""
    parser.add_argument(
        "--cell", nargs=3, required=True, metavar=("CONFIG", "RUN", "METHOD"), help="the cell"
    )
    parser.add_argument("--guidance", required=True, metavar="JSON", help="as of `sample`")
    parser.add_argument(
        "--checkpoints",
        required=True,
        type=Path,
        nargs="+",
        help="the models to sample from: one for each seed of the measurement, or one for all",
    )
    parser.add_argument(
        "--weak-checkpoints", type=Path, nargs="+", default=[], help="earlier checkpoints of them"
    )


def add_extractor(parser: ArgumentParser, required: bool = True) -> None:
    """--extractor: in whose features images are measured."""
    parser.add_argument(
        "--extractor",
        required=required,
        type=Path,
        help="file of `extractor`, or torch-fidelity's Inception weights (.pth)",
    )


def add_split(parser: ArgumentParser) -> None:
    """--split: of a dataset of latents."""
    parser.add_argument("--split", required=True, choices=("train", "reference"))


def add_autoencoder(parser: ArgumentParser) -> None:
    """--autoencoder: what turns latents into images."""
    parser.add_argument(
        "--autoencoder", type=Path, help="folder of a diffusers AutoencoderKL, for latents"
    )


def add_tuning_block(parser: ArgumentParser) -> None:
    """What candidates for the hyperparameters of a method are measured on."""
    add_config(parser)
    parser.add_argument("--method", required=True, help="name under `methods:`")
    add_checkpoints(parser)
    add_autoencoder(parser)
    add_prompts(parser)
    add_extractor(parser, required=False)
    parser.add_argument("--reference", type=Path, help="features of real images, for the FID")
    add_preference(parser, required=False)
    add_device(parser)


def read_tuning_block(options, scale: Scale) -> TuningBlock:
    """The tuning block of the options of `add_tuning_block`.

    Raises:
        BadInput: there is neither what the FID is measured with nor, for prompts, a preference
            score, or there is more.
    """
    from bench.sampling.models import load_models
    from bench.tuning.block import TuningBlock

    device = choose_device(options.device)
    _check_objective(options)
    models = load_models(
        options.checkpoint, options.weak_checkpoint, options.autoencoder, device, options.prompts
    )
    objective = _objective(options, models.prompts, device)
    return TuningBlock(models, scale.sampling, scale.tuning, objective)


def _check_objective(options):
    needed = ("prompts", "preference") if options.prompts else ("extractor", "reference")
    for option in ("extractor", "reference", "preference"):
        if (getattr(options, option) is not None) != (option in needed):
            what = "missing" if option in needed else "given"
            kind = "prompts" if options.prompts else "labels"
            raise BadInput(
                f"--{option}: {what}; samples of {kind} need --{needed[0]} and --{needed[1]} alone"
            )


def _objective(options, prompts, device):
    from bench.evaluation.shapes_preference import ShapesPreference
    from bench.tuning.objectives import FrechetDistance, MeanPreference

    if prompts:
        return MeanPreference(ShapesPreference(options.preference, device), prompts)
    return FrechetDistance.read(options.extractor, options.reference, device)


def cell_names(config: Path, run: str, method: str) -> dict[str, str]:
    """The columns of metrics.csv that name a cell of a scale.

    Raises:
        BadInput: the scale does not measure it.
    """
    from bench.config.evaluation import REAL
    from bench.config.load import config_hash, load

    scale = load(config)
    if (run, method) not in (*scale.cells, REAL):
        raise BadInput(f"--cell: {config} measures no {method!r} on {run!r}")
    return {"scale": scale.name, "run": run, "method": method, "config_hash": config_hash(config)}


def add_prompts(parser: ArgumentParser) -> None:
    """--prompts: what a text-to-image model is asked for."""
    parser.add_argument(
        "--prompts", type=Path, help="text states of the prompts, for a text-to-image model"
    )


def add_text_states(parser: ArgumentParser, part: str) -> None:
    """--text-states: the captions of a scale that has them."""
    parser.add_argument(
        "--text-states",
        type=Path,
        help="with captions in the place of classes: what `encode-text` or, of shards, "
        f"`index-text` makes of its {part} part",
    )


def check_text_states(text_states: Path | None, scale: Scale) -> None:
    """Raises BadInput where a scale with captions lacks their states, or another one has some."""
    if (text_states is None) != (scale.text is None):
        what = "has captions: give their states" if scale.text else "has classes: leave it out"
        raise BadInput(f"--text-states: {scale.name} {what}")


def add_preference(parser: ArgumentParser, required: bool = True) -> None:
    """--preference: the score of images for their prompts."""
    parser.add_argument(
        "--preference", required=required, type=Path, help="network of `shapes-preference`"
    )


def choose_device(name: str | None) -> str:
    """The device of an option, or the best that there is."""
    import torch

    if name is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.zeros(1, device=name).cpu()
    except (RuntimeError, AssertionError) as error:
        raise BadInput(f"--device: {name!r} cannot be used: {str(error).splitlines()[0]}") from None
    return name


def index_range(text: str) -> range:
    """``A:B`` as the indices A, ..., B - 1."""
    try:
        first, end = (int(part) for part in text.split(":"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form A:B") from None
    if not 0 <= first < end:
        raise argparse.ArgumentTypeError(f"{text!r} holds no index; A:B means A, ..., B - 1")
    return range(first, end)


def positive(text: str) -> int:
    """A whole number above zero."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def seed(text: str) -> int:
    """A whole number, 0 or above."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def guidance_spec(text: str) -> dict:
    """A guidance spec as JSON, or the path of a file that holds one.

    Raises:
        BadInput: it is neither.
    """
    source = "--guidance"
    if not text.lstrip().startswith(("{", "[")):
        source = text
        try:
            text = Path(text).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not a text file"
            raise BadInput(
                f"--guidance: {source!r} is neither JSON nor a file that can be read ({reason})"
            ) from None
    try:
        return parse_json(text)
    except ValueError as error:
        raise BadInput(f"{source}: not valid JSON: {error}") from None


def _ending_in(suffix, text):
    if Path(text).suffix != suffix:
        raise argparse.ArgumentTypeError(f"{text!r} does not end in {suffix}")
    return Path(text)
