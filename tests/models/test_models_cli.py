"""``visavis models``, as a person and as a machine use it."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from model_fakes import Site, file_of
from rich.console import Console
from typer.testing import CliRunner

from visavis import models
from visavis.models.cli import app
from visavis.models.console import progress_bars
from visavis.models.errors import UnknownModelError
from visavis.models.manifest import Manifest, Model, Remote
from visavis.settings import settings

RUN = CliRunner()


@pytest.fixture(autouse=True)
def installation(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation with an empty cache and two small models, one of an extra."""

    def model(name: str, extra: str | None) -> Model:
        site.pages[f"/{name}"] = name.encode()
        return Model(
            name=name,
            version="1",
            summary=f"what {name} is for",
            licence="MIT",
            homepage="https://example.org",
            extra=extra,
            files=(file_of("model.bin", name.encode(), (Remote(url=f"{site.url}/{name}"),)),),
        )

    manifest = Manifest(archives={}, models=(model("needed", None), model("wanted", "live")))
    monkeypatch.setattr(models, "shipped", lambda: manifest)
    monkeypatch.setenv("VISAVIS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("VISAVIS_MODELS_DIR", raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


def present() -> list[str]:
    return [model.name for model in models.catalogue() if models.present(model.name)]


def test_pull_fetches_the_core_by_default() -> None:
    result = RUN.invoke(app, ["pull"])
    assert result.exit_code == 0, result.output
    assert "needed 1: 6 bytes, verified" in result.stdout
    assert present() == ["needed"]


def test_pull_by_name_fetches_just_that() -> None:
    assert RUN.invoke(app, ["pull", "wanted"]).exit_code == 0
    assert present() == ["wanted"]


@pytest.mark.parametrize("arguments", [["--extra", "live"], ["--all"]])
def test_pull_with_extras(arguments: list[str]) -> None:
    assert RUN.invoke(app, ["pull", *arguments]).exit_code == 0
    assert present() == ["needed", "wanted"]


def test_pull_refuses_an_unknown_extra_and_an_unknown_name() -> None:
    for arguments in (["pull", "--extra", "lime"], ["pull", "needed", "lime"]):
        result = RUN.invoke(app, arguments)
        assert isinstance(result.exception, UnknownModelError)
        assert "lime" in str(result.exception)
    assert present() == []


def test_pull_for_machines() -> None:
    result = RUN.invoke(app, ["pull", "--json"])
    (entry,) = json.loads(result.stdout)["models"]
    assert entry["name"] == "needed"
    assert Path(entry["files"]["model.bin"]).read_bytes() == b"needed"


def test_list_says_what_is_here() -> None:
    RUN.invoke(app, ["pull"])
    rows = {
        row.split()[0]: row.split()[1]
        for row in RUN.invoke(app, ["list"]).stdout.splitlines()
        if row.strip()
    }
    assert (rows["needed"], rows["wanted"]) == ("yes", "no")
    entries = json.loads(RUN.invoke(app, ["list", "--json"]).stdout)["models"]
    assert [(entry["name"], entry["present"]) for entry in entries] == [
        ("needed", True),
        ("wanted", False),
    ]
    assert entries[1]["extra"] == "live"


def test_verify_names_what_is_wrong_and_goes_on() -> None:
    RUN.invoke(app, ["pull", "--all"])
    assert RUN.invoke(app, ["verify"]).exit_code == 0
    models.locate("needed", "model.bin").write_bytes(b"NEEDED")
    result = RUN.invoke(app, ["verify"])
    assert result.exit_code == 4
    assert "wanted: verified" in result.stdout
    assert "needed: " in result.stderr
    assert "visavis models pull needed" in result.stderr
    entries = json.loads(RUN.invoke(app, ["verify", "--json"]).stdout)["models"]
    assert [entry["ok"] for entry in entries] == [False, True]
    assert entries[0]["error"]["code"] == "model_wrong_hash"


def test_verify_of_a_missing_model_fails() -> None:
    result = RUN.invoke(app, ["verify", "wanted"])
    assert result.exit_code == 4
    assert "model.bin of model 'wanted'" in result.stderr


def test_bars_show_each_model() -> None:
    drawn = io.StringIO()
    with progress_bars(Console(file=drawn, force_terminal=True, width=100)) as progress:
        progress("needed", 0, 2_000_000)
        progress("needed", 2_000_000, 2_000_000)
        progress("wanted", 500, 1_000)
    assert "Fetching needed" in drawn.getvalue()
    assert "2.0/2.0 MB" in drawn.getvalue()
    assert "Fetching wanted" in drawn.getvalue()
