# Cells of a small scale: all blocks of a cell in one job, for starting a process takes seconds.
rule measure:
    input:
        checkpoints=checkpoints_of_cell,
        weak=weak_checkpoints_of_cell,
        guidance=chosen_guidance,
        extractor=EXTRACTORS,
        reference=f"{RESULTS}/features/real/reference.safetensors",
    output:
        cell_shards("samples"),
        cell_shards("features"),
        rows=f"{RESULTS}/rows/{{run}}/{{method}}.csv",
    log:
        f"{LOGS}/measure/{{run}}/{{method}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/measure/{{run}}/{{method}}.tsv"
    threads: 1
    params:
        # Not of the input: such a parameter would not be watched for changes.
        guidance=guidance,
        weak=weak_options_of_cell,
        settings=settings("sampling") + settings("measurement"),
        plugins=PLUGIN_HASHES,
    shell:
        "{BENCH} measure --cell {CONFIG} {wildcards.run} {wildcards.method}"
        " --guidance {params.guidance:q} --checkpoints {input.checkpoints} {params.weak}"
        " --extractor {input.extractor:q} --reference {input.reference}"
        " --results {RESULTS} --out {output.rows} > {log} 2>&1"
