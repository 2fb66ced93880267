TABLES = [
    f"{RESULTS}/tables/table{number}.{kind}"
    for number in (1, 2, 3)
    for kind in ("csv", "md")
]


# What a claim looks at besides the rows, as far as this scale has it.
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
        DISTANCES,
        GAPS,
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
