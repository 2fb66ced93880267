"""The work of a plan, a list of verbs, in one process."""

from __future__ import annotations

import re
import shlex
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from bench.config.load import config_hash
from bench.errors import BadInput
from bench.stages.finished_lines import FinishedLines, inputs_of

# The form of `header`.
HEADER = re.compile(r"# (?P<hash>\w+) is the hash of (?P<config>.+)")


def header(config: Path) -> str:
    """The first line of a plan that is made from a configuration."""
    return f"# {config_hash(config)} is the hash of {config}"


def batch(
    plan: Path,
    parse: Callable[[list[str]], tuple[ModuleType, Namespace]],
    seconds: float | None = None,
) -> int:
    """Runs the lines of ``plan``, a verb with its options each, and returns how many are left.

    A line is passed over where its outputs were made by this very line, from what its inputs are
    now: a file beside the plan tells. A verb that writes into a folder finds out by itself what is
    left to do. No line is begun after ``seconds``.

    Args:
        parse: gives the module and the options of a verb's command line.

    Raises:
        BadInput: the plan cannot be read, was made from other settings than its configuration has
            now, or one of its verbs refuses its input.
    """
    start = time.monotonic()
    lines, finished = _read(plan), FinishedLines(plan)
    for number, line in enumerate(lines, start=1):
        command, options = parse(shlex.split(line))
        outputs = _outputs(options)
        inputs = inputs_of(options, outputs)
        if outputs and finished.holds(line, inputs, outputs):
            continue
        passed = time.monotonic() - start
        if seconds and passed > seconds:
            return len(lines) - number + 1
        print(f"[{passed:.0f} s, {number}/{len(lines)}] {line}", flush=True)
        command.run(options)
        if written := _outputs(options):
            finished.add(line, inputs, written)
    return 0


def _read(plan):
    try:
        lines = plan.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError as error:
        raise BadInput(f"{plan}: cannot be read: {error}") from None
    made_from = HEADER.fullmatch(lines[0]) if lines else None
    if made_from and made_from["hash"] != config_hash(made_from["config"]):
        raise BadInput(
            f"{plan}: made from other settings than {made_from['config']} has now; make it anew "
            f"with `python -m bench plan --config {made_from['config']} --out {plan}`"
        )
    return [line for line in lines if line and not line.startswith("#")]


def _outputs(options):
    """The files that a verb writes; none where it writes into a folder."""
    named = [getattr(options, name, None) or [] for name in ("out", "chosen")]
    files = [path for found in named for path in (found if isinstance(found, list) else [found])]
    return [path for path in files if not path.is_dir()]
