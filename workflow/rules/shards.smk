# Cells of a scale with `hardware`: jobs of a GPU each, a shard of samples at a time.
rule sample:
    input:
        checkpoint=lambda w: checkpoint(w.run, replicate(w)),
        weak=weak_checkpoint,
        autoencoder=AUTOENCODER_FILES,
        guidance=chosen_guidance,
        prompts=text_states("test"),
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
        prompts=prompts_option,
        sampling=" ".join(to_flags(SCALE.sampling)),
        plugins=" ".join(f"--plugin {shlex.quote(path)}" for path in SCALE.plugins),
        plugin_hashes=PLUGIN_HASHES,
    shell:
        "{BENCH} sample --checkpoint {input.checkpoint} {params.weak} {params.autoencoder}"
        " {params.prompts} --guidance {params.guidance:q} --seed {wildcards.seed}"
        " --indices {wildcards.first}:{wildcards.end} {params.sampling} {params.plugins}"
        " --out {output} > {log} 2>&1"
