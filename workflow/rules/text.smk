# What a frozen text encoder makes of captions and prompts.
rule encode_text:
    input:
        # The captions of latents stand beside their images.
        lambda w: (
            f"{LATENTS}/{w.part}.csv"
            if SCALE.latents and w.part in ("train", "reference")
            else []
        ),
    output:
        f"{RESULTS}/text/{{part}}.safetensors",
    log:
        f"{LOGS}/encode-text/{{part}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/encode-text/{{part}}.tsv"
    wildcard_constraints:
        part="train|reference|tuning|test|hpdv3",
    # Trainings wait for them.
    priority: 20
    threads: 1
    resources:
        gpu=GPU,
        runtime=LIMITS["encode_text"],
    params:
        settings=lambda w: settings("text")
        + settings("dataset")
        + (settings("geneval", "prompts") if SCALE.geneval else "")
        + str(
            {
                "train": None,
                "reference": None,
                "tuning": SCALE.tuning.samples,
                "test": SCALE.measurement.samples,
                "hpdv3": settings("hpsv3", "benchmark"),
            }[w.part]
        ),
    shell:
        "{BENCH} encode-text --split {CONFIG} {wildcards.part} --out {output} > {log} 2>&1"
