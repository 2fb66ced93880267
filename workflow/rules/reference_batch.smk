# The published images that samples are compared with.
rule reference_features:
    input:
        reference=ancient(str(resolve(SCALE.inception.reference))),
        extractor=EXTRACTORS,
    output:
        f"{RESULTS}/features/real/reference.safetensors",
    log:
        f"{LOGS}/features/real-reference.log",
    benchmark:
        f"{RESULTS}/benchmarks/features/real-reference.tsv"
    threads: FEATURE_THREADS
    resources:
        gpu=GPU,
    shell:
        "{BENCH} features --reference-batch {input.reference:q}"
        " --extractor {input.extractor:q}"
        " --out {output} > {log} 2>&1"
