"""Pictures that show what there is to choose from, made when first asked for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from visavis import __version__
from visavis.domain.errors import ConflictError, NotFoundError
from visavis.errors import VisavisError
from visavis.jobs.service import Service
from visavis.server.context import Call
from visavis.server.dialect import status_of
from visavis.server.stills import Stills
from visavis.store.blobs import MissingBlobError
from visavis.store.tables import Avatar, Voice

GREETINGS = {
    "en": "Hello, I am {name}. Give me a few words, and I will say them for you.",
    "es": "Hola, soy {name}. Dame unas palabras y las diré por ti.",
    "fr": "Bonjour, je suis {name}. Donnez-moi quelques mots, et je les dirai.",
    "it": "Ciao, sono {name}. Dammi qualche parola e la dirò per te.",
    "pt": "Olá, eu sou {name}. Me dê algumas palavras e eu as direi.",
}


def source_of(stills: Stills, row: Avatar) -> str:
    """What the line opens for an avatar.

    Raises:
        ConflictError: it is not ready.
    """
    if row.kind == "stock" and row.slug:
        return row.slug
    if row.status != "ready" or not row.rig_key:
        raise ConflictError("This avatar is not ready yet.", "Wait until it is.")
    return stills.rig_file(row.rig_key)


def background_links(call: Call, names: list[str]) -> dict[str, str]:
    """Links to small pictures of named backgrounds."""
    return {name: call.link(f"/files/backgrounds/{name}/picture.webp") for name in names}


def greeting_link(call: Call, row: Avatar) -> str:
    """A link to a few seconds of an avatar speaking."""
    return call.link(f"/files/greetings/{row.id}/greeting.mp4")


class Samples:
    """Makes samples once and keeps them with the other files."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._stills = Stills.of(service)

    def _stock_voice(self, slug: str) -> str:
        """A voice that the line knows by name: a fitted one is heard by what it starts from."""
        known = {voice.slug for voice in self._service.core.offers.get().voices}
        if slug in known:
            return slug
        with self._service.core.database.read() as session:
            row = session.get(Voice, slug)
        if row is None or row.base not in known:
            raise NotFoundError("voice", slug)
        return row.base

    def background(self, request: Request) -> Response:
        """A named background, small."""
        name = request.path_params["name"]
        if name not in self._service.core.offers.get().backgrounds:
            return _refused(NotFoundError("background", name))
        job = {"do": "room", "name": name}
        return self._answer(request, f"backgrounds/{name}.webp", "image/webp", lambda: job)

    def greeting(self, request: Request) -> Response:
        """An avatar that says hello, small."""
        with self._service.core.database.read() as session:
            row = session.query(Avatar).filter(Avatar.id == request.path_params["id"]).first()
        if row is None:
            return _refused(NotFoundError("avatar", request.path_params["id"]))

        def job() -> dict[str, Any]:
            voice = self._stock_voice(row.voice or "en-US-heart")
            text = GREETINGS.get(voice.partition("-")[0], GREETINGS["en"])
            return {
                "do": "greeting",
                "avatar": source_of(self._stills, row),
                "voice": voice,
                # a presenter in a look is called by the person and the place
                "text": text.format(name=row.name.partition(",")[0]),
                "background": "",
            }

        name = f"greetings/{row.id}-{row.fence or 'stock'}.mp4"
        return self._answer(request, name, "video/mp4", job)

    def _answer(
        self, request: Request, name: str, mime: str, job: Callable[[], dict[str, Any]]
    ) -> Response:
        query, links = request.query_params, self._service.core.links
        expires = query.get("expires", "")
        if not expires.isdigit() or not links.allows(
            "get", request.url.path, int(expires), query.get("signature", "")
        ):
            return _refused(NotFoundError("file", "behind this link; it may have expired"))
        blobs = self._service.core.blobs
        key = f"samples/{__version__}/{name}"
        try:
            try:
                info = blobs.head(key)
            except MissingBlobError:
                self._make(key, mime, job)
                info = blobs.head(key)
        except VisavisError as error:
            return _refused(error)
        headers = {"Cache-Control": "private, max-age=86400"}
        return Response(blobs.read(key, 0, info.size), 200, headers, mime)

    def _make(self, key: str, mime: str, job: Callable[[], dict[str, Any]]) -> None:
        with self._stills.folder() as folder:
            output = folder / Path(key).name
            self._stills.ask({**job(), "output": str(output)})
            self._service.core.blobs.put(key, output, mime)


def _refused(error: VisavisError) -> Response:
    return JSONResponse({"error": error.code, "detail": str(error)}, status_of(error))


def routes(service: Service) -> list[BaseRoute]:
    """``/files/backgrounds`` and ``/files/greetings``, behind signed links."""
    samples = Samples(service)
    return [
        Route("/files/backgrounds/{name}/picture.webp", samples.background),
        Route("/files/greetings/{id}/greeting.mp4", samples.greeting),
    ]
