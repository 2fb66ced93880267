METRICS = f"{RESULTS}/metrics.csv"
PREVIEW = (
    f"--preview {SCALE.measurement.preview_samples}"
    if SCALE.measurement.preview_samples
    else ""
)
DISTANCES = [
    f"{RESULTS}/distances/{run}/{method}.csv" for run, method in SCALE.distance_cells
]
# Capacity gaps of the models that are trained from the start.
GAPS = [
    f"{RESULTS}/gap/{name}.csv" for name, run in SCALE.runs.items() if not run.initial
]


def cell_shards(stage):
    """Files of a cell by block and by index of their samples."""
    return [
        f"{RESULTS}/{stage}/{{run}}/{{method}}/seed-{seed}/{first}-{end}.safetensors"
        for seed in SCALE.measurement.seeds
        for first, end in SCALE.measurement.shards
    ]


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


rule collect:
    input:
        [f"{RESULTS}/rows/{run}/{method}.csv" for run, method in SCALE.cells],
        f"{RESULTS}/rows/real.csv",
    output:
        report(
            METRICS,
            category="Provenance",
            caption="../report/metrics.rst",
            labels={"file": "metrics.csv"},
        ),
    log:
        f"{LOGS}/collect.log",
    benchmark:
        f"{RESULTS}/benchmarks/collect.tsv"
    threads: 1
    shell:
        "{BENCH} collect --rows {input} --out {output} > {log} 2>&1"


rule capacity_gap:
    input:
        dataset=HELD_OUT_DATA,
        checkpoints=lambda w: [
            weights(w.run, step) for step in SCALE.run(w.run).kept_steps
        ],
    output:
        f"{RESULTS}/gap/{{run}}.csv",
    log:
        f"{LOGS}/capacity-gap/{{run}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/capacity-gap/{{run}}.tsv"
    threads: 1
    resources:
        gpu=GPU,
    shell:
        "{BENCH} capacity-gap --config {CONFIG} --checkpoints {input.checkpoints} --out {output}"
        " > {log} 2>&1"


rule gpu:
    # Everything that is worth a GPU, up to features; the rest takes minutes on a CPU.
    input:
        [
            path.format(run=run, method=method)
            for run, method in SCALE.cells
            for path in cell_shards("features")
        ],
        DISTANCES,
        GAPS,
