"""Avatars: pictures or clips that became something a performance can drive."""

from visavis.rigs.files import RigError, RigFile, read_rig, write_rig
from visavis.rigs.registry import RigKind, kinds, load
from visavis.rigs.types import Framing, Picture, Renderer, Rig

__all__ = [
    "Framing",
    "Picture",
    "Renderer",
    "Rig",
    "RigError",
    "RigFile",
    "RigKind",
    "kinds",
    "load",
    "read_rig",
    "write_rig",
]
