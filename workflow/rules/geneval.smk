# Samples of GenEval's prompts as images, and the detector's verdict on them.
DETECTOR = str(resolve(SCALE.geneval.detector))
CLIP = str(resolve(SCALE.geneval.clip))
PROMPTS = str(SCALE.geneval.prompts_path)


def hpsv3_option(wildcards, input):
    return f"--hpsv3 {input.hpsv3}" if input.hpsv3 else ""


rule geneval_folder:
    input:
        samples=lambda w: [
            LAYOUT.shard(w.run, w.method, w.seed, first, end)
            for first, end in SCALE.measurement.shards
        ],
        text=text_states("test"),
        prompts=ancient(PROMPTS),
    output:
        directory(LAYOUT.geneval_images("{run}", "{method}", "{seed}")),
    log:
        f"{LOGS}/geneval-folder/{{run}}/{{method}}/seed-{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/geneval-folder/{{run}}/{{method}}/seed-{{seed}}.tsv"
    threads: 1
    shell:
        "{BENCH} geneval-folder --samples {input.samples} --text-states {input.text}"
        " --prompts {input.prompts:q} --out {output} > {log} 2>&1"


rule evaluate_prompts:
    input:
        samples=cell_shards("samples"),
        images=[
            LAYOUT.geneval_images("{run}", "{method}", seed)
            for seed in SCALE.measurement.seeds
        ],
        detector=ancient(DETECTOR),
        clip=ancient(CLIP),
        hpsv3=[
            LAYOUT.hpsv3("{run}", "{method}", seed)
            for seed in SCALE.measurement.seeds
            if SCALE.hpsv3
        ],
    output:
        judged=[
            LAYOUT.geneval("{run}", "{method}", seed)
            for seed in SCALE.measurement.seeds
        ],
        rows=f"{RESULTS}/rows/{{run}}/{{method}}.csv",
    log:
        f"{LOGS}/evaluate-prompts/{{run}}/{{method}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/evaluate-prompts/{{run}}/{{method}}.tsv"
    threads: 1
    resources:
        gpu=GPU,
        runtime=LIMITS["evaluate_prompts"],
    params:
        hpsv3=hpsv3_option,
    shell:
        "{BENCH} evaluate-prompts --cell {CONFIG} {wildcards.run} {wildcards.method}"
        " --samples {input.samples} --images {input.images} --detector {input.detector:q}"
        " --clip {input.clip:q} {params.hpsv3} --judged {output.judged} --out {output.rows}"
        " > {log} 2>&1"
