"""HPSv3 (arXiv 2508.03789), which runs in an environment of its own: PNG files and JSON lines go
there, and JSON lines come back."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from math import isfinite, sqrt
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from bench.data.hpdv3 import CATEGORIES, Request
from bench.errors import BadInput
from bench.metrics.clustered import with_errors

DRIVER = Path(__file__).parents[2] / "workflow" / "scripts" / "score_hpsv3.py"
INSTALL = "install envs/hpsv3.txt into an environment of its own, and name its interpreter"


def score_requests(
    requests: Sequence[Request], python: Path, weights: Path | None, device: str
) -> pd.DataFrame:
    """The scores of images: a row for each, with category, image, prompt, score.

    Args:
        python: the interpreter of HPSv3's environment.
        weights: HPSv3.safetensors; None: from the Hugging Face hub.

    Raises:
        BadInput: there is no such interpreter, HPSv3 fails in it, or its answer is not one finite
            score for each image.
    """
    check_interpreter(python)
    with TemporaryDirectory() as folder:
        sent, received = Path(folder, "requests.jsonl"), Path(folder, "scores.jsonl")
        lines = [{"image": str(one.image.resolve()), "prompt": one.prompt} for one in requests]
        sent.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
        command = [str(python), str(DRIVER), str(sent), str(received), "--device", device]
        _run(command + (["--weights", str(weights)] if weights else []), python)
        if not received.exists():
            raise BadInput(f"{python}: HPSv3 wrote no scores; {INSTALL}")
        answers = [json.loads(line) for line in received.read_text(encoding="utf-8").splitlines()]
    scores = [answer["score"] for answer in answers]
    if [answer["image"] for answer in answers] != [line["image"] for line in lines]:
        raise BadInput(f"{python}: scored other images than those that were sent")
    for request, score in zip(requests, scores):
        if not isfinite(score):
            raise BadInput(f"{request.image}: its score is {score}")
    rows = [(one.category, str(one.image), one.prompt) for one in requests]
    return pd.DataFrame(rows, columns=["category", "image", "prompt"]).assign(score=scores)


def category_means(scored: pd.DataFrame) -> dict[str, float]:
    """The mean score of each category, and two means over all.

    "overall" is the unweighted mean of the twelve categories, as HPSv3's authors and the rows of
    Table 4 have it; "overall_by_prompt" weights each prompt equally. Each has a standard error,
    "<name>_se", of drawing other prompts.
    """
    groups = {category: scored[scored["category"] == category]["score"] for category in CATEGORIES}
    means = {category: of.mean() for category, of in groups.items()}
    squares = {category: of.var() / len(of) for category, of in groups.items()}
    shares = {category: len(of) / len(scored) for category, of in groups.items()}
    means["overall"] = sum(means.values()) / len(CATEGORIES)
    means["overall_by_prompt"] = scored["score"].mean()
    errors = {category: sqrt(square) for category, square in squares.items()}
    errors["overall"] = sqrt(sum(squares.values())) / len(CATEGORIES)
    errors["overall_by_prompt"] = sqrt(sum(squares[one] * shares[one] ** 2 for one in CATEGORIES))
    return with_errors(means, errors)


def check_interpreter(python: Path) -> None:
    """Raises BadInput where there is no such program."""
    if shutil.which(python) is None:
        raise BadInput(f"{python}: no interpreter; {INSTALL}")


def _run(command, python):
    try:
        # Its progress goes to the terminal; of its errors the last line is the exception.
        subprocess.run(
            command, stderr=subprocess.PIPE, encoding="utf-8", errors="replace", check=True
        )
    except OSError as error:
        raise BadInput(f"{python}: cannot be run ({error.strerror}); {INSTALL}") from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or [f"it ended with {error.returncode}"]
        remedy = f"; {INSTALL}" if "No module named" in lines[-1] else ""
        raise BadInput(f"{python}: HPSv3 failed: {lines[-1]}{remedy}") from None
