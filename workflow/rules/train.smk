for label, initial in SCALE.trainings.items():
    training = SCALE.run(label).training

    rule:
        name:
            f"train_{label}"
        input:
            dataset=DATASET_FILES,
            initial=checkpoint(initial) if initial else [],
        output:
            [weights(label, step) for step in training.kept_steps],
            f"{RESULTS}/checkpoints/{label}/log.csv",
        log:
            f"{LOGS}/train/{label}.log",
        priority: 10
        threads: 1
        params:
            run=label,
            out=f"{RESULTS}/checkpoints/{label}",
            initial=lambda w, input: (
                f"--initial {input.initial}" if input.initial else ""
            ),
            settings=settings("dataset")
            + settings("runs", read_label(label).name, "model")
            + settings("runs", read_label(label).name, "training"),
        shell:
            "{BENCH} train --config {CONFIG} --run {params.run} --out {params.out}"
            " {params.initial} > {log} 2>&1"
