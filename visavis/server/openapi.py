"""One OpenAPI 3.1 document per dialect, and how a wrong field is told."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from visavis.domain import errors
from visavis.domain.errors import FieldError
from visavis.errors import VisavisError
from visavis.server.dialect import Dialect, MethodError, status_of
from visavis.server.examples import HOOKS, calls
from visavis.store.database import StoreError

Document = dict[str, Any]


class UnforeseenError(VisavisError):
    """Something that nobody foresaw; the log knows where."""

    code = "internal_error"


REFUSALS: tuple[tuple[VisavisError, str], ...] = (
    (FieldError("text", "The text has nothing that can be said.", "Give it words."), "Wrong input"),
    (errors.InvalidKeyError("This API key is not known."), "No key, or one that does not work"),
    (errors.ForbiddenError("This key may not write."), "The key or the quota does not allow it"),
    (errors.NotFoundError("video", "id"), "Nothing of this name in this workspace"),
    (MethodError("This path is not asked that way."), "The path knows no such method"),
    (errors.ConflictError("The video is completed already."), "Not possible in its state"),
    (errors.TooLargeError("The body is too large."), "More bytes than are taken"),
    (errors.ReusedKeyError("This Idempotency-Key was used with another body."), "Key reused"),
    (errors.RateError("At most 100 calls a minute are allowed.", 12), "Too many calls"),
    (UnforeseenError("Something went wrong here."), "Our mistake"),
    (StoreError("The database does not answer."), "Try again in a moment"),
)


def field_error(error: Exception) -> FieldError:
    """The first thing that is wrong with a request, in one sentence."""
    if not isinstance(error, RequestValidationError) or not error.errors():
        return FieldError("body", "The request cannot be read.")
    first: dict[str, Any] = error.errors()[0]
    place = [str(part) for part in first.get("loc", ()) if part not in ("body", "query", "path")]
    field = ".".join(place) or "body"
    return FieldError(field, f"{field}: {first.get('msg', 'invalid')}.")


def document(app: FastAPI, dialect: Dialect) -> Document:
    """The OpenAPI document of a dialect: keys, refusals, examples and webhooks added."""
    made: Document = app.openapi()
    components = made.setdefault("components", {})
    schemas: Document = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Refusal"] = {
        "type": "object",
        "title": "Refusal",
        "required": sorted(_shape(dialect)),
        "properties": {name: {} for name in _shape(dialect)},
    }
    components["responses"] = {
        str(status_of(error)): _refusal(dialect, error, title) for error, title in REFUSALS
    }
    if dialect.name == "mosaic":
        components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    else:
        components["securitySchemes"] = {
            "key": {"type": "apiKey", "in": "header", "name": "x-api-key"}
        }
    made["security"] = [{"key": []}]
    examples = calls(dialect.name)
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            _complete(operation, method, examples.get(f"{method.upper()} {path}", {}))
    made["webhooks"] = {
        name: _hook(name, body) for name, body in HOOKS.get(dialect.name, {}).items()
    }
    return made


def _shape(dialect: Dialect) -> Document:
    return dialect.error(FieldError("text", "x"), 400, "req-1")


def _refusal(dialect: Dialect, error: VisavisError, title: str) -> Document:
    status = status_of(error)
    made: Document = {
        "description": title,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Refusal"},
                "example": dialect.error(error, status, "req-5d1c2f0a9b3e4d67"),
            }
        },
    }
    if status in (429, 503):
        made["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        }
    return made


def _complete(operation: Document, method: str, example: Document) -> None:
    answers: Document = operation["responses"]
    answers.pop("422", None)
    for error, _ in REFUSALS:
        status = str(status_of(error))
        answers.setdefault(status, {"$ref": f"#/components/responses/{status}"})
    told: Document = answers["200"].setdefault("content", {"application/json": {}})
    if "answer" in example:
        told["application/json"]["example"] = example["answer"]
    if "body" in example:
        operation["requestBody"]["content"]["application/json"]["example"] = example["body"]
    if method == "post":
        operation.setdefault("parameters", []).append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "The same key gets the same answer for a day.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        )


def _hook(name: str, body: Document) -> Document:
    return {
        "post": {
            "summary": name,
            "description": "Signed with Standard Webhooks headers and the dialect's own.",
            "requestBody": {
                "content": {"application/json": {"schema": {"type": "object"}, "example": body}}
            },
            "responses": {"200": {"description": "Any 2xx is success; 410 disables the endpoint."}},
        }
    }


def routes(apps: Mapping[str, Callable[[], Document]]) -> list[BaseRoute]:
    """``/openapi/<dialect>.json``."""

    def answer(request: Request) -> Response:
        make = apps.get(request.path_params["name"])
        if make is None:
            return JSONResponse({"error": "not_found", "detail": "No such document."}, 404)
        return JSONResponse(make())

    return [Route("/openapi/{name}.json", answer)]
