"""geneval-folder: write samples of prompts as images in GenEval's layout."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out


def add_arguments(parser):
    parser.add_argument(
        "--samples", required=True, type=Path, nargs="+", help="files of `sample`, in their order"
    )
    parser.add_argument(
        "--text-states", required=True, type=Path, help="the prompts that they were drawn for"
    )
    parser.add_argument(
        "--prompts", required=True, type=Path, help="prompt file in GenEval's layout (.jsonl)"
    )
    add_out(parser, "a new folder, as `geneval` judges it")


def run(options):
    from bench.stages.geneval_folder import write_folder

    count = write_folder(options.samples, options.text_states, options.prompts, options.out)
    print(f"{options.out}: {count:,} images")
