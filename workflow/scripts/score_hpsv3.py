"""Scores images with HPSv3. Runs in HPSv3's own environment (envs/hpsv3.txt), without this suite.

Reads JSON lines with "image" (a path) and "prompt", and writes the same lines with "score", HPSv3's
mean; its standard deviation is not used.
"""

from __future__ import annotations

import argparse
import json
import os

import torch
from hpsv3 import HPSv3RewardInferencer

BATCH = 8


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests")
    parser.add_argument("scores")
    parser.add_argument("--weights", help="HPSv3.safetensors (default: from the Hugging Face hub)")
    parser.add_argument("--device", default="cuda")
    options = parser.parse_args()
    with open(options.requests, encoding="utf-8") as file:
        requests = [json.loads(line) for line in file]
    inferencer = HPSv3RewardInferencer(checkpoint_path=options.weights, device=options.device)
    partial = f"{options.scores}.partial"
    with open(partial, "w", encoding="utf-8") as file:
        for first in range(0, len(requests), BATCH):
            batch = requests[first : first + BATCH]
            for request, score in zip(batch, score_batch(inferencer, batch)):
                print(json.dumps({**request, "score": score}), file=file)
            print(f"{first + len(batch)} of {len(requests)} images", flush=True)
    os.replace(partial, options.scores)


@torch.inference_mode()
def score_batch(inferencer, batch):
    """The scores of a batch of requests."""
    # By keywords: versions of the package differ in the order of the two.
    rewards = inferencer.reward(
        image_paths=[request["image"] for request in batch],
        prompts=[request["prompt"] for request in batch],
    )
    return [float(value) for value in rewards[:, 0]]


if __name__ == "__main__":
    main()
