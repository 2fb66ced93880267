# Drawn images of prompts: the preference score, and the cells that it and an exact detector measure.
rule preference:
    output:
        network=PREFERENCE,
        accuracies=LAYOUT.preference_accuracies,
    log:
        f"{LOGS}/preference.log",
    benchmark:
        f"{RESULTS}/benchmarks/preference.tsv"
    threads: 1
    params:
        seed=SCALE.text.seed,
    shell:
        "{BENCH} shapes-preference --seed {params.seed} --out {output.network} > {log} 2>&1"


rule prompt_bounds:
    # The ceiling and the floor of the scores, in the place of real images.
    input:
        PREFERENCE,
    output:
        f"{RESULTS}/rows/real.csv",
    log:
        f"{LOGS}/prompt-bounds.log",
    benchmark:
        f"{RESULTS}/benchmarks/prompt-bounds.tsv"
    threads: 1
    params:
        samples=SCALE.measurement.samples,
    shell:
        "{BENCH} prompt-bounds --config {CONFIG} --preference {input} --out {output}"
        " > {log} 2>&1"


rule measure_prompts:
    input:
        checkpoints=checkpoints_of_cell,
        weak=weak_checkpoints_of_cell,
        guidance=chosen_guidance,
        text=text_states("test"),
        preference=PREFERENCE,
    output:
        cell_shards("samples"),
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
        "{BENCH} measure-prompts --cell {CONFIG} {wildcards.run} {wildcards.method}"
        " --guidance {params.guidance:q} --checkpoints {input.checkpoints} {params.weak}"
        " --text-states {input.text} --preference {input.preference}"
        " --results {RESULTS} --out {output.rows} > {log} 2>&1"
