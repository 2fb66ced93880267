"""capacity-gap: measure how much worse a model predicts when it is weakened."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_config, add_device, add_out, choose_device
from bench.config.load import load
from bench.files.atomic import write_text


def add_arguments(parser):
    add_config(parser)
    parser.add_argument(
        "--checkpoints", required=True, type=Path, nargs="+", help="snapshots of one run"
    )
    add_out(parser, "held-out velocity loss by snapshot, condition, gamma and t (.csv)")
    add_device(parser)


def run(options):
    import pandas as pd

    from bench.data.splits import held_out
    from bench.models.checkpoints import load_checkpoint
    from bench.stages.capacity_gap import SAMPLES, capacity_gap

    device = choose_device(options.device)
    x, given = held_out(load(options.config), SAMPLES)
    rows = []
    for path in options.checkpoints:
        checkpoint = load_checkpoint(path, device)
        of = {"run": checkpoint.description["run"], "step": checkpoint.description["step"]}
        rows += [of | row for row in capacity_gap(checkpoint, x, given, device)]
    write_text(options.out, pd.DataFrame(rows).to_csv(index=False))
    print(f"{options.out}: {len(rows)} rows")
