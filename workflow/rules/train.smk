# As many processes as a training has GPUs, on one machine or on several nodes of Slurm.
GPUS = SCALE.hardware.training_gpus if SCALE.hardware else 0
NODES = SCALE.hardware.training_nodes if SCALE.hardware else 1
GPUS_PER_NODE = GPUS // NODES
TRAIN = f"{BENCH} train"
MEETING = "--standalone"
# The plugin takes the GPUs of a job or those of each node.
GPUS_OF_JOB = {"gpu": GPUS}
if NODES > 1:
    GPUS_OF_JOB = {
        "gres": f"gpu:{GPUS_PER_NODE}",
        # This command starts one process on each node, by itself.
        "mpi": "srun",
        "tasks": NODES,
        "tasks_per_gpu": 0,
    }
    # Slurm runs a job's command on the first of its nodes; there the processes meet, at a port
    # below those that systems give away.
    MEETING = (
        f"--nnodes={NODES} --rdzv-backend=c10d --rdzv-id=$SLURM_JOB_ID"
        " --rdzv-endpoint=$(hostname):$((20000 + SLURM_JOB_ID % 10000))"
    )
if GPUS > 1:
    # The -- keeps torchrun from reading the verb's options as its own.
    TRAIN = (
        f"{shlex.quote(sys.executable)} -m torch.distributed.run {MEETING}"
        f" --nproc-per-node={GPUS_PER_NODE} -m -- bench train"
    )
if NODES > 1:
    # All processes of a node share its CPUs; when a node's fail, the other nodes' end, too.
    TRAIN = f"srun --nodes={NODES} --ntasks-per-node=1 --cpu-bind=none --kill-on-bad-exit {TRAIN}"

for segment in SCALE.segments:
    training = segment.training
    initial = SCALE.trainings[training]
    kept_steps = SCALE.run(training.run).kept_steps

    rule:
        name:
            f"train_{segment}".replace("/", "_").replace("-", "_")
        input:
            dataset=TRAINING_DATA,
            initial=checkpoint(initial, training.replicate) if initial else [],
            text=text_states("train"),
            # It goes on after these. All earlier ones are named, for two jobs at once would
            # turn each other away; and `ancient`, for one that was put back is no other one.
            earlier=[
                ancient(weights(training, s)) for s in kept_steps if s <= segment.start
            ],
        output:
            [weights(training, s) for s in segment.kept_steps],
            [LAYOUT.training_log(training)] if segment.is_last else [],
        log:
            f"{LOGS}/train/{segment}.log",
        benchmark:
            f"{RESULTS}/benchmarks/train/{segment}.tsv"
        priority: 10
        threads: 1
        resources:
            **GPUS_OF_JOB,
            # Without a number of nodes Slurm may give the GPUs of two.
            nodes=NODES,
            cpus_per_gpu=SCALE.run(training.run).training.workers + 1,
            # On each node, of each GPU's process and its data workers.
            mem_mb=16000 * GPUS_PER_NODE,
            runtime=segment_limit(SCALE, segment),
        params:
            run=training.run,
            replicate=training.replicate + 1,
            out=f"{RESULTS}/checkpoints/{training}",
            until=segment.end,
            initial=lambda w, input: (
                f"--initial {input.initial}" if input.initial else ""
            ),
            text=text_option,
            # Of latents, the size and the number of classes follow from other settings.
            data=f"{SCALE.dataset_info}",
            settings=settings("dataset")
            + settings("text")
            + settings("runs", read_snapshot(training.run).name, "model")
            + settings("runs", read_snapshot(training.run).name, "training"),
        shell:
            "{TRAIN} --config {CONFIG} --run {params.run}"
            " --replicate {params.replicate} --until {params.until} --out {params.out}"
            " {params.initial} {params.text} > {log} 2>&1"
