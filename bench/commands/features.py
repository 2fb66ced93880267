"""features: extract the features of samples, of a scale's real images, or of a reference batch."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench.commands.options import add_device, choose_device, positive
from bench.config.load import load
from bench.errors import BadInput
from bench.parsing import suggest

SPLITS = ("train", "reference")


def add_arguments(parser):
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--samples", type=Path, nargs="+", help="files that `sample` wrote")
    source.add_argument(
        "--split", nargs=2, metavar=("CONFIG", "SPLIT"), help="real images: train or reference"
    )
    source.add_argument(
        "--reference-batch", type=Path, help="the ADM evaluator's, with its statistics (.npz)"
    )
    parser.add_argument("--limit", type=positive, help="of --split: only so many images")
    parser.add_argument(
        "--extractor",
        required=True,
        type=Path,
        nargs="+",
        help="file of `extractor`, or torch-fidelity's Inception weights (.pth); further networks "
        "after it (DINOv2's weights, .pth) give further features",
    )
    parser.add_argument(
        "--out",
        required=True,
        type=Path,
        nargs="+",
        help="the features by name (.safetensors), a file for each of the samples'",
    )
    add_device(parser)


def run(options):
    from bench.evaluation.extractor import load_extractors
    from bench.stages.features import extract

    sets = _sets(options)
    if len(options.out) != len(sets):
        raise BadInput(f"--out: {len(options.out)} files for {len(sets)} sets of images")
    extractor = load_extractors(options.extractor, choose_device(options.device))
    extract(sets, extractor, options.out)


def _sets(options):
    """The sets of images that the options name, each to be read when its turn comes."""
    from bench.stages.features import reference_batch, samples, split

    if options.samples:
        return [partial(samples, path) for path in options.samples]
    if options.split:
        config, name = options.split
        if name not in SPLITS:
            raise BadInput(f"--split: unknown split {name!r}{suggest(name, SPLITS)}")
        return [partial(split, load(Path(config)), name, options.limit)]
    return [partial(reference_batch, options.reference_batch)]
