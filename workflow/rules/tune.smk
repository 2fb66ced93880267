def searches_of_method(wildcards):
    """The searches that together cover a method's grid."""
    candidates = len(SCALE.method(wildcards.method).candidates)
    return [
        f"{RESULTS}/tuning/{wildcards.run}/{wildcards.method}/{first}-{end}.csv"
        for first, end in SCALE.tuning.jobs(candidates)
    ]


def chosen_guidance(wildcards):
    """The spec that a search chose, as an input; none where the configuration gives a single one."""
    tuned = SCALE.method(wildcards.method).is_tuned
    return f"{RESULTS}/tuning/{wildcards.run}/{wildcards.method}.json" if tuned else []


rule search:
    input:
        checkpoint=lambda w: checkpoint(w.run),
        weak=weak_checkpoint,
        autoencoder=AUTOENCODER_FILES,
        extractor=EXTRACTOR,
        reference=f"{RESULTS}/features/real/reference.safetensors",
    output:
        f"{RESULTS}/tuning/{{run}}/{{method}}/{{first}}-{{end}}.csv",
    log:
        f"{LOGS}/search/{{run}}/{{method}}/{{first}}-{{end}}.log",
    # Long jobs first: otherwise they run alone at the end.
    priority: 5
    threads: 1
    resources:
        gpu=GPU,
    params:
        weak=weak_option,
        autoencoder=autoencoder_option,
        settings=lambda w: settings("methods", read_snapshot(w.method).name)
        + settings("sampling")
        + settings("tuning"),
    shell:
        "{BENCH} search --config {CONFIG} --method {wildcards.method}"
        " --checkpoint {input.checkpoint} {params.weak} {params.autoencoder}"
        " --candidates {wildcards.first}:{wildcards.end}"
        " --extractor {input.extractor} --reference {input.reference}"
        " --out {output} > {log} 2>&1"


rule select:
    input:
        searches_of_method,
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
        f"{LOGS}/select/{{run}}/{{method}}.log",
    threads: 1
    shell:
        "{BENCH} select --searches {input} --all-rows {output.all_rows} --out {output.chosen}"
        " > {log} 2>&1"
