# As many processes as a training has GPUs, on one machine.
GPUS = SCALE.hardware.training_gpus if SCALE.hardware else 0
TRAIN = f"{BENCH} train"
if GPUS > 1:
    # The -- keeps torchrun from reading the verb's options as its own.
    TRAIN = (
        f"{sys.executable} -m torch.distributed.run --standalone --nproc-per-node={GPUS}"
        " -m -- bench train"
    )

for label, initial in SCALE.trainings.items():
    training = SCALE.run(label).training

    rule:
        name:
            f"train_{label}"
        input:
            dataset=TRAINING_DATA,
            initial=checkpoint(initial) if initial else [],
        output:
            [weights(label, step) for step in training.kept_steps],
            f"{RESULTS}/checkpoints/{label}/log.csv",
        log:
            f"{LOGS}/train/{label}.log",
        priority: 10
        threads: 1
        resources:
            gpu=GPUS,
        params:
            run=label,
            out=f"{RESULTS}/checkpoints/{label}",
            initial=lambda w, input: (
                f"--initial {input.initial}" if input.initial else ""
            ),
            settings=settings("dataset")
            + settings("runs", read_snapshot(label).name, "model")
            + settings("runs", read_snapshot(label).name, "training"),
        shell:
            "{TRAIN} --config {CONFIG} --run {params.run} --out {params.out}"
            " {params.initial} > {log} 2>&1"
