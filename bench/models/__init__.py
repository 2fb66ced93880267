"""Models: `build` makes one from a configuration, `from_official` from published weights."""

from bench.models.build import build
from bench.models.masking import MaskedSiT
from bench.models.official import from_official
from bench.models.routing import RoutedSiT
from bench.models.sit import SiT
from bench.models.tr_dit import TRDiT
from bench.models.velocity_model import VelocityModel

__all__ = ["MaskedSiT", "RoutedSiT", "SiT", "TRDiT", "VelocityModel", "build", "from_official"]
