"""Files behind signed links: read with ranges, or filled once."""

import contextlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from anyio import to_thread
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from visavis.domain.errors import FieldError, NotFoundError, TooLargeError
from visavis.errors import VisavisError
from visavis.jobs.previews import voice_preview
from visavis.jobs.service import Service
from visavis.server.dialect import status_of
from visavis.server.uploads import spooled
from visavis.store.blobs import CHUNK, BlobInfo, MissingBlobError
from visavis.store.tables import Asset, Avatar, Video

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
FORM_OVERHEAD = 65_536
_DIRECT_SECONDS = 3600.0


class _Place:
    """A file that a link leads to."""

    def __init__(self, key: str, mime: str, name: str) -> None:
        self.key, self.mime, self.name = key, mime, name


def routes(service: Service) -> list[BaseRoute]:
    """``/files/...``."""
    reader = Files(service)

    async def read(request: Request) -> Response:
        return await to_thread.run_sync(reader.answer, request)

    async def fill(request: Request) -> Response:
        try:
            return await _fill(request, service)
        except VisavisError as error:
            return _plain(status_of(error), error.code, str(error))

    return [
        Route("/files/uploads/{id}", fill, methods=["PUT", "POST"]),
        Route("/files/{kind}/{id}/{name}", read, methods=["GET", "HEAD"]),
    ]


async def _fill(request: Request, service: Service) -> Response:
    """Take an upload: the bytes with PUT, or a form whose fields sign it with POST."""
    asset_id = request.path_params["id"]
    async with contextlib.AsyncExitStack() as stack:
        fields: Mapping[str, object] = request.query_params
        if request.method == "PUT":
            _check_upload(service, request.url.path, fields)
            path = await stack.enter_async_context(spooled(request, service))
            mime = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        else:
            _check_length(service, request.headers.get("content-length", ""))
            fields = await stack.enter_async_context(request.form(max_files=1, max_fields=20))
            _check_upload(service, request.url.path, fields)
            path, mime = await _form_file(fields, service, stack)
        await to_thread.run_sync(service.assets.fill, asset_id, path, mime)
    return Response(status_code=200 if request.method == "PUT" else 204)


def _check_upload(service: Service, path: str, fields: Mapping[str, object]) -> None:
    expires, signature = str(fields.get("expires", "")), str(fields.get("signature", ""))
    if not expires.isdigit() or not service.core.links.allows("put", path, int(expires), signature):
        raise NotFoundError("upload", "behind this link; it may have expired")


def _check_length(service: Service, declared: str) -> None:
    """A form is put on disk before its signature can be read, so its size must be known first."""
    limit = service.core.settings.max_upload + FORM_OVERHEAD
    if not declared.isdigit() or int(declared) > limit:
        raise TooLargeError(
            f"A form must say its length, at most {limit} bytes.", "Send a Content-Length."
        )


async def _form_file(
    fields: Mapping[str, object], service: Service, stack: contextlib.AsyncExitStack
) -> tuple[Path, str]:
    file = fields.get("file")
    if not isinstance(file, UploadFile):
        raise FieldError("file", "The form has no file.", "Put it last, as `file`.")
    folder = stack.enter_context(tempfile.TemporaryDirectory(dir=service.work))
    path = Path(folder) / "file"
    limit, size = service.core.settings.max_upload, 0
    with path.open("wb") as out:
        while piece := await file.read(CHUNK):
            size += len(piece)
            if size > limit:
                raise TooLargeError(f"The file is larger than {limit} bytes.", "Send less.")
            out.write(piece)
    return path, (file.content_type or "").lower()


class Files:
    """Answers for files."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._core = service.core

    def answer(self, request: Request) -> Response:
        """The file, a part of it, or why not."""
        try:
            self._check(request)
            place = self._find(request.path_params)
            if self._core.settings.blob_links == "direct":
                link = self._core.blobs.presigned(place.key, _DIRECT_SECONDS)
                if link:
                    return RedirectResponse(link, 307)
            return self._send(request, place, self._core.blobs.head(place.key))
        except MissingBlobError:
            return _plain(404, "not_found", "The file is gone.")
        except VisavisError as error:
            return _plain(status_of(error), error.code, str(error))

    def _check(self, request: Request) -> None:
        query = request.query_params
        expires = query.get("expires", "")
        fits = expires.isdigit() and self._core.links.allows(
            "get", request.url.path, int(expires), query.get("signature", "")
        )
        if not fits:
            raise NotFoundError("file", "behind this link; it may have expired")

    def _find(self, wanted: dict[str, str]) -> _Place:
        kind, row_id, name = wanted["kind"], wanted["id"], wanted["name"]
        if kind == "voices":
            return _Place(voice_preview(self._service, row_id), "audio/wav", name)
        with self._core.database.read() as session:
            if kind == "videos":
                video = session.get(Video, row_id)
                if video is not None and video.status == "completed":
                    for file in video.files.values():
                        if file["name"] == name:
                            return _Place(file["key"], file["mime"], name)
            if kind == "assets":
                asset = session.get(Asset, row_id)
                if asset is not None and asset.status != "pending":
                    return _Place(asset.key, asset.mime, asset.name or name)
            if kind == "avatars":
                avatar = session.query(Avatar).filter(Avatar.id == row_id).first()
                if avatar is not None and avatar.cover_key:
                    return _Place(avatar.cover_key, _picture(avatar.cover_key), name)
        raise NotFoundError("file", name)

    def _send(self, request: Request, place: _Place, info: BlobInfo) -> Response:
        headers = {
            "Accept-Ranges": "bytes",
            "ETag": f'"{info.etag}"',
            "Cache-Control": "private, max-age=3600",
            "Content-Disposition": f'inline; filename="{_safe(place.name)}"',
            "X-Content-Type-Options": "nosniff",
        }
        if request.headers.get("if-none-match", "").strip('"') == info.etag:
            return Response(status_code=304, headers=headers)
        span = _span(request.headers.get("range", ""), info.size)
        if span is None:
            return Response(status_code=416, headers={"Content-Range": f"bytes */{info.size}"})
        start, end = span
        headers["Content-Length"] = str(end - start)
        partial = end - start < info.size
        if partial:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{info.size}"
        body: Iterator[bytes] = iter(())
        if request.method == "GET":
            body = self._core.blobs.stream(place.key, start, end)
        return StreamingResponse(body, 206 if partial else 200, headers, place.mime)


def _span(header: str, size: int) -> tuple[int, int] | None:
    """The bytes that are asked for; None where there are none such."""
    match = _RANGE.fullmatch(header.strip())
    if not match or match.groups() == ("", ""):
        return 0, size
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
    return (start, end) if start < end else None


def _picture(key: str) -> str:
    return {"webp": "image/webp", "png": "image/png"}.get(key.rpartition(".")[2], "image/jpeg")


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)[:100] or "file"


def _plain(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"error": code, "detail": message}, status)
