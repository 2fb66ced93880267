"""The model of a configuration."""

from __future__ import annotations

from collections.abc import Mapping

from bench.config.model import Architecture, model_config
from bench.config.prx import PRXConfig
from bench.config.tr_dit import TRDiTConfig
from bench.models.initialization import initialize
from bench.models.masking import MaskedSiT
from bench.models.routing import RoutedSiT
from bench.models.sit import SiT
from bench.models.tr_dit import TRDiT
from bench.models.velocity_model import VelocityModel


def build(config: Architecture | Mapping) -> VelocityModel:
    """The model of a configuration: a TR-DiT, a PRX, or a SiT that is routed with a ``route`` and
    masked with a ``decoder``.

    Raises:
        BadInput: the mapping is no valid configuration.
    """
    if isinstance(config, Mapping):
        config = model_config(config)
    model = _class_of(config)(config)
    initialize(model)
    return model


def _class_of(config):
    if isinstance(config, TRDiTConfig):
        return TRDiT
    if isinstance(config, PRXConfig):
        # It imports diffusers, which takes seconds.
        from bench.models.prx import PRX

        return PRX
    if config.route:
        return RoutedSiT
    return MaskedSiT if config.decoder else SiT
