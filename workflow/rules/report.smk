from bench.report.evidence import Evidence

VIEWS = ("csv", "md", "html")
TABLES = [
    LAYOUT.table(number, kind)
    for number in ((4, 5) if SCALE.text else (1, 2, 3))
    for kind in VIEWS
]
CLAIMS = [LAYOUT.claims(kind) for kind in VIEWS]
# Claims rest on the rows and on every grid, distance and gap of the scale.
EVIDENCE = Evidence(SCALE, LAYOUT)
CLAIM_EVIDENCE = [METRICS, *EVIDENCE.grids(), *DISTANCES, *GAPS]


rule claims:
    input:
        CLAIM_EVIDENCE,
    output:
        csv=LAYOUT.claims("csv"),
        markdown=LAYOUT.claims("md"),
        page=report(
            LAYOUT.claims("html"),
            category="Claims",
            caption="../report/claims.rst",
            labels={"claims": "verdicts"},
        ),
    log:
        f"{LOGS}/claims.log",
    benchmark:
        f"{RESULTS}/benchmarks/claims.tsv"
    threads: 1
    shell:
        "{BENCH} claims --results {RESULTS} --out {output.csv} > {log} 2>&1"


rule table:
    input:
        METRICS,
        # The footnote tells their budget, and how good a synthetic preference score is.
        EVIDENCE.searches(),
        ACCURACIES,
    output:
        csv=LAYOUT.table("{number}", "csv"),
        markdown=LAYOUT.table("{number}", "md"),
        page=report(
            LAYOUT.table("{number}", "html"),
            category="Tables",
            caption="../report/table.rst",
            labels={"table": "{number}"},
        ),
    log:
        f"{LOGS}/table{{number}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/table{{number}}.tsv"
    threads: 1
    shell:
        "{BENCH} table {wildcards.number} --results {RESULTS} --out {output.csv} > {log} 2>&1"


rule summary:
    input:
        CLAIM_EVIDENCE,
        EVIDENCE.searches(),
        [LAYOUT.training_log(training) for training in SCALE.trainings],
    output:
        LAYOUT.summary,
    log:
        f"{LOGS}/summary.log",
    benchmark:
        f"{RESULTS}/benchmarks/summary.tsv"
    threads: 1
    shell:
        "{BENCH} summary --config {CONFIG} --results {RESULTS} --out {output} > {log} 2>&1"
