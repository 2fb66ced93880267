# Published weights and reference data, by name; a path in the configuration takes no download.
for name in dict.fromkeys(artefact.name for artefact in artefacts()):

    rule:
        name:
            f"download_{name.replace('/', '_').replace('-', '_')}"
        output:
            [str(found.path) for found in artefacts() if found.name == name],
        log:
            f"{LOGS}/download/{name.replace('/', '-')}.log",
        benchmark:
            f"{RESULTS}/benchmarks/download/{name.replace('/', '-')}.tsv"
        # A broken connection; each try goes on where the last one stopped.
        retries: 3
        # The nodes of a cluster may have no network.
        localrule: True
        threads: 1
        params:
            name=name,
        shell:
            "{BENCH} download {params.name} > {log} 2>&1"


for label, run in SCALE.runs.items():
    for iterations, source in run.pretrained.weights.items() if run.pretrained else ():

        rule:
            name:
                f"convert_{label}_{iterations}"
            input:
                weights=(
                    files_of_network(resolve(source))
                    if run.pretrained.kind == "prx"
                    else ancient(str(resolve(source)))
                ),
                # What it is asked for in the place of a prompt.
                text=text_states("test") if run.pretrained.kind == "prx" else [],
            output:
                weights(label, iterations),
            log:
                f"{LOGS}/convert/{label}-{iterations}.log",
            benchmark:
                f"{RESULTS}/benchmarks/convert/{label}-{iterations}.tsv"
            threads: 1
            params:
                run=label,
                source=str(resolve(source)),
                text=text_option,
                kind=run.pretrained.kind,
                iterations=iterations,
                routing=str(run.pretrained.trained_with_routing).lower(),
                config=json.dumps(SCALE.model(run).constructor_arguments),
            shell:
                "{BENCH} convert {params.kind} --weights {params.source:q} {params.text} --run {params.run}"
                " --config {params.config:q} --dataset {SCALE.dataset:q}"
                " --iterations {params.iterations}"
                " --trained-with-routing {params.routing} --out {output} > {log} 2>&1"
