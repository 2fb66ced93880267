# Folders or tar shards of images become shards of latents.
rule list_images:
    output:
        f"{LATENTS}/{{split}}.csv",
    log:
        f"{LOGS}/list-images-{{split}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/list-images-{{split}}.tsv"
    wildcard_constraints:
        split="train|reference",
    threads: 1
    params:
        # No input: the folders of a cluster are listed when the rule runs, not when it is planned.
        source=lambda w: getattr(SCALE.latents, w.split),
        expected=lambda w: (
            f"{SCALE.latents.images[w.split]} {SCALE.latents.num_classes}"
            f" {SCALE.latents.score}"
        ),
    shell:
        "{BENCH} list-images --config {CONFIG} --split {wildcards.split} --out {output:q}"
        " > {log} 2>&1"


rule encode:
    input:
        images=f"{LATENTS}/{{split}}.csv",
        autoencoder=AUTOENCODER_FILES,
    output:
        f"{LATENTS}/{{split}}/shard-{{shard}}.safetensors",
    log:
        f"{LOGS}/encode/{{split}}-{{shard}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/encode/{{split}}-{{shard}}.tsv"
    wildcard_constraints:
        split="train|reference",
        shard=r"\d+",
    threads: 1
    resources:
        gpu=GPU,
        runtime=LIMITS["encode"],
    params:
        shard=lambda w: int(w.shard),
        source=lambda w: getattr(SCALE.latents, w.split),
        shards=lambda w: SCALE.latents.shards[w.split],
        pixels=f"{SCALE.latents.image_size} {SCALE.latents.unreadable}",
    shell:
        "{BENCH} encode --config {CONFIG} --split {wildcards.split} --images {input.images:q}"
        " --shard {params.shard} --autoencoder {AUTOENCODER:q} --out {output:q} > {log} 2>&1"


rule index_latents:
    input:
        lambda w: [
            f"{LATENTS}/{w.split}/{shard_name(index)}"
            for index in range(SCALE.latents.shards[w.split])
        ],
    output:
        f"{LATENTS}/{{split}}/{MANIFEST}",
    log:
        f"{LOGS}/index-latents-{{split}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/index-latents-{{split}}.tsv"
    wildcard_constraints:
        split="train|reference",
    threads: 1
    params:
        folder=lambda w: f"{LATENTS}/{w.split}",
    shell:
        "{BENCH} index-latents --shards {input:q} --folder {params.folder:q} > {log} 2>&1"
