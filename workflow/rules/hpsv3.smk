# Samples of the prompts of HPSv3's benchmark as images, and HPSv3's scores of them.
BENCHMARK = SCALE.hpsv3.benchmark


use rule sample as sample_hpsv3 with:
    input:
        checkpoint=lambda w: checkpoint(w.run, replicate(w)),
        weak=weak_checkpoint,
        autoencoder=AUTOENCODER_FILES,
        guidance=chosen_guidance,
        prompts=text_states("hpdv3"),
    output:
        LAYOUT.hpsv3_shard("{run}", "{method}", "{seed}", "{first}", "{end}"),
    log:
        f"{LOGS}/sample-hpsv3/{{run}}/{{method}}/seed-{{seed}}-{{first}}-{{end}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/sample-hpsv3/{{run}}/{{method}}/seed-{{seed}}-{{first}}-{{end}}.tsv"
    resources:
        gpu=GPU,
        runtime=LIMITS["sample_hpsv3"],


rule hpsv3_folder:
    input:
        samples=lambda w: [
            LAYOUT.hpsv3_shard(w.run, w.method, w.seed, first, end)
            for first, end in SCALE.hpsv3_shards
        ],
        text=text_states("hpdv3"),
    output:
        directory(LAYOUT.hpsv3_images("{run}", "{method}", "{seed}")),
    log:
        f"{LOGS}/hpsv3-folder/{{run}}/{{method}}/seed-{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/hpsv3-folder/{{run}}/{{method}}/seed-{{seed}}.tsv"
    threads: 1
    params:
        benchmark=BENCHMARK,
    shell:
        "{BENCH} hpsv3-folder --samples {input.samples} --text-states {input.text}"
        " --benchmark {params.benchmark:q} --out {output} > {log} 2>&1"


rule hpsv3:
    # In an environment of its own.
    input:
        LAYOUT.hpsv3_images("{run}", "{method}", "{seed}"),
    output:
        LAYOUT.hpsv3("{run}", "{method}", "{seed}"),
    log:
        f"{LOGS}/hpsv3/{{run}}/{{method}}/seed-{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/hpsv3/{{run}}/{{method}}/seed-{{seed}}.tsv"
    threads: 1
    resources:
        gpu=GPU,
        runtime=LIMITS["hpsv3"],
    params:
        benchmark=BENCHMARK,
        python=SCALE.hpsv3.python,
        weights=SCALE.hpsv3.weights,
    shell:
        "{BENCH} hpsv3 --images {input} --benchmark {params.benchmark:q}"
        " --python {params.python:q} --weights {params.weights:q} --out {output} > {log} 2>&1"
