"""The report's front page: what was run, where, for how long, and what came out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.config.runs import read_snapshot
from bench.config.scale import Scale
from bench.files.csv_rows import read_rows
from bench.report.cells import summarize
from bench.report.claims import settle
from bench.report.rows import Rows
from bench.report.searches import omega_at_an_end, read_search

# Of the routed model, where the scale has them.
HEADLINES = {
    "unguided": "unguided",
    "cfg": "CFG",
    "sparse_guidance": "SG",
    "sparse_guidance_flops": "SG_FLOPS",
    "sparse_guidance_fid": "SG_FID",
}


def to_rst(scale: Scale, results: Path) -> str:
    """Lists in reStructuredText: the headline numbers, what was run, where its searches were too
    narrow, and its core time."""
    rows = Rows(results)
    sections = {
        "Headlines": _headlines(rows, results),
        "What was run": _scope(scale, rows),
        "Where a wider search might find better": _narrow_searches(scale, results),
        "How long it took": _times(scale, rows, results),
    }
    return "\n".join(
        f"**{title}**\n\n" + "".join(f"- {line}\n" for line in lines)
        for title, lines in sections.items()
    )


def _headlines(rows, results):
    cells = summarize(rows).set_index(["run", "method"])
    unguided = cells["linear_gmacs"].get(("routed", "unguided"))
    for method, name in HEADLINES.items():
        if ("routed", method) in cells.index:
            cell = cells.loc["routed", method]
            cost = f", at {cell.linear_gmacs / unguided:.2f} times its MACs" if unguided else ""
            yield f"{name} on the routed model: FID {cell.fid:.2f} ± {cell.fid_sd:.2f}{cost}"
    verdicts = settle(results)["verdict"].value_counts()
    counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    yield f"Claims of the paper: {counts}"


def _scope(scale, rows):
    measurement, tuning = scale.measurement, scale.tuning
    for name, run in scale.runs.items():
        model = scale.model(run)
        kind = f"route {list(model.route)}" if model.route else "a decoder" if model.decoder else ""
        size = f"width {model.hidden_size}, {model.depth} blocks, {model.tokens} tokens"
        yield f"{name}: {', '.join(filter(None, [size, kind]))}; {_origin(run)}"
    candidates = sum(len(scale.method(method).candidates) for _, method in scale.tuned_cells)
    yield (
        f"{len(scale.cells)} cells, each on {len(measurement.seeds)} blocks of "
        f"{measurement.samples:,} samples; {candidates} candidates searched on {tuning.samples} "
        "samples each"
    )
    for column, what in (("device", "Device"), ("torch", "PyTorch"), ("git_commit", "Code")):
        yield f"{what}: {'; '.join(rows.frame[column].dropna().astype(str).unique())}"


def _narrow_searches(scale, results):
    ends = {
        (run, method): omega_at_an_end(read_search(results, run, method))
        for run, method in scale.tuned_cells
    }
    # As literals: what has an @ would become the link of a mail address.
    return [
        f"``{method}`` on ``{run}``: its best omega, {omega:g}, is at an end of those searched"
        for (run, method), omega in ends.items()
        if omega is not None
    ] or ["nowhere"]


def _origin(run):
    if run.pretrained:
        return f"published weights ({run.pretrained.weights[run.last_step]})"
    training = run.training
    start = f", from {run.initial}" if run.initial else ""
    steps = f"{training.steps:,} steps of {training.batch_size}"
    return f"{steps} at sparsity {training.gamma:g}{start}"


def _times(scale, rows, results):
    training = sum(_training_seconds(scale, results, label) for label in scale.trainings)
    searches = [
        read_rows(results / "tuning" / run / f"{method}.csv", "wall_seconds")
        for run, method in scale.tuned_cells
    ]
    stages = {
        "training": training,
        "search": pd.concat(searches)["wall_seconds"].sum(),
        "sampling": rows.frame["wall_seconds"].sum(),
    }
    for stage, seconds in stages.items():
        yield f"{stage}: {seconds / 60:.0f} minutes, summed over jobs"


def _training_seconds(scale, results, label):
    log = read_rows(results / "checkpoints" / label / "log.csv", "step", "images_per_second")
    steps = log["step"].diff().fillna(log["step"])
    batch_size = scale.runs[read_snapshot(label).name].training.batch_size
    return (steps * batch_size / log["images_per_second"]).sum()
