"""Services of others that are paid by key, through LiveKit's plugins; imported when asked for."""

import importlib
from types import ModuleType

from visavis.errors import VisavisError


class PluginError(VisavisError):
    """A service was asked for whose plugin is not installed."""

    code = "extra_missing"


def plugin(service: str) -> ModuleType:
    """The plugin of a service.

    Args:
        service: ``deepgram``, ``gladia``, ``assemblyai`` or ``elevenlabs``, as the extra and the
            module are called.

    Raises:
        PluginError: it is not installed.
    """
    try:
        return importlib.import_module(f"livekit.plugins.{service}")
    except ModuleNotFoundError as error:
        raise PluginError(
            f"The plugin of {service} is not installed.", f"pip install 'visavis[live,{service}]'"
        ) from error
