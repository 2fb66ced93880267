"""python -m bench VERB: every stage of the suite, with or without Snakemake."""

from __future__ import annotations

import argparse
import importlib
import sys
from types import ModuleType

from bench.errors import BadInput

VERBS = {
    "check": "validate a configuration",
    "estimate": "estimate the jobs, GPU hours and disk of a cluster's scale",
    "fetch": "get the files of a dataset",
    "download": "get published weights and reference data of the zoo",
    "list-images": "list the images that a split is encoded from",
    "encode": "turn a shard of images into latents",
    "index-latents": "join shards of latents into a dataset",
    "extractor": "train the classifier that a small scale is measured with",
    "train": "train a model",
    "convert": "turn published weights into a checkpoint",
    "capacity-gap": "measure how much worse a model predicts when it is weakened",
    "sample": "draw samples under a guidance method",
    "features": "extract the features of samples or of a dataset's split",
    "distance": "measure how far guidance moves each sample",
    "evaluate": "compute the metrics of one cell",
    "search": "evaluate candidates for a method's hyperparameters",
    "select": "choose the best candidate of a search",
    "collect": "join rows into metrics.csv",
    "cost": "count the multiply-accumulates of each cell",
    "table": "print one of the paper's tables beside our numbers",
    "claims": "settle the claims of the paper with our numbers",
    "summary": "say what was run, for how long, and what came out",
    "batch": "run a list of verbs in one process, as far as a time allows",
    "figure": "draw a figure, of the paper or beyond it, from our numbers",
}
# Errors of the machine's that are the caller's: a path that is not what it should be.
WRONG_PATH = (
    FileExistsError,
    FileNotFoundError,
    IsADirectoryError,
    NotADirectoryError,
    PermissionError,
)


def main(arguments: list[str] | None = None) -> int:
    """Runs a verb; 0, or 2 for bad input, or 1 where the machine fails (a full disk)."""
    command, options = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        command.run(options)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"error: {where}{error.strerror or error}", file=sys.stderr)
        return 2 if isinstance(error, WRONG_PATH) else 1
    return 0


def parse(arguments: list[str]) -> tuple[ModuleType, argparse.Namespace]:
    """The verb's module and its options."""
    verb = arguments[0] if arguments else None
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    command = None
    for name, summary in VERBS.items():
        subparser = verbs.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
        if name == verb:
            # Only this verb's module is imported: `check` and `cost` answer without torch.
            command = importlib.import_module(f"bench.commands.{name.replace('-', '_')}")
            command.add_arguments(subparser)
    return command, parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
