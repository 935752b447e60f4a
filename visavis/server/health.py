"""Whether this process lives, whether it can work, and its figures."""

import sqlalchemy as sa
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from visavis import __version__
from visavis.domain.backlog import Backlog
from visavis.jobs.service import Service
from visavis.store.database import StoreError
from visavis.store.tables import Video


def routes(service: Service) -> list[BaseRoute]:
    """``/healthz``, ``/readyz`` and ``/metrics``."""

    def alive(_request: Request) -> Response:
        return JSONResponse({"status": "ok", "version": __version__})

    def ready(_request: Request) -> Response:
        parts = {"database": "ok", "blobs": "ok"}
        try:
            with service.core.database.read() as session:
                session.execute(sa.select(1))
        except StoreError as error:
            parts["database"] = error.code
        try:
            service.core.blobs.check()
        except StoreError as error:
            parts["blobs"] = error.code
        good = set(parts.values()) == {"ok"}
        return JSONResponse(
            {"status": "ok" if good else "unavailable", **parts}, 200 if good else 503
        )

    def metrics(_request: Request) -> Response:
        with service.core.database.read() as session:
            counted = session.execute(
                sa.select(Video.status, sa.func.count()).group_by(Video.status)
            ).all()
            slots = Backlog(session).machines().slots
        lines = ["# TYPE visavis_videos gauge"]
        lines += [f'visavis_videos{{status="{status}"}} {count}' for status, count in counted]
        lines += ["# TYPE visavis_render_slots gauge", f"visavis_render_slots {slots}", ""]
        text = generate_latest() + "\n".join(lines).encode()
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/healthz", alive),
        Route("/readyz", ready),
        Route("/metrics", metrics),
    ]
