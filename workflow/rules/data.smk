# Images of a small scale, and the classifier that it is measured with.
if files(SCALE.dataset):

    rule fetch:
        output:
            [str(path) for path in files(SCALE.dataset)],
        log:
            f"{LOGS}/fetch.log",
        benchmark:
            f"{RESULTS}/benchmarks/fetch.tsv"
        localrule: True
        threads: 1
        params:
            dataset=SCALE.dataset,
            source=(
                f"--source {shlex.quote(SCALE.dataset_source)}"
                if SCALE.dataset_source
                else ""
            ),
        shell:
            "{BENCH} fetch {params.dataset} {params.source} > {log} 2>&1"


rule extractor:
    input:
        TRAINING_DATA,
    output:
        f"{RESULTS}/extractor.safetensors",
    log:
        f"{LOGS}/extractor.log",
    benchmark:
        f"{RESULTS}/benchmarks/extractor.tsv"
    threads: 1
    params:
        settings=settings("extractor") + settings("dataset"),
    shell:
        "{BENCH} extractor --config {CONFIG} --out {output} > {log} 2>&1"


rule reference_features:
    input:
        dataset=HELD_OUT_DATA,
        extractor=EXTRACTORS,
    output:
        f"{RESULTS}/features/real/reference.safetensors",
    log:
        f"{LOGS}/features/real-reference.log",
    benchmark:
        f"{RESULTS}/benchmarks/features/real-reference.tsv"
    threads: 1
    params:
        dataset=settings("dataset"),
    shell:
        "{BENCH} features --split {CONFIG} reference --extractor {input.extractor:q}"
        " --out {output} > {log} 2>&1"
