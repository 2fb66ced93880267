"""The model of a configuration."""

from __future__ import annotations

from collections.abc import Mapping

from bench.config.model import ModelConfig, model_config
from bench.models.initialization import initialize
from bench.models.masking import MaskedSiT
from bench.models.routing import RoutedSiT
from bench.models.sit import SiT


def build(config: ModelConfig | Mapping) -> SiT:
    """The model of a configuration: routed with a ``route``, masked with a ``decoder``.

    Raises:
        BadInput: the mapping is no valid configuration.
    """
    if not isinstance(config, ModelConfig):
        config = model_config(config)
    if config.route:
        model = RoutedSiT(config)
    elif config.decoder:
        model = MaskedSiT(config)
    else:
        model = SiT(config)
    initialize(model)
    return model
