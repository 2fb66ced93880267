if DATASET_FILES:

    rule fetch:
        output:
            [str(path) for path in files(SCALE.dataset)],
        log:
            f"{LOGS}/fetch.log",
        threads: 1
        params:
            dataset=SCALE.dataset,
            source=(
                f"--source '{SCALE.dataset_source}'" if SCALE.dataset_source else ""
            ),
        shell:
            "{BENCH} fetch {params.dataset} {params.source} > {log} 2>&1"


rule extractor:
    input:
        DATASET_FILES,
    output:
        f"{RESULTS}/extractor.safetensors",
    log:
        f"{LOGS}/extractor.log",
    threads: 1
    params:
        settings=settings("extractor") + settings("dataset"),
    shell:
        "{BENCH} extractor --config {CONFIG} --out {output} > {log} 2>&1"


rule real_features:
    input:
        dataset=DATASET_FILES,
        extractor=f"{RESULTS}/extractor.safetensors",
    output:
        f"{RESULTS}/features/real/{{split}}.safetensors",
    log:
        f"{LOGS}/features/real-{{split}}.log",
    wildcard_constraints:
        split="train|reference",
    threads: 1
    params:
        # The train split stands in for samples in the floor row, so it is as many.
        limit=lambda w: (
            f"--limit {SCALE.measurement.samples}" if w.split == "train" else ""
        ),
        dataset=settings("dataset"),
    shell:
        "{BENCH} features --split {CONFIG} {wildcards.split} {params.limit}"
        " --extractor {input.extractor} --out {output} > {log} 2>&1"
