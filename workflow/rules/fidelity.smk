# Samples of a scale with classes, measured against real images.
PREVIEW = (
    f"--preview {SCALE.measurement.preview_samples}"
    if SCALE.measurement.preview_samples
    else ""
)


rule real_features:
    input:
        dataset=f"{LATENTS}/train.csv" if SCALE.latents else TRAINING_DATA,
        extractor=EXTRACTORS,
    output:
        f"{RESULTS}/features/real/train.safetensors",
    log:
        f"{LOGS}/features/real-train.log",
    benchmark:
        f"{RESULTS}/benchmarks/features/real-train.tsv"
    threads: FEATURE_THREADS
    resources:
        gpu=GPU,
    params:
        dataset=settings("dataset"),
        # The floor row measures as many real images as there are samples.
        limit=SCALE.measurement.samples,
        # How files become pixels: the size, and what becomes of an unreadable one.
        pixels=(
            f"{SCALE.latents.image_size} {SCALE.latents.unreadable}"
            if SCALE.latents
            else ""
        ),
    shell:
        "{BENCH} features --split {CONFIG} train --limit {params.limit}"
        " --extractor {input.extractor:q} --out {output} > {log} 2>&1"


rule evaluate_real:
    # The floor: metrics of real images, computed as for samples.
    input:
        features=f"{RESULTS}/features/real/train.safetensors",
        reference=f"{RESULTS}/features/real/reference.safetensors",
    output:
        f"{RESULTS}/rows/real.csv",
    log:
        f"{LOGS}/evaluate/real.log",
    benchmark:
        f"{RESULTS}/benchmarks/evaluate/real.tsv"
    threads: 1
    params:
        preview=PREVIEW,
    shell:
        "{BENCH} evaluate --features {input.features} --reference {input.reference}"
        " {params.preview}"
        " --cell {CONFIG} real train --out {output} > {log} 2>&1"


rule distance:
    input:
        samples=cell_shards("samples"),
        unguided=[
            path.replace("{method}", "unguided") for path in cell_shards("samples")
        ],
        network=LPIPS_BACKBONE if SCALE.latents else EXTRACTOR,
    output:
        f"{RESULTS}/distances/{{run}}/{{method}}.csv",
    log:
        f"{LOGS}/distance/{{run}}/{{method}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/distance/{{run}}/{{method}}.tsv"
    threads: 1
    resources:
        gpu=GPU,
    params:
        network="--lpips-backbone" if SCALE.latents else "--extractor",
    shell:
        "{BENCH} distance --samples {input.samples} --unguided {input.unguided}"
        " {params.network} {input.network:q} --out {output} > {log} 2>&1"
