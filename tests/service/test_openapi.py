"""The OpenAPI documents are true: nothing that they allow breaks the server."""

import os
import subprocess
import sys
from pathlib import Path

import calls
import pytest
from conftest import Client

DIALECTS = ("konpro", "joggai", "mosaic", "visavis")
WITHOUT_HOOKS = ("visavis", "streaming")


@pytest.mark.parametrize("dialect", [*DIALECTS, "streaming"])
def test_a_document_says_everything(client: Client, dialect: str) -> None:
    document = calls.get(f"{client.place.url}/openapi/{dialect}.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["webhooks"] or dialect in WITHOUT_HOOKS
    assert document["components"]["securitySchemes"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert {"200", "400", "401", "403", "404", "409", "429", "503"} <= set(
                operation["responses"]
            )
            assert "422" in operation["responses"]
            assert "HTTPValidationError" not in str(operation)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_request_breaks_the_server_or_gets_an_undocumented_status(
    one_machine_client: Client, dialect: str, tmp_path: Path
) -> None:
    url = one_machine_client.place.url
    done = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi/{dialect}.json",
            "--url", url,
            "--header", f"x-api-key: {one_machine_client.text}",
            "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,"
            "response_schema_conformance",
            "--phases", "examples,coverage,fuzzing",
            "--max-examples", os.environ.get("VISAVIS_FUZZ_EXAMPLES", "5"),
            "--seed", "7",
            "--request-timeout", "300",
            "--no-color",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
