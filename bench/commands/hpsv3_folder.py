"""hpsv3-folder: write samples of HPSv3's prompts as images in the layout that is scored."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out


def add_arguments(parser):
    parser.add_argument(
        "--samples", required=True, type=Path, nargs="+", help="files of `sample`, of one block"
    )
    parser.add_argument(
        "--text-states", required=True, type=Path, help="the prompts that they were drawn for"
    )
    parser.add_argument("--benchmark", required=True, type=Path, help="as of `hpsv3`")
    add_out(parser, "a new folder, as `hpsv3` scores it")


def run(options):
    from bench.stages.hpsv3_folder import write_folder

    count = write_folder(options.samples, options.text_states, options.benchmark, options.out)
    print(f"{options.out}: {count:,} images")
