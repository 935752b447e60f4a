"""Parts of the application that come with an extra of the installation."""

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

from starlette.routing import BaseRoute

from visavis.jobs.service import Service

PARTS = (("livekit", "visavis.live.api.mount", "LivePart"),)
"""What an extra brings, the module that uses it, and the part's name there."""


class Part(Protocol):
    """Routes with a life of their own."""

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Served before the dialects'."""
        ...

    @property
    def documents(self) -> Mapping[str, Callable[[], dict[str, Any]]]:
        """OpenAPI documents of its calls, by the names they are served under."""
        ...

    async def open(self) -> None:
        """Called when the application starts."""
        ...

    async def close(self) -> None:
        """Called when it ends."""
        ...


def installed_parts(service: Service) -> list[Part]:
    """The parts whose extras are installed."""
    return [
        cast(Part, getattr(importlib.import_module(module), name)(service))
        for package, module, name in PARTS
        if importlib.util.find_spec(package)
    ]
