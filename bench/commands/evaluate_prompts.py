"""evaluate-prompts: judge the samples of a cell that were drawn for GenEval's prompts."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_device, add_out, cell_names, choose_device
from bench.config.load import load
from bench.errors import BadInput


def add_arguments(parser):
    parser.add_argument(
        "--cell", nargs=3, required=True, metavar=("CONFIG", "RUN", "METHOD"), help="the cell"
    )
    parser.add_argument(
        "--samples", required=True, type=Path, nargs="+", help="its files of all seed blocks"
    )
    parser.add_argument(
        "--images",
        required=True,
        type=Path,
        nargs="+",
        help="folders of `geneval-folder`, one for each seed block",
    )
    parser.add_argument("--detector", required=True, type=Path, help="as of `geneval`")
    parser.add_argument("--clip", required=True, type=Path, help="as of `geneval`")
    parser.add_argument(
        "--judged",
        required=True,
        type=Path,
        nargs="+",
        help="for GenEval's own row of each seed block (.csv); a line per image goes beside it",
    )
    parser.add_argument(
        "--hpsv3",
        type=Path,
        nargs="+",
        default=[],
        help="rows of `hpsv3`, one for each seed block, where the scale has hpsv3",
    )
    add_out(parser, "a row per seed block (.csv)")
    add_device(parser)


def run(options):
    from bench.stages.evaluate_prompts import PromptedBlock, evaluate_block
    from bench.stages.measure_prompts import write_rows

    config, *cell = options.cell
    scale = load(config)
    if scale.geneval is None:
        raise BadInput(f"--cell: {scale.name} has no geneval; its samples are measured otherwise")
    names, device = cell_names(config, *cell), choose_device(options.device)
    rows = []
    for files, judged in zip(_blocks(options, scale), options.judged):
        block = PromptedBlock(*files)
        rows.append(evaluate_block(scale, block, options.detector, options.clip, device, judged))
        print(f"seed {rows[-1]['seed']}: GenEval {rows[-1]['geneval']:.4f}", flush=True)
    write_rows(rows, names, options.out)


def _blocks(options, scale):
    """The files of samples, the folder of images, and HPSv3's row or None, of each seed block."""
    seeds, shards = len(scale.measurement.seeds), len(scale.measurement.shards)
    expected = {
        "--samples": seeds * shards,
        "--images": seeds,
        "--hpsv3": seeds if scale.hpsv3 else 0,
        "--judged": seeds,
    }
    for option, number in expected.items():
        given = len(getattr(options, option.removeprefix("--")))
        if given != number:
            raise BadInput(f"{option}: {given} given, {scale.name} needs {number}")
    samples = [
        options.samples[first : first + shards] for first in range(0, seeds * shards, shards)
    ]
    return zip(samples, options.images, options.hpsv3 or [None] * seeds)
