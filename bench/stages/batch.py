"""The work of a plan, a list of verbs, in one process."""

from __future__ import annotations

import shlex
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from bench.errors import BadInput


def batch(
    plan: Path,
    parse: Callable[[list[str]], tuple[ModuleType, Namespace]],
    seconds: float | None = None,
) -> int:
    """Runs the lines of ``plan``, a verb with its options each, and returns how many are left.

    A line whose outputs all exist is passed over; no line is begun after ``seconds``.

    Args:
        parse: gives the module and the options of a verb's command line.

    Raises:
        BadInput: the plan cannot be read, or one of its verbs refuses its input.
    """
    start = time.monotonic()
    lines = _read(plan)
    for number, line in enumerate(lines, start=1):
        command, options = parse(shlex.split(line))
        if _is_done(options):
            continue
        passed = time.monotonic() - start
        if seconds and passed > seconds:
            return len(lines) - number + 1
        print(f"[{passed:.0f} s, {number}/{len(lines)}] {line}", flush=True)
        command.run(options)
    return 0


def _read(plan):
    try:
        return plan.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{plan}: cannot be read: {error}") from None


def _is_done(options):
    """Tells that every output file of a verb exists. A verb that writes into a folder finds out
    by itself what is left to do."""
    outputs = [getattr(options, name, None) or [] for name in ("out", "chosen")]
    files = [path for found in outputs for path in (found if isinstance(found, list) else [found])]
    return bool(files) and all(path.is_file() for path in files)
