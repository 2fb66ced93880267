TABLES = [
    f"{RESULTS}/tables/table{number}.{kind}"
    for number in (1, 2, 3)
    for kind in ("csv", "md")
]
METRICS = f"{RESULTS}/metrics.csv"


def sample_shards(*cells):
    """The first samples of cells, which a strip shows."""
    seed, (first, end) = min(SCALE.measurement.seeds), SCALE.measurement.shards[0]
    return [
        f"{RESULTS}/samples/{run}/{method}/seed-{seed}/{first}-{end}.safetensors"
        for run, method in cells
    ]


def routed(*methods):
    return [("routed", method) for method in methods]


NAIVE = routed(
    "unguided", "naive_sparsity_50", "naive_sparsity_70", "naive_sparsity_90"
)
GUIDED = routed("unguided", "cfg", "sparse_guidance_fid")
# figure -> the cells that it cannot do without, and what it is drawn from
FIGURE_DATA = {
    name: data
    for name, cells, data in (
        ("figure1", routed("unguided"), [METRICS]),
        ("figure2", GUIDED, [METRICS, *sample_shards(*GUIDED)]),
        ("figure4", NAIVE, [METRICS, *sample_shards(*NAIVE)]),
        (
            "figure6",
            routed("autoguidance_sparse_guidance"),
            [f"{RESULTS}/tuning/routed/autoguidance_sparse_guidance.csv"],
        ),
        ("capacity_gap", [], [f"{RESULTS}/gap/{run}.csv" for run in SCALE.runs]),
        ("pareto", [], [METRICS]),
        ("seed_noise", [], [METRICS]),
    )
    if set(cells) <= set(SCALE.cells)
}
FIGURES = [
    f"{DRAWN}/{name}.{kind}" for name in FIGURE_DATA for kind in ("png", "pdf", "csv")
]


# The searches that a claim looks at, as far as this scale has them.
CLAIM_SEARCHES = [
    f"{RESULTS}/tuning/{run}/{method}.csv"
    for run, method in (
        ("routed", "autoguidance_sparse_guidance"),
        ("routed", "sparse_guidance"),
        ("masked", "sparse_guidance"),
    )
    if (run, method) in SCALE.cells
]


rule claims:
    input:
        METRICS,
        CLAIM_SEARCHES,
    output:
        csv=report(
            f"{RESULTS}/claims.csv",
            category="Claims",
            caption="../report/claims.rst",
            labels={"file": "claims.csv"},
        ),
        markdown=f"{RESULTS}/claims.md",
    log:
        f"{LOGS}/claims.log",
    threads: 1
    shell:
        "{BENCH} claims --results {RESULTS} --out {output.csv} > {log} 2>&1"


rule table:
    input:
        METRICS,
    output:
        csv=report(
            f"{RESULTS}/tables/table{{number}}.csv",
            category="Tables",
            caption="../report/table.rst",
            labels={"table": "{number}"},
        ),
        markdown=f"{RESULTS}/tables/table{{number}}.md",
    log:
        f"{LOGS}/table{{number}}.log",
    threads: 1
    shell:
        "{BENCH} table {wildcards.number} --results {RESULTS} --out {output.csv} > {log} 2>&1"


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
