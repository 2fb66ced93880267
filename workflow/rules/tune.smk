def chosen_guidance(wildcards):
    """The spec that a search chose, as an input; none where the configuration gives a single one."""
    tuned = SCALE.method(wildcards.method).is_tuned
    return str(LAYOUT.chosen(wildcards.run, wildcards.method)) if tuned else []


def guidance(wildcards):
    """The spec of a cell: the file of the search's choice, or the only one, as JSON."""
    return chosen_guidance(wildcards) or json.dumps(
        SCALE.method(wildcards.method).example
    )


def parts_of_grid(wildcards):
    """The files that together hold a grid."""
    points = len(SCALE.method(wildcards.method).grid_points)
    return [
        f"{RESULTS}/grids/{wildcards.run}/{wildcards.method}/{first}-{end}.csv"
        for first, end in SCALE.tuning.grid_jobs(points)
    ]


# What candidates are measured with: the preference score of prompts, or the FID.
EVALUATOR = (
    [PREFERENCE]
    if SCALE.text
    else [EXTRACTOR, f"{RESULTS}/features/real/reference.safetensors"]
)


def evaluator_options(wildcards, input):
    """`EVALUATOR` as options."""
    if SCALE.text:
        return f"--prompts {input.prompts} --preference {input.evaluator}"
    extractor, reference = map(shlex.quote, input.evaluator)
    return f"--extractor {extractor} --reference {reference}"


rule search:
    input:
        checkpoint=lambda w: checkpoint(w.run),
        weak=weak_checkpoint,
        autoencoder=AUTOENCODER_FILES,
        prompts=text_states("tuning"),
        evaluator=EVALUATOR,
    output:
        all_rows=report(
            f"{RESULTS}/tuning/{{run}}/{{method}}.csv",
            category="Tuning",
            subcategory="{run}",
            caption="../report/search.rst",
            labels={"method": "{method}"},
        ),
        chosen=f"{RESULTS}/tuning/{{run}}/{{method}}.json",
    log:
        f"{LOGS}/search/{{run}}/{{method}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/search/{{run}}/{{method}}.tsv"
    # Long jobs first: otherwise they run alone at the end.
    priority: 5
    threads: 1
    resources:
        gpu=GPU,
        runtime=LIMITS["search"],
    params:
        weak=weak_option,
        autoencoder=AUTOENCODER_OPTION,
        evaluator=evaluator_options,
        settings=lambda w: settings("methods", read_snapshot(w.method).name)
        + settings("sampling")
        + settings("tuning"),
        plugins=PLUGIN_HASHES,
    shell:
        "{BENCH} search --config {CONFIG} --method {wildcards.method}"
        " --checkpoint {input.checkpoint} {params.weak} {params.autoencoder}"
        " {params.evaluator} --chosen {output.chosen} --out {output.all_rows} > {log} 2>&1"


rule grid:
    input:
        checkpoint=lambda w: checkpoint(w.run),
        weak=weak_checkpoint,
        autoencoder=AUTOENCODER_FILES,
        prompts=text_states("tuning"),
        evaluator=EVALUATOR,
    output:
        f"{RESULTS}/grids/{{run}}/{{method}}/{{first}}-{{end}}.csv",
    log:
        f"{LOGS}/grid/{{run}}/{{method}}/{{first}}-{{end}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/grid/{{run}}/{{method}}/{{first}}-{{end}}.tsv"
    priority: 5
    threads: 1
    resources:
        gpu=GPU,
        runtime=LIMITS["grid"],
    params:
        weak=weak_option,
        autoencoder=AUTOENCODER_OPTION,
        evaluator=evaluator_options,
        settings=lambda w: settings("methods", w.method, "guidance")
        + settings("methods", w.method, "grid")
        + settings("sampling")
        + json.dumps([SCALE.tuning.samples, SCALE.tuning.seed]),
        plugins=PLUGIN_HASHES,
    shell:
        "{BENCH} grid --config {CONFIG} --method {wildcards.method}"
        " --checkpoint {input.checkpoint} {params.weak} {params.autoencoder}"
        " --points {wildcards.first}:{wildcards.end} {params.evaluator}"
        " --out {output} > {log} 2>&1"


rule join_grid:
    input:
        parts_of_grid,
    output:
        f"{RESULTS}/grids/{{run}}/{{method}}.csv",
    log:
        f"{LOGS}/grid/{{run}}/{{method}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/grid/{{run}}/{{method}}.tsv"
    threads: 1
    shell:
        "{BENCH} collect --rows {input} --out {output} > {log} 2>&1"
