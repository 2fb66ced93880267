METRICS = f"{RESULTS}/metrics.csv"
DISTANCES = [
    f"{RESULTS}/distances/{run}/{method}.csv" for run, method in SCALE.distance_cells
]
# Capacity gaps of the models that are trained from the start, where there are images to lose on.
GAPS = [
    f"{RESULTS}/gap/{name}.csv"
    for name, run in SCALE.runs.items()
    if SCALE.has_images and not run.initial
]


def cell_shards(stage):
    """Files of a cell by block and by index of their samples."""
    return [
        f"{RESULTS}/{stage}/{{run}}/{{method}}/seed-{seed}/{first}-{end}.safetensors"
        for seed in SCALE.measurement.seeds
        for first, end in SCALE.measurement.shards
    ]


def checkpoints_of_cell(wildcards):
    """The checkpoint of every replicate."""
    return [checkpoint(wildcards.run, replicate) for replicate in SCALE.replicates]


def weak_checkpoints_of_cell(wildcards):
    """The earlier checkpoint of every replicate, where the method evaluates one."""
    found = [
        SCALE.weak_checkpoint(wildcards.run, wildcards.method, replicate)
        for replicate in SCALE.replicates
    ]
    return [weights(*weak) for weak in found if weak]


def weak_options_of_cell(wildcards, input):
    return f"--weak-checkpoints {input.weak}" if input.weak else ""


rule omega_sweep:
    # Of the first replicate.
    input:
        checkpoint=lambda w: checkpoint(w.run),
        weak=weak_checkpoint,
        guidance=chosen_guidance,
        text=text_states("test"),
        autoencoder=AUTOENCODER_FILES,
    output:
        str(LAYOUT.omega_sweep("{run}", "{method}")),
    log:
        f"{LOGS}/omega-sweep/{{run}}/{{method}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/omega-sweep/{{run}}/{{method}}.tsv"
    threads: 1
    resources:
        gpu=GPU,
    params:
        guidance=guidance,
        text=text_option,
        weak=weak_options_of_cell,
        autoencoder=AUTOENCODER_OPTION,
        settings=lambda w: settings("sampling")
        + settings("measurement", "seeds")
        + settings("runs", read_snapshot(w.run).name, "omega_sweep"),
        plugins=PLUGIN_HASHES,
    shell:
        "{BENCH} omega-sweep --cell {CONFIG} {wildcards.run} {wildcards.method}"
        " --guidance {params.guidance:q} --checkpoints {input.checkpoint} {params.weak}"
        " {params.text} {params.autoencoder} --out {output} > {log} 2>&1"


rule throughput:
    # Of random weights, for speed does not depend on them.
    output:
        str(LAYOUT.throughput),
    log:
        f"{LOGS}/throughput.log",
    benchmark:
        f"{RESULTS}/benchmarks/throughput.tsv"
    threads: 1
    resources:
        gpu=GPU,
    params:
        run=SCALE.throughput.run if SCALE.throughput else "",
        model=(
            settings("runs", SCALE.throughput.run, "model") if SCALE.throughput else ""
        ),
        batch=SCALE.throughput.batch_size if SCALE.throughput else "",
        spacing=SCALE.throughput.spacing if SCALE.throughput else "",
        dtype=SCALE.sampling.dtype,
    shell:
        "{BENCH} speed --config {CONFIG} --run {params.run} --batch {params.batch}"
        " --spacing {params.spacing} --dtype {params.dtype} --out {output} > {log} 2>&1"


rule collect:
    input:
        [f"{RESULTS}/rows/{run}/{method}.csv" for run, method in SCALE.cells],
        # What bounds the metrics; of GenEval's prompts there are no images that would.
        [] if SCALE.geneval else f"{RESULTS}/rows/real.csv",
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
        text=text_states("reference" if SCALE.latents else "tuning"),
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
    params:
        text=text_option,
    shell:
        "{BENCH} capacity-gap --config {CONFIG} --checkpoints {input.checkpoints} {params.text}"
        " --out {output} > {log} 2>&1"


rule gpu:
    # Everything that is worth a GPU, up to features; of scales with prompts up to samples, which the
    # shapes world scores in the same job, and GenEval's detector in jobs of its own.
    input:
        [
            path.format(run=run, method=method)
            for run, method in SCALE.cells
            for path in cell_shards("samples" if SCALE.text else "features")
        ],
        [
            LAYOUT.hpsv3_shard(run, method, seed, first, end)
            for run, method in SCALE.cells
            for seed in SCALE.measurement.seeds
            for first, end in SCALE.hpsv3_shards
        ],
        DISTANCES,
        GAPS,
