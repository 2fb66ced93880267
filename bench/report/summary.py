"""The report's front page: scope, machine, time and main results of a run of the suite."""

from __future__ import annotations

import pandas as pd

from bench.config.scale import Scale
from bench.files.csv_rows import read_rows
from bench.report.claims import settle
from bench.report.methods import display_name
from bench.report.prompt_tables import our_rows, table_of
from bench.report.reading import read_specs
from bench.report.rows import Rows
from bench.report.statistics import SPREAD
from bench.report.timing import occupation, read_jobs
from bench.results import Results

# Methods on the routed model whose numbers come first, where the scale has them.
HEADLINES = (
    "unguided",
    "cfg",
    "sparse_guidance",
    "sparse_guidance_flops",
    "sparse_guidance_fid",
)


def to_rst(scale: Scale, results: Results) -> str:
    """Writes lists in reStructuredText: the main results, the models and cells, the searches that
    may have been too narrow, and the core time."""
    rows = read_rows(results.metrics, "device", "torch", "git_commit", "wall_seconds")
    sections = {
        "Headlines": _prompt_headlines(results) if scale.text else _headlines(results),
        "What was run": _scope(scale, rows),
        "Where a wider search might find better": _narrow_searches(scale, results),
        "How long it took": _times(scale, rows, results),
    }
    return "\n".join(
        f"**{title}**\n\n" + "".join(f"- {line}\n" for line in lines)
        for title, lines in sections.items()
    )


def omega_at_an_end(search: pd.DataFrame, best: int) -> float | None:
    """The omega of the row ``best`` of a search where it is the largest or the smallest searched,
    so that a wider search might find a better one; None where it lies between others or was not
    searched."""
    omegas = search["omega"] if "omega" in search else pd.Series(dtype=float)
    if omegas.nunique() < 2:
        return None
    return omegas[best] if omegas[best] in (omegas.min(), omegas.max()) else None


def _prompt_headlines(results):
    measured = Rows(results.metrics)
    preference, geneval = (our_rows(number, measured) for number in (4, 5))
    (name,) = table_of(4, preference).scores
    rows = geneval.dropna(subset="geneval").merge(preference[["run", "method", "preference"]])
    unguided = rows.loc[
        (rows["run"] == "routed") & (rows["method"] == "unguided"), "linear_gmacs"
    ].max()
    for row in rows.itertuples():
        scores = f"GenEval {row.geneval:.3f}"
        if pd.notna(row.preference):
            scores += f", {name} {row.preference:.3f}"
        cost = f", at {row.linear_gmacs / unguided:.2f} times the MACs of unguided, routed"
        yield f"{row.label}: {scores}{cost if row.source == 'ours' else ''}"
    yield _verdicts(results)


def _headlines(results):
    rows = Rows(results.metrics)
    cells = rows.summarize().set_index(["run", "method"])
    unguided = cells["linear_gmacs"].get(("routed", "unguided"))
    for method in HEADLINES:
        if ("routed", method) in cells.index:
            cell = cells.loc["routed", method]
            cost = f", at {cell.linear_gmacs / unguided:.2f} times its MACs" if unguided else ""
            fid = f"{cell.fid:.2f} ± {cell.fid_sd:.2f}"
            yield f"{display_name(method)} on the routed model: FID {fid}{cost}"
    yield _verdicts(results)


def _verdicts(results):
    verdicts = settle(results)["verdict"].value_counts()
    counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    return f"Claims of the paper: {counts}"


def _scope(scale, rows):
    measurement, tuning = scale.measurement, scale.tuning
    for name, run in scale.runs.items():
        model = scale.model(run)
        kind = f"route {list(model.route)}" if model.route else "a decoder" if model.decoder else ""
        size = f"width {model.hidden_size}, {model.depth} blocks, {model.tokens} tokens"
        yield f"{name}: {', '.join(filter(None, [size, kind]))}; {_origin(run)}"
    yield (
        f"{len(scale.cells)} cells, each on {len(measurement.seeds)} replicates of "
        f"{measurement.samples:,} samples ({SPREAD[measurement.retrain]}); {tuning.candidates} "
        f"candidates in each of {len(scale.tuned_cells)} searches, on {tuning.samples} samples each"
    )
    for column, name in (("device", "Device"), ("torch", "PyTorch"), ("git_commit", "Code")):
        yield f"{name}: {'; '.join(rows[column].dropna().astype(str).unique())}"


def _narrow_searches(scale, results):
    column = "preference" if scale.text else "fid"
    ends = {}
    for cell in scale.tuned_cells:
        search = read_specs(results.search(*cell), column)
        best = search[column].idxmax() if scale.text else search[column].idxmin()
        ends[cell] = omega_at_an_end(search, best)
    # Runs as literals: a name with an @ would become the link of a mail address.
    return [
        f"{display_name(method)} on ``{run}``: its best omega, {omega:g}, is at an end of those "
        "searched"
        for (run, method), omega in ends.items()
        if omega is not None
    ] or ["nowhere"]


def _origin(run):
    if run.pretrained:
        return f"published weights ({run.pretrained.weights[run.last_step]})"
    training = run.training
    start = f", from {run.initial}" if run.initial else ""
    steps = f"{training.steps:,} steps of {training.batch_size}"
    return f"{steps} at γ = {training.gamma:g}{start}"


def _times(scale, rows, results):
    training = sum(_training_seconds(scale, results, name) for name in scale.trainings)
    searches = [read_rows(results.search(*cell), "wall_seconds") for cell in scale.tuned_cells]
    grids = [read_rows(results.grid(*cell), "wall_seconds") for cell in scale.grid_cells]
    stages = {
        "training": training,
        "search": sum(search["wall_seconds"].sum() for search in searches),
        "grids": sum(grid["wall_seconds"].sum() for grid in grids),
        "sampling": rows["wall_seconds"].sum(),
    }
    for stage, seconds in stages.items():
        yield f"{stage}: {seconds / 60:.0f} minutes, summed over jobs"
    found = occupation(read_jobs(results.benchmarks))
    # A record that an earlier run's stages are missing from tells nothing.
    if found.busy >= sum(stages.values()) > 0:
        yield _shares(found, sum(stages.values()))


def _shares(found, computing):
    """The shares of the time that could have been used; what a job does beside its stage is
    starting, reading, measuring and writing."""
    parts = {
        "computing the above": computing,
        "starting processes, measuring and writing": found.busy - computing,
        "idle": found.available - found.busy,
    }
    shares = ", ".join(
        f"{name} {100 * seconds / found.available:.0f} %" for name, seconds in parts.items()
    )
    return (
        f"{found.jobs} jobs in {found.elapsed / 60:.0f} minutes, at most {found.at_once} at once: "
        f"{shares}"
    )


def _training_seconds(scale, results, training):
    log = read_rows(results.training_log(training), "step", "images_per_second")
    steps = log["step"].diff().fillna(log["step"])
    batch_size = scale.run(training.run).training.batch_size
    return (steps * batch_size / log["images_per_second"]).sum()
