"""Multiply-accumulates (MACs) of a model, a branch and a guided step, from the architecture.

FLOPs are twice the MACs. The paper's "GFLOPs" are the MACs of the linear layers alone (attention's
two products left out), each branch counted in full, for one sample: ``linear`` here.
"""

from bench.cost.guided import guided_macs, step_macs
from bench.cost.macs import Macs
from bench.cost.model import model_macs, prefix_macs, suffix_macs

__all__ = ["Macs", "guided_macs", "model_macs", "prefix_macs", "step_macs", "suffix_macs"]
