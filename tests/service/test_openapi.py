"""The OpenAPI documents are true: nothing that they allow breaks the server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import calls
import pytest
from conftest import Client
from jsonschema import Draft202012Validator

DIALECTS = ("konpro", "joggai", "mosaic", "visavis", "streaming")
WITHOUT_HOOKS = ("visavis", "streaming")


@pytest.mark.parametrize("dialect", DIALECTS)
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


Shown = tuple[str, dict[str, Any]]


def operations(document: dict[str, Any]) -> Iterator[Shown]:
    """Method and path, and the operation, of everything in a document."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def contents(operation: dict[str, Any]) -> Iterator[Shown]:
    """What goes in and what comes out, in JSON."""
    if body := operation.get("requestBody"):
        yield from ((f"body {mime}", said) for mime, said in body["content"].items())
    answer = operation["responses"]["200"]["content"]
    yield from ((f"answer {mime}", said) for mime, said in answer.items())


@pytest.mark.parametrize("dialect", DIALECTS)
def test_everything_has_an_example_that_fits(one_machine_client: Client, dialect: str) -> None:
    document = calls.get(f"{one_machine_client.place.url}/openapi/{dialect}.json").json()
    shown = [
        (f"{name} {what}", content)
        for name, operation in operations(document)
        for what, content in contents(operation)
        if what.endswith("json")  # bytes have none
    ]
    assert [name for name, content in shown if "example" not in content] == []
    shown += [
        (name, content)
        for name, hook in document["webhooks"].items()
        for content in hook["post"]["requestBody"]["content"].values()
    ]
    shown += [
        (status, refusal["content"]["application/json"])
        for status, refusal in document["components"]["responses"].items()
    ]
    for name, content in shown:
        schema = {**content.get("schema", {}), "components": document["components"]}
        problems = [
            error.message for error in Draft202012Validator(schema).iter_errors(content["example"])
        ]
        assert problems == [], name


@pytest.mark.parametrize("dialect", DIALECTS)
def test_examples_look_like_what_is_answered(one_machine_client: Client, dialect: str) -> None:
    """Whatever can be asked without naming anything answers with the fields of its example."""
    client = one_machine_client
    headers = {"authorization": f"Bearer {client.text}"} if dialect == "mosaic" else {}
    document = calls.get(f"{client.place.url}/openapi/{dialect}.json").json()
    compared = 0
    for name, operation in operations(document):
        method, path = name.split()
        if method != "GET" or "{" in path:
            continue
        answer = client.get(path, headers=headers)
        if answer.status_code != 200:
            assert answer.status_code == 400, (name, "it needs something in its query")
            continue
        example = operation["responses"]["200"]["content"]["application/json"]["example"]
        assert fields(answer.json()) == fields(example), name
        compared += 1
    assert compared >= 2


def fields(body: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Names of the fields of an answer, and of what is in its envelope."""
    data = body.get("data")
    return set(body), set(data) if isinstance(data, dict) else set()


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
