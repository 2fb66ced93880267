"""A scale's classifier as a feature extractor of torch-fidelity, for the metrics and the command
line of that package. Importing this module registers the classifier there."""

from __future__ import annotations

from torch_fidelity.feature_extractor_base import FeatureExtractorBase
from torch_fidelity.registry import register_feature_extractor

from bench.evaluation.classifier import read_classifier

NAME = "bench-classifier"
FEATURES = ("pool", "spatial", "logits")


class ClassifierExtractor(FeatureExtractorBase):
    """A trained classifier for torch-fidelity: ``create_feature_extractor("bench-classifier",
    ["pool"], weights=path)``."""

    def __init__(self, name, features_list, weights, **kwargs):
        super().__init__(name, features_list)
        self.classifier = read_classifier(weights)

    @staticmethod
    def get_provided_features_list():
        return FEATURES

    @staticmethod
    def get_default_feature_layer_for_metric(metric):
        return {"isc": "logits"}.get(metric, "pool")

    @staticmethod
    def can_be_compiled():
        return False

    def forward(self, images):
        features = self.classifier.features(images)
        return tuple(features[name] for name in self.features_list)


register_feature_extractor(NAME, ClassifierExtractor)
