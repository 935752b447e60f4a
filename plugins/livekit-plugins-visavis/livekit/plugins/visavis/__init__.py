"""Visavis for LiveKit Agents: a self-hosted talking avatar."""

from livekit.agents import Plugin

from .avatar import AvatarSession, VisavisException
from .log import logger
from .version import __version__

__all__ = ["AvatarSession", "VisavisException", "__version__"]


class VisavisPlugin(Plugin):
    """Tells LiveKit Agents of this package."""

    def __init__(self) -> None:
        super().__init__(__name__, __version__, __package__ or __name__, logger)


Plugin.register_plugin(VisavisPlugin())
