def initial_checkpoint(run):
    initial = SCALE.runs[run].initial
    return checkpoint(initial) if initial else []


for run, run_settings in SCALE.runs.items():

    rule:
        name:
            f"train_{run}"
        input:
            initial=initial_checkpoint(run),
        output:
            [checkpoint(run, step) for step in run_settings.training.kept_steps],
            f"{RESULTS}/checkpoints/{run}/log.csv",
        log:
            f"{LOGS}/train/{run}.log",
        priority: 10
        threads: 1
        params:
            run=run,
            out=f"{RESULTS}/checkpoints/{run}",
            initial=lambda w, input: (
                f"--initial {input.initial}" if input.initial else ""
            ),
            settings=settings("dataset")
            + settings("runs", run, "model")
            + settings("runs", run, "training"),
        shell:
            "{BENCH} train --config {CONFIG} --run {params.run} --out {params.out}"
            " {params.initial} > {log} 2>&1"
