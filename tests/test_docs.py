"""What the documentation shows can be typed."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from visavis.cli import app

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands(page: Path) -> list[str]:
    """Every `visavis ...` and `make ...` line in the page's code blocks."""
    blocks = re.findall(r"```(?:console|bash|sh|shell)\n(.*?)```", page.read_text(), re.DOTALL)
    lines = re.sub(r"\\\n\s*", " ", "\n".join(blocks)).splitlines()
    bare = (re.sub(r"^\$ |\s+#.*$", "", line).removeprefix(".venv/bin/") for line in lines)
    return [line for line in bare if line.startswith(("visavis ", "make "))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_exists_with_its_options(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in commands(page):
        words = shlex.split(line.split(" < ")[0].split(" | ")[0])
        if words[0] == "make":
            assert words[1] in targets, line
        else:
            command = get_command(app)
            context = typer.Context(command, info_name="visavis", resilient_parsing=True)
            _walk(command, words[1:], context, line)


def _walk(command: object, words: list[str], context: typer.Context, line: str) -> None:
    children = getattr(command, "commands", {})
    if children and words and not words[0].startswith("-"):
        assert words[0] in children, f"{words[0]} is no command: {line}"
        _walk(children[words[0]], words[1:], context, line)
        return
    options = {name for parameter in command.params for name in parameter.opts}  # type: ignore[attr-defined]
    for word in words:
        if re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word):
            assert word.split("=")[0] in options | {"--help", "-h"}, f"{word} is no option: {line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:/][^)#:]*)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
