# Captions of images that become latents: more than memory holds, in shards.
rule encode_text_shard:
    input:
        # The captions stand beside the images.
        f"{LATENTS}/{{split}}.csv",
    output:
        f"{LAYOUT.text_shards('{split}')}/shard-{{shard}}.safetensors",
    log:
        f"{LOGS}/encode-text/{{split}}-{{shard}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/encode-text/{{split}}-{{shard}}.tsv"
    wildcard_constraints:
        split="train|reference",
        shard=r"\d+",
    # Trainings wait for them.
    priority: 20
    threads: 1
    resources:
        gpu=GPU,
        runtime=LIMITS["encode_text_shard"],
    params:
        shard=lambda w: int(w.shard),
        shards=lambda w: SCALE.latents.text_shards[w.split],
        settings=settings("text"),
    shell:
        "{BENCH} encode-text --split {CONFIG} {wildcards.split} --shard {params.shard}"
        " --out {output} > {log} 2>&1"


rule index_text:
    input:
        lambda w: [
            f"{LAYOUT.text_shards(w.split)}/{shard_name(index)}"
            for index in range(SCALE.latents.text_shards[w.split])
        ],
    output:
        f"{LAYOUT.text_shards('{split}')}/{MANIFEST}",
    log:
        f"{LOGS}/index-text-{{split}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/index-text-{{split}}.tsv"
    wildcard_constraints:
        split="train|reference",
    threads: 1
    params:
        folder=lambda w: LAYOUT.text_shards(w.split),
    shell:
        "{BENCH} index-text --shards {input} --folder {params.folder} > {log} 2>&1"
