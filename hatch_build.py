"""Puts the built studio into what is packed, so that installing needs no Node."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StudioHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds ``web/`` into ``visavis/server/static`` before a wheel or a source archive is packed.

    An editable install builds nothing: ``make serve`` does. ``VISAVIS_NO_STUDIO=1`` packs the API
    alone.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, unless it was built before or nobody wants it."""
        root = Path(self.root)
        page = root / "visavis" / "server" / "static" / "index.html"
        if version == "editable" or os.environ.get("VISAVIS_NO_STUDIO"):
            return
        if not page.exists():
            self._build(root / "web")
        build_data["artifacts"].append("visavis/server/static/**")

    def _build(self, web: Path) -> None:
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                "The studio needs Node 20 to be built. Install Node, or set VISAVIS_NO_STUDIO=1 to"
                " pack the API without it."
            )
        for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            subprocess.run([npm, *command], cwd=web, check=True)  # noqa: S603 - npm itself
