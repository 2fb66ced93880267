from bench.commands.figure import SAMPLE_GRIDS


def measured(*cells):
    """Whether this scale has all of these cells."""
    return set(cells) <= set(SCALE.cells)


def searched(*cells):
    """Whether it searches both sparsities of these cells: contours need two values of each."""
    return measured(*cells) and all(
        len(SCALE.method(method).search.get(gamma, ())) > 1
        for _, method in cells
        for gamma in ("gamma_strong", "gamma_weak")
    )


def routed(*methods):
    return [("routed", method) for method in methods]


def first_samples(*cells):
    """The shards that a strip shows."""
    seed, (first, end) = min(SCALE.measurement.seeds), SCALE.measurement.shards[0]
    return [
        f"{RESULTS}/samples/{run}/{method}/seed-{seed}/{first}-{end}.safetensors"
        for run, method in cells
    ]


def searches(*cells):
    return [f"{RESULTS}/tuning/{run}/{method}.csv" for run, method in cells]


def last_checkpoints(*runs):
    return [checkpoint(run) for run in runs if run in SCALE.runs]


GUIDED = routed("unguided", "cfg", "sparse_guidance_fid")
NAIVE = routed(
    "unguided", "naive_sparsity_50", "naive_sparsity_70", "naive_sparsity_90"
)
AG_SG = routed("autoguidance_sparse_guidance")
SPARSE_RUNS = ("routed", "masked")
SG = [(run, "sparse_guidance") for run in SPARSE_RUNS]
# Cells on snapshots, and the same methods on the trained models.
PROGRESS = {
    (label, method)
    for run, method in SCALE.cells
    if read_snapshot(run).step
    for label in (run, read_snapshot(run).name)
} & set(SCALE.cells)

# figure, whether this scale has what it needs, what it is drawn from
FIGURE_TABLE = [
    ("figure1", measured(*routed("unguided")), [METRICS]),
    ("figure2", measured(*GUIDED), [METRICS, *first_samples(*GUIDED)]),
    ("figure3", set(SPARSE_RUNS) <= set(SCALE.runs), last_checkpoints(*SPARSE_RUNS)),
    ("figure4", measured(*NAIVE), [METRICS, *first_samples(*NAIVE)]),
    ("figure5", bool(PROGRESS), [METRICS, *first_samples(*sorted(PROGRESS))]),
    ("figure6", searched(*AG_SG), searches(*AG_SG)),
    ("figure7", len(DISTANCES) == 2, [METRICS, *DISTANCES]),
    ("figure8", searched(*SG), searches(*SG)),
    *(
        (name, measured(*routed(method)), first_samples(*routed(method)))
        for name, method in SAMPLE_GRIDS.items()
    ),
    ("capacity_gap", True, GAPS),
    ("pareto", True, [METRICS]),
    ("seed_noise", True, [METRICS]),
]
FIGURE_DATA = {name: data for name, drawable, data in FIGURE_TABLE if drawable}
FIGURES = [
    f"{DRAWN}/{name}.{kind}" for name in FIGURE_DATA for kind in ("png", "pdf", "csv")
]


rule figure:
    input:
        lambda w: FIGURE_DATA[w.name],
    output:
        png=report(
            f"{DRAWN}/{{name}}.png",
            category="Figures",
            caption="../report/figure.rst",
            labels={"figure": "{name}"},
        ),
        pdf=f"{DRAWN}/{{name}}.pdf",
        csv=f"{DRAWN}/{{name}}.csv",
    log:
        f"{LOGS}/{{name}}.log",
    wildcard_constraints:
        name="|".join(FIGURE_DATA),
    threads: 1
    shell:
        "{BENCH} figure {wildcards.name} --results {RESULTS} --out {output.png} > {log} 2>&1"
