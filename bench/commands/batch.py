"""batch: run a list of verbs in one process, as far as a time allows."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

from bench.commands.options import positive
from bench.errors import BadInput

# Of sysexits.h: a temporary failure, the caller is invited to try again.
MORE_TO_DO = 75


def add_arguments(parser):
    parser.add_argument("plan", type=Path, help="a verb with its options per line")
    parser.add_argument(
        "--seconds",
        type=positive,
        help=f"begin no line after so many seconds, and exit with {MORE_TO_DO} if any is left",
    )


def run(options):
    from bench.__main__ import parse

    start = time.monotonic()
    try:
        lines = options.plan.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{options.plan}: cannot be read: {error}") from None
    for number, line in enumerate(lines, start=1):
        command, chosen = parse(shlex.split(line))
        if _is_done(chosen):
            continue
        seconds = time.monotonic() - start
        if options.seconds and seconds > options.seconds:
            print(f"{len(lines) - number + 1} of {len(lines)} lines are left; run it again")
            sys.exit(MORE_TO_DO)
        print(f"[{seconds:.0f} s, {number}/{len(lines)}] {line}", flush=True)
        command.run(chosen)


def _is_done(chosen):
    """Whether everything that the verb writes is there. One that writes into a folder of its own
    knows by itself what is left to do."""
    outputs = [getattr(chosen, name, None) or [] for name in ("out", "joined")]
    files = [path for found in outputs for path in (found if isinstance(found, list) else [found])]
    return bool(files) and all(path.is_file() for path in files)
