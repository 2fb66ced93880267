"""What the verbs that score a folder of images write: a row of scores, and a line per image."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from bench.errors import BadInput
from bench.files.atomic import write_text


def details_path(out: Path) -> Path:
    """Where the lines of images are: beside the scores, ``<out without suffix>.images.jsonl``."""
    return out.with_name(f"{out.stem}.images.jsonl")


def check_out(out: Path, *inputs: Path) -> None:
    """Raises BadInput where the scores or the lines of images would be written to a folder or over
    a file that is read."""
    for path in (out, details_path(out)):
        if path.is_dir():
            raise BadInput(f"--out: {path} is a folder; name a file")
        if path.resolve() in [read.resolve() for read in inputs]:
            raise BadInput(f"--out: {path} is read, too; name another file")


def write_scores(row: Mapping, images: pd.DataFrame, out: Path) -> None:
    """Writes a row of scores to ``out``, and what was found for each image beside it."""
    # pandas refuses file names that are not UTF-8; JSON's escapes hold them.
    lines = [json.dumps(line) for line in images.to_dict("records")]
    write_text(details_path(out), "".join(f"{line}\n" for line in lines))
    write_text(out, pd.DataFrame([row]).to_csv(index=False))
