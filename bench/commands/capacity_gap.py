"""capacity-gap: measure how much worse a model predicts when it is weakened."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import (
    add_config,
    add_device,
    add_out,
    add_text_states,
    check_text_states,
    choose_device,
)
from bench.config.load import load
from bench.files.atomic import write_text


def add_arguments(parser):
    add_config(parser)
    parser.add_argument(
        "--checkpoints", required=True, type=Path, nargs="+", help="snapshots of one run"
    )
    add_text_states(parser, "tuning or, of latents, reference")
    add_out(parser, "held-out velocity loss by snapshot, condition, gamma and t (.csv)")
    add_device(parser)


def run(options):
    import pandas as pd

    from bench.data.prompted import captioned_held_out, networks
    from bench.data.splits import held_out
    from bench.models.checkpoints import check_trained_with, load_checkpoint
    from bench.stages.capacity_gap import SAMPLES, capacity_gap

    device = choose_device(options.device)
    scale = load(options.config)
    check_text_states(options.text_states, scale)
    if scale.text:
        x, given = captioned_held_out(scale, SAMPLES, options.text_states)
    else:
        x, given = held_out(scale, SAMPLES)
    rows, encoded_with = [], networks(scale, options.text_states)
    for path in options.checkpoints:
        checkpoint = load_checkpoint(path, device)
        check_trained_with(checkpoint, path, encoded_with, "the held-out samples")
        of = {"run": checkpoint.description["run"], "step": checkpoint.description["step"]}
        rows += [of | row for row in capacity_gap(checkpoint, x, given, device)]
    write_text(options.out, pd.DataFrame(rows).to_csv(index=False))
    print(f"{options.out}: {len(rows)} rows")
