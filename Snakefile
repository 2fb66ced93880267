# snakemake --cores N [--configfile=workflow/config/NAME.yaml] [TARGET ...]
# With a blank in place of the =, that option takes targets, too, for files of the configuration.
# One DAG for every scale; the configuration alone says how much is done.
import os
import sys

sys.path.insert(0, workflow.basedir)
# Jobs find the package in this checkout, wherever they run.
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [workflow.basedir, os.environ.get("PYTHONPATH")])
)

if not config:

    configfile: "workflow/config/digits.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/zoo.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/tune.smk"
include: "workflow/rules/measure.smk"


if SCALE.latents:

    include: "workflow/rules/latents.smk"


if SCALE.hardware:

    include: "workflow/rules/shards.smk"


if SCALE.text:

    include: "workflow/rules/text.smk"

    if SCALE.latents:

        include: "workflow/rules/text_shards.smk"
    include: "workflow/rules/geneval.smk" if SCALE.geneval else "workflow/rules/shapes.smk"

    if SCALE.hpsv3:

        include: "workflow/rules/hpsv3.smk"

else:

    include: "workflow/rules/reference_batch.smk" if SCALE.latents else "workflow/rules/data.smk"
    include: "workflow/rules/fidelity.smk"
    include: "workflow/rules/features.smk" if SCALE.hardware else "workflow/rules/cells.smk"


include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"


localrules:
    all,
    claims,
    collect,
    join_grid,
    table,
    figure,
    summary,


onstart:
    write_config()


rule all:
    default_target: True
    input:
        # The models are results, too. They are not in git, so a fresh clone trains them and
        # makes anew all that follows, though the reference run's tables are there.
        [checkpoint(run) for run in SCALE.runs],
        METRICS,
        LAYOUT.summary,
        CLAIMS,
        TABLES,
        FIGURES,
