"""python -m bench VERB runs one stage of the suite, with or without Snakemake."""

from __future__ import annotations

import argparse
import importlib
import sys
from types import ModuleType

from bench.errors import BadInput, one_line
from bench.memory import keep_freed_memory

# In the order of the pipeline.
VERBS = {
    # Before anything is spent.
    "check": "check a configuration and, with --deep, what it names",
    "cost": "count the multiply-accumulates of each cell",
    "speed": "time the sampler under guidance",
    "estimate": "estimate the jobs, GPU hours and disk space that a scale needs on a cluster",
    # While it is spent.
    "status": "tell what of a scale is done, running, failed and left, and the hours to go",
    # Data.
    "fetch": "get the files of a dataset",
    "download": "get published weights and reference data by name",
    "list-images": "list the images that a split is encoded from",
    "encode": "encode a shard of images as latents",
    "index-latents": "make a dataset of encoded shards",
    "encode-text": "encode captions as the states of a text encoder",
    "index-text": "make one set of captions of encoded shards",
    # Models.
    "extractor": "train the classifier whose features measure a small scale",
    "shapes-preference": "train the synthetic preference score of the shapes world",
    "train": "train a model",
    "convert": "turn published weights into a checkpoint",
    "capacity-gap": "measure how much worse a weakened model predicts",
    # Cells.
    "search": "find the best hyperparameters of a method",
    "grid": "measure the objective over a grid of hyperparameters, for figures",
    "measure": "sample a cell and compute its metrics, in one process",
    "evaluate-prompts": "judge the samples of a cell that were drawn for GenEval's prompts",
    "measure-prompts": "sample a cell of a scale with prompts and score it, in one process",
    "prompt-bounds": "score perfect images, under their own prompts and under each other's",
    "sample": "draw samples under a guidance method",
    "omega-sweep": "draw the same samples at several strengths of guidance, for a figure",
    "features": "extract the features of samples or of real images",
    "distance": "measure how far guidance moves each sample",
    "geneval-folder": "write samples of prompts as images in GenEval's layout",
    "geneval": "judge the images of a folder by their prompts",
    "hpsv3-folder": "write samples of HPSv3's prompts as images in the layout that is scored",
    "hpsv3": "score images of the HPSv3 benchmark",
    "evaluate": "compute the metrics of one cell",
    "collect": "collect rows, of all cells in metrics.csv for instance",
    # Report.
    "table": "print one of the paper's tables beside our numbers",
    "figure": "draw a figure from our numbers",
    "claims": "judge the paper's claims by our numbers",
    "overview": "write the verdicts of several scales into a Markdown file",
    "summary": "summarize the runs, their duration and their results",
    # A machine without Snakemake.
    "plan": "list the verbs of a scale that are worth a GPU",
    "batch": "run a list of verbs in one process, as far as the time allows",
}
# Errors of the operating system that the caller can mend: a path is not what it should be.
WRONG_PATH = (
    FileExistsError,
    FileNotFoundError,
    IsADirectoryError,
    NotADirectoryError,
    PermissionError,
)


def main(arguments: list[str] | None = None) -> int:
    """Runs a verb and returns the exit code: 0, 2 for bad input, 1 where the machine fails (a full
    disk for instance)."""
    keep_freed_memory()
    command, options = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        command.run(options)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(one_line(f"error: {where}{error.strerror or error}"), file=sys.stderr)
        return 2 if isinstance(error, WRONG_PATH) else 1
    return 0


def parse(arguments: list[str]) -> tuple[ModuleType, argparse.Namespace]:
    """The module of the verb and its options."""
    verb = arguments[0] if arguments else None
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    command = None
    for name, summary in VERBS.items():
        description = f"{summary[0].upper()}{summary[1:]}."
        subparser = verbs.add_parser(name, help=summary, description=description)
        if name == verb:
            # Only this verb's module is imported: `check` and `cost` answer without torch.
            command = importlib.import_module(f"bench.commands.{name.replace('-', '_')}")
            command.add_arguments(subparser)
    return command, parser.parse_args(arguments)


if __name__ == "__main__":
    # Verbs print file names, which need not be UTF-8.
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())
