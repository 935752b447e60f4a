"""The documentation names every setting and every route."""

import re
from pathlib import Path

import calls
from conftest import Client
from installations import ROOT

from visavis.server.app import DIALECTS
from visavis.store.config import ServiceSettings


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text()
    for name in ServiceSettings.model_fields:
        assert f"`VISAVIS_{name.upper()}`" in text, name


def test_every_documented_route_exists(one_machine_client: Client) -> None:
    routes: set[str] = set()
    for dialect in DIALECTS:
        url = f"{one_machine_client.place.url}/openapi/{dialect}.json"
        paths = calls.get(url).json()["paths"]
        routes |= {re.sub(r"\{\w+\}", "{}", path) for path in paths}
    for page in sorted((ROOT / "docs" / "api").glob("*.md")):
        for call in re.findall(r"`(?:GET|POST|PUT|PATCH|DELETE) (/[^`? ]+)", page.read_text()):
            path = re.sub(r"\{\w+\}", "{}", call)
            known = path in routes or path in ("/healthz", "/readyz", "/metrics")
            assert known or "{video,audio,image}" in path, (page.name, call)


def test_examples_are_named_in_the_documentation() -> None:
    text = Path(ROOT / "docs" / "api" / "README.md").read_text()
    assert "examples/konpro.sh" in text
