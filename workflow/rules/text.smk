# What a frozen text encoder makes of captions and prompts.
rule encode_text:
    output:
        LAYOUT.text_states("{part}"),
    log:
        f"{LOGS}/encode-text/{{part}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/encode-text/{{part}}.tsv"
    wildcard_constraints:
        part="|".join(SCALE.text_files),
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
                "tuning": SCALE.tuning.samples,
                "test": SCALE.measurement.samples,
                "hpdv3": settings("hpsv3", "benchmark"),
            }[w.part]
        ),
    shell:
        "{BENCH} encode-text --split {CONFIG} {wildcards.part} --out {output} > {log} 2>&1"
