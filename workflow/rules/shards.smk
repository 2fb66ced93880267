# Cells of a scale with `hardware`: jobs of a GPU each, a shard of samples at a time.
rule sample:
    input:
        checkpoint=lambda w: checkpoint(w.run, replicate(w)),
        weak=weak_checkpoint,
        autoencoder=AUTOENCODER_FILES,
        guidance=chosen_guidance,
    output:
        f"{RESULTS}/samples/{{run}}/{{method}}/seed-{{seed}}/{{first}}-{{end}}.safetensors",
    log:
        f"{LOGS}/sample/{{run}}/{{method}}/seed-{{seed}}-{{first}}-{{end}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/sample/{{run}}/{{method}}/seed-{{seed}}-{{first}}-{{end}}.tsv"
    threads: 1
    resources:
        gpu=GPU,
        runtime=LIMITS["sample"],
    params:
        # Not of the input: such a parameter would not be watched for changes.
        guidance=guidance,
        weak=weak_option,
        autoencoder=AUTOENCODER_OPTION,
        sampling=" ".join(to_flags(SCALE.sampling)),
        plugins=" ".join(f"--plugin {shlex.quote(path)}" for path in SCALE.plugins),
        plugin_hashes=PLUGIN_HASHES,
    shell:
        "{BENCH} sample --checkpoint {input.checkpoint} {params.weak} {params.autoencoder}"
        " --guidance {params.guidance:q} --seed {wildcards.seed}"
        " --indices {wildcards.first}:{wildcards.end} {params.sampling} {params.plugins}"
        " --out {output} > {log} 2>&1"


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
