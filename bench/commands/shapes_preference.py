"""shapes-preference: train the synthetic preference score of the shapes world."""

from __future__ import annotations

from bench.commands.options import add_out, seed


def add_arguments(parser):
    parser.add_argument("--seed", required=True, type=seed, help="of its data and its weights")
    add_out(
        parser,
        "the network (.safetensors); its held-out accuracies go beside it (.csv)",
        ".safetensors",
    )


def run(options):
    from bench.stages.shapes_preference import train_preference

    accuracies = train_preference(options.seed, options.out)
    print(f"{options.out}: share of held-out pairs in which the better image has the higher score")
    for kind, accuracy in accuracies.items():
        print(f"  {kind}: {accuracy:.3f}")
