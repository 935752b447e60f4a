"""The footage rig: a person from a short clip who says anything."""

from visavis.rigs.footage.create import create_footage
from visavis.rigs.footage.renderer import FootageRenderer
from visavis.rigs.footage.rig import FootageRig

__all__ = ["FootageRenderer", "FootageRig", "create_footage"]
