from bench.report.figures import figures

# The figures that this scale can draw, and the files that each is drawn from.
FIGURE_FILES = {
    name: files
    for name, declared in figures().items()
    if (files := declared.files(SCALE, LAYOUT)) is not None
}
FIGURES = [
    f"{DRAWN}/{name}.{kind}" for name in FIGURE_FILES for kind in ("png", "pdf", "csv")
]


rule figure:
    input:
        lambda w: FIGURE_FILES[w.name],
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
    benchmark:
        f"{RESULTS}/benchmarks/{{name}}.tsv"
    wildcard_constraints:
        name="|".join(FIGURE_FILES),
    threads: 1
    params:
        caption=lambda w: figures()[w.name].caption,
    shell:
        "{BENCH} figure {wildcards.name} --results {RESULTS} --out {output.png} > {log} 2>&1"
