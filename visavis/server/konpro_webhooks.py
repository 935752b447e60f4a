"""KonPro: webhook endpoints, and our own additions: secret rotation, delivery log, replay."""

import time
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from visavis.domain.errors import NotFoundError
from visavis.domain.events import KONPRO_EVENTS
from visavis.server.context import CallDep, iso
from visavis.store.tables import Delivery, Endpoint

router = APIRouter(tags=["Webhooks"])


class AddEndpoint(BaseModel):
    """A receiver."""

    url: str = Field(min_length=1, max_length=2048, examples=["https://example.com/hook"])
    events: list[str] | None = Field(default=None, description="Null or empty is everything.")
    entity_id: str | None = Field(default=None, max_length=100)


class UpdateEndpoint(BaseModel):
    """What shall change; null leaves a field as it is."""

    endpoint_id: str = Field(min_length=1, max_length=100)
    url: str | None = Field(default=None, min_length=1, max_length=2048)
    events: list[str] | None = None


class EndpointId(BaseModel):
    """A receiver's id."""

    endpoint_id: str = Field(min_length=1, max_length=100)


def _endpoint(row: Endpoint) -> dict[str, Any]:
    return {
        "endpoint_id": row.id,
        "url": row.url,
        "secret": row.secret,
        "status": row.status,
        "events": row.events or None,
        "entity_id": row.entity_id,
        "username": row.workspace_id,
        "created_at": iso(row.created_at),
    }


@router.get("/v1/webhook/webhook.list", summary="List events")
def list_events(_call: CallDep) -> dict[str, Any]:
    """Names of the events that a receiver can hear of."""
    return {"error": None, "data": list(KONPRO_EVENTS)}


@router.post("/v1/webhook/endpoint.add", summary="Add an endpoint")
def add(body: AddEndpoint, call: CallDep) -> dict[str, Any]:
    """The receiver must answer OPTIONS within a second."""
    row = call.service.webhooks.add(
        call.workspace,
        "konpro",
        body.url,
        body.events,
        entity_id=body.entity_id,
        probe=True,
        id=f"wh_{call.ticket}" if call.ticket else None,
    )
    return _endpoint(row)


@router.get("/v1/webhook/endpoint.list", summary="List endpoints")
def list_endpoints(call: CallDep) -> dict[str, Any]:
    """The workspace's receivers."""
    rows = call.service.webhooks.endpoints(call.workspace, "konpro")
    return {"data": [_endpoint(row) for row in rows]}


@router.patch("/v1/webhook/endpoint.update", summary="Change an endpoint")
def update(body: UpdateEndpoint, call: CallDep) -> dict[str, Any]:
    """Another address or other events."""
    row = call.service.webhooks.update(
        call.workspace, body.endpoint_id, url=body.url, events=body.events
    )
    return _endpoint(row)


@router.delete("/v1/webhook/endpoint.delete", summary="Delete an endpoint")
def delete(endpoint_id: str, call: CallDep) -> dict[str, Any]:
    """Nothing more is told to it."""
    row = call.service.webhooks.get(call.workspace, endpoint_id)
    call.service.webhooks.delete(call.workspace, endpoint_id)
    return {
        "endpoint_id": row.id,
        "status": "deleted",
        "message": "Endpoint deleted",
        "deleted_at": iso(time.time()),
    }


@router.post("/v1/webhook/endpoint.rotate_secret", summary="Rotate an endpoint's secret")
def rotate(body: EndpointId, call: CallDep) -> dict[str, Any]:
    """For a day deliveries carry signatures of both secrets."""
    return _endpoint(call.service.webhooks.rotate(call.workspace, body.endpoint_id))


@router.get("/v1/webhook/secret", summary="Get the secret of per-request webhooks")
def request_secret(call: CallDep) -> dict[str, Any]:
    """Signs what is told to the `webhook_url` of a single request."""
    return {"data": {"secret": call.service.webhooks.workspace_secret(call.workspace)}}


def _delivery(row: Delivery) -> dict[str, Any]:
    return {
        "delivery_id": row.id,
        "endpoint_id": row.endpoint_id,
        "url": row.url,
        "event": row.event,
        "subject": row.subject,
        "status": row.status,
        "attempts": row.attempts,
        "next_attempt_at": iso(row.next_at),
        "delivered_at": iso(row.delivered_at),
        "created_at": iso(row.created_at),
    }


@router.get("/v1/webhook/delivery.list", summary="List deliveries")
def deliveries(call: CallDep, video_id: str = "") -> dict[str, Any]:
    """What was told or waits to be told, newest first."""
    return {
        "data": [
            _delivery(row) for row in call.service.webhooks.deliveries(call.workspace, video_id)
        ]
    }


@router.get("/v1/webhook/delivery.attempts", summary="List a delivery's attempts")
def attempts(delivery_id: str, call: CallDep) -> dict[str, Any]:
    """The log of one delivery."""
    rows = call.service.webhooks.attempts(call.workspace, delivery_id)
    return {
        "data": [
            {
                "number": row.number,
                "at": iso(row.at),
                "status_code": row.status_code,
                "error": row.error,
                "seconds": round(row.seconds, 3),
            }
            for row in rows
        ]
    }


class DeliveryId(BaseModel):
    """A delivery's id."""

    delivery_id: str = Field(min_length=1, max_length=100)


@router.post("/v1/webhook/delivery.replay", summary="Tell it again")
def replay(body: DeliveryId, call: CallDep) -> dict[str, Any]:
    """One more delivery under the same message id."""
    if not body.delivery_id.startswith("msg_"):
        raise NotFoundError("delivery", body.delivery_id)
    return _delivery(call.service.webhooks.replay(call.workspace, body.delivery_id))
