# Samples of a scale with `hardware`: their features, and the metrics that follow.
rule features:
    input:
        samples=cell_shards("samples"),
        extractor=EXTRACTORS,
    output:
        cell_shards("features"),
    log:
        f"{LOGS}/features/{{run}}/{{method}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/features/{{run}}/{{method}}.tsv"
    threads: FEATURE_THREADS
    resources:
        gpu=GPU,
        runtime=LIMITS["features"],
    shell:
        "{BENCH} features --samples {input.samples} --extractor {input.extractor:q}"
        " --out {output} > {log} 2>&1"


rule evaluate:
    input:
        features=cell_shards("features"),
        reference=f"{RESULTS}/features/real/reference.safetensors",
    output:
        f"{RESULTS}/rows/{{run}}/{{method}}.csv",
    log:
        f"{LOGS}/evaluate/{{run}}/{{method}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/evaluate/{{run}}/{{method}}.tsv"
    threads: 1
    params:
        preview=PREVIEW,
    shell:
        "{BENCH} evaluate --features {input.features} --reference {input.reference}"
        " {params.preview}"
        " --cell {CONFIG} {wildcards.run} {wildcards.method} --out {output} > {log} 2>&1"
