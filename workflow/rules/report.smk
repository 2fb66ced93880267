TABLES = [
    f"{RESULTS}/tables/table{number}.{kind}"
    for number in (1, 2, 3)
    for kind in ("csv", "md")
]
# A figure that views a search needs the cells that were searched.
FIGURES = (
    [f"{DRAWN}/figure6.{kind}" for kind in ("png", "pdf", "csv")]
    if ("routed", "autoguidance_sparse_guidance") in SCALE.cells
    else []
)


rule table:
    input:
        f"{RESULTS}/metrics.csv",
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


rule figure6:
    input:
        f"{RESULTS}/tuning/routed/autoguidance_sparse_guidance.csv",
    output:
        png=report(
            f"{DRAWN}/figure6.png",
            category="Figures",
            caption="../report/figure6.rst",
            labels={"figure": "6"},
        ),
        pdf=f"{DRAWN}/figure6.pdf",
        csv=f"{DRAWN}/figure6.csv",
    log:
        f"{LOGS}/figure6.log",
    threads: 1
    shell:
        "{BENCH} figure 6 --results {RESULTS} --out {output.png} > {log} 2>&1"
