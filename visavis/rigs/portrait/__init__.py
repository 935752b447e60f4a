"""The portrait rig: one picture, photographed, painted or drawn, that speaks."""

from visavis.rigs.portrait.renderer import PortraitRenderer
from visavis.rigs.portrait.rig import PortraitRig

__all__ = ["PortraitRenderer", "PortraitRig"]
