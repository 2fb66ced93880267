VIEWS = ("csv", "md", "html")
TABLES = [
    f"{RESULTS}/tables/table{number}.{kind}" for number in (1, 2, 3) for kind in VIEWS
]
CLAIMS = [f"{RESULTS}/claims.{kind}" for kind in VIEWS]


# What a claim looks at besides the rows, as far as this scale has it.
CLAIM_EVIDENCE = (
    DISTANCES + GAPS + searches(*sorted({*AG_SG, *SG} & set(SCALE.tuned_cells)))
)


rule claims:
    input:
        METRICS,
        CLAIM_EVIDENCE,
    output:
        csv=f"{RESULTS}/claims.csv",
        markdown=f"{RESULTS}/claims.md",
        page=report(
            f"{RESULTS}/claims.html",
            category="Claims",
            caption="../report/claims.rst",
            labels={"claims": "verdicts"},
        ),
    log:
        f"{LOGS}/claims.log",
    threads: 1
    shell:
        "{BENCH} claims --results {RESULTS} --out {output.csv} > {log} 2>&1"


rule table:
    input:
        METRICS,
    output:
        csv=f"{RESULTS}/tables/table{{number}}.csv",
        markdown=f"{RESULTS}/tables/table{{number}}.md",
        page=report(
            f"{RESULTS}/tables/table{{number}}.html",
            category="Tables",
            caption="../report/table.rst",
            labels={"table": "{number}"},
        ),
    log:
        f"{LOGS}/table{{number}}.log",
    threads: 1
    shell:
        "{BENCH} table {wildcards.number} --results {RESULTS} --out {output.csv} > {log} 2>&1"


rule summary:
    input:
        METRICS,
        CLAIM_EVIDENCE,
        searches(*SCALE.tuned_cells),
        [f"{RESULTS}/checkpoints/{label}/log.csv" for label in SCALE.trainings],
    output:
        f"{RESULTS}/summary.rst",
    log:
        f"{LOGS}/summary.log",
    threads: 1
    shell:
        "{BENCH} summary --config {CONFIG} --results {RESULTS} --out {output} > {log} 2>&1"
