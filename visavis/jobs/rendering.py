"""One try at a segment, and joining segments: child processes around the domain's bookkeeping."""

import contextlib
import logging
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from visavis.domain.runs import MAX_FAILED, Attempt, segment_key
from visavis.domain.videos import folder_of
from visavis.errors import VisavisError
from visavis.jobs.child import unforeseen
from visavis.jobs.meter import Meter
from visavis.jobs.processes import ChildError, StoppedError, run_child
from visavis.jobs.service import Service
from visavis.jobs.staging import staged
from visavis.jobs.subtitles import KINDS, joined
from visavis.store.blobs import MissingBlobError
from visavis.store.database import StoreError
from visavis.store.tables import Segment, Video

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

PATIENCE_SECONDS = 180.0
"""How long a store may be away before finished work is given up."""

MIMES = {"mp4": "video/mp4", "webm": "video/webm", "jpg": "image/jpeg", "c2pa": "application/c2pa"}
MIMES |= {"gif": "image/gif", "webp": "image/webp"} | KINDS
_PROGRESS_EVERY = 0.5


def patiently(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do something with a store again and again while the store is away."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    wait = 0.2
    while True:
        try:
            return work(*args, **kwargs)
        except StoreError:
            if time.monotonic() + wait > deadline:
                raise
            time.sleep(wait)
            wait = min(wait * 2, 5.0)


@contextlib.contextmanager
def attempt_folder(service: Service, name: str) -> Iterator[Path]:
    """A folder that is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=service.work))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def render_segment(service: Service, video_id: str, number: int) -> bool:
    """One try at a segment; True where it shall be tried again after a while."""
    attempt = patiently(service.runs.begin, video_id, number)
    if attempt is None:
        return False
    log.info("render begun", extra={"video": video_id, "segment": number})
    try:
        with attempt_folder(service, f"{video_id}-{number}") as folder:
            result = _render(service, attempt, folder)
            key = segment_key(attempt)
            output = folder / f"out.{attempt.order.format}"
            patiently(service.core.blobs.put, key, output, MIMES[attempt.order.format])
            beside = {"jpg": folder / "cover.jpg", "c2pa": folder / f"{output.name}.c2pa"}
            beside |= {kind: folder / f"out.{kind}" for kind in KINDS}
            for kind, file in beside.items():
                if file.exists():
                    patiently(service.core.blobs.put, f"{key}.{kind}", file, MIMES[kind])
        patiently(service.runs.done, attempt, key, result)
    except StoppedError:
        log.info("render stopped", extra={"video": video_id, "segment": number})
        return False
    except ChildError as error:
        log.warning("render failed", extra={"video": video_id, "code": error.code})
        code, message, again = error.code, error.message, error.retryable
        return patiently(service.runs.failed, attempt, code, message, again)
    except StoreError as error:
        code, message = error.code, error.message
        return patiently(service.runs.failed, attempt, code, message, True)
    except MissingBlobError:
        return patiently(
            service.runs.failed,
            attempt,
            "source_missing",
            "A file that it needs was deleted.",
            False,
        )
    except VisavisError as error:  # what it needs is not there any more
        code, message, again = error.code, error.message, error.retryable
        return patiently(service.runs.failed, attempt, code, message, again)
    except Exception as error:
        log.exception("render broke", extra={"video": video_id, "segment": number})
        return patiently(service.runs.failed, attempt, *unforeseen(error))
    return False


def _render(service: Service, attempt: Attempt, folder: Path) -> dict[str, Any]:
    began, meter = time.monotonic(), Meter(service)
    job = _job(service, attempt, folder)
    last = 0.0

    def progress(stage: str, percent: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _PROGRESS_EVERY:
            last = now
            with contextlib.suppress(StoreError):  # a render outlives a database that is away
                service.runs.advance(attempt, stage, percent)

    def wanted() -> bool:
        try:
            meter.look()
            return service.runs.alive(attempt)
        except StoreError:
            return True

    result = run_child(
        service.core.settings.child_program,
        job,
        folder=folder,
        on_progress=progress,
        wanted=wanted,
    )
    outside = time.monotonic() - began - float(result["wall"])
    return result | {"outside": round(max(0.0, outside), 3), "share": round(meter.share(), 4)}


def _job(service: Service, attempt: Attempt, folder: Path) -> dict[str, Any]:
    order, avatar = attempt.order, attempt.avatar
    workspace = attempt.video.workspace_id
    rig = _fetched(service, avatar.rig_key, folder / "rig.avatar")
    features = service.core.offers.get().features
    timed = not order.sounds() or "transcription" in features
    audio = background = own_voice = ""
    slug = "" if order.audio else order.voice or avatar.voice
    if slug:
        voice = service.voices.find(workspace, slug)
        own_voice = _fetched(service, voice.key, folder / "own.voice")
    if order.audio:
        asset = service.assets.get(workspace, order.audio)
        audio = _fetched(service, asset.key, folder / "audio")
    if order.background_asset:
        asset = service.assets.get(workspace, order.background_asset)
        background = _fetched(service, asset.key, folder / f"background.{_suffix(asset.mime)}")
    return {
        "text": attempt.text,
        "audio": audio,
        "rig": rig,
        "presenter": avatar.slug or "",
        "voice": slug,
        "voice_file": own_voice,
        "resolution": order.resolution,
        "aspect": order.aspect,
        "layout": order.layout,
        "format": order.format,
        "background": order.background,
        "background_file": background,
        "captions": order.caption_style if order.captions else False,
        "emotion": order.emotion,
        "speed": order.speed,
        "seed": order.seed,
        "output": str(folder / f"out.{order.format}"),
        "cover": str(folder / "cover.jpg") if attempt.number == 0 else "",
        "subtitles": [str(folder / f"out.{kind}") for kind in KINDS] if timed else [],
        "words_needed": order.captions or not order.sounds(),
        "memory_mb": service.core.settings.render_memory_mb,
        **staged(service, attempt, folder, partial(_fetched, service)),
    }


def _fetched(service: Service, key: str | None, path: Path) -> str:
    if not key:
        return ""
    patiently(service.core.blobs.fetch, key, path)
    return str(path)


def _suffix(mime: str) -> str:
    return mime.rpartition("/")[2].replace("*", "bin")


def finish_video(service: Service, video_id: str) -> None:
    """Join the segments of a video and publish it by one commit."""
    found = patiently(service.runs.segments, video_id)
    if found is None:
        return
    video, segments = found
    code = message = ""
    for attempt in range(1, MAX_FAILED + 1):
        try:
            with attempt_folder(service, f"{video_id}-join") as folder:
                _publish(service, video, segments, folder)
                return
        except (ChildError, StoreError) as error:
            code, message = error.code, error.message
            if not error.retryable:
                break
        except MissingBlobError:
            code, message = "processing_error", "A rendered part is gone."
            break
        except Exception as error:
            log.exception("join broke", extra={"video": video_id})
            code, message, _ = unforeseen(error)
        if attempt < MAX_FAILED:
            time.sleep(attempt)
    patiently(service.runs.give_up, video_id, code, message)


def _publish(service: Service, video: Video, segments: list[Segment], folder: Path) -> None:
    began = time.monotonic()
    suffix = str(video.request["format"])
    base = folder_of(video)
    home = f"{base}/{secrets.token_hex(6)}"  # nobody else writes or deletes here
    parts = [folder / f"part-{segment.number}.{suffix}" for segment in segments]
    for segment, part in zip(segments, parts, strict=True):
        _fetched(service, segment.key, part)
    duration = sum(float(segment.result["duration"]) for segment in segments)
    output = parts[0]
    if len(parts) > 1:
        output = folder / f"joined.{suffix}"
        job = {"do": "join", "parts": [str(part) for part in parts], "output": str(output)}
        made = run_child("visavis.jobs.media_child", job, folder=folder)
        duration = float(made["duration"])
    files: dict[str, Any] = {}
    _store(service, files, "video", output, f"{home}/video.{suffix}")
    _store_stills(service, files, video, segments, output, duration, home)
    claims = folder / f"video.{suffix}.c2pa"
    if len(parts) > 1 and (made_claims := output.with_name(f"{output.name}.c2pa")).exists():
        _store(service, files, "credentials", made_claims.rename(claims), f"{home}/{claims.name}")
    elif len(parts) == 1:
        _store_beside(service, files, "credentials", f"{segments[0].key}.c2pa", claims, home)
    _store_sidecars(service, files, segments, folder, home)
    timings = _timings(video, segments, time.monotonic() - began)
    published = patiently(service.runs.publish, video.id, files, duration, timings)
    if published:
        patiently(service.core.blobs.delete_under, f"{base}/parts")
    else:
        patiently(service.core.blobs.delete_under, home)


def _store_stills(
    service: Service,
    files: dict[str, Any],
    video: Video,
    segments: list[Segment],
    output: Path,
    duration: float,
    home: str,
) -> None:
    """Keep the cover and the small moving picture, as they were asked for."""
    time_of, kind = video.request.get("cover_time"), video.request.get("preview") or ""
    cover = output.with_name("cover.jpg")
    preview = output.with_name(f"preview.{kind}") if kind else None
    if time_of is not None or preview:
        job = {
            "do": "stills",
            "path": str(output),
            "duration": duration,
            "time": time_of,
            "cover": "" if time_of is None else str(cover),
            "preview": str(preview or ""),
        }
        run_child("visavis.jobs.media_child", job, folder=output.parent)
    if time_of is None:
        _store_beside(service, files, "cover", f"{segments[0].key}.jpg", cover, home)
    else:
        _store(service, files, "cover", cover, f"{home}/cover.jpg")
    if preview:
        _store(service, files, "preview", preview, f"{home}/{preview.name}")


def _store_beside(
    service: Service, files: dict[str, Any], kind: str, key: str, path: Path, home: str
) -> None:
    """Keep what a segment may have made beside its pictures."""
    try:
        _fetched(service, key, path)
    except MissingBlobError:
        return
    _store(service, files, kind, path, f"{home}/{path.name}")


def _store_sidecars(
    service: Service, files: dict[str, Any], segments: list[Segment], folder: Path, home: str
) -> None:
    offsets = [0.0]
    for segment in segments:
        offsets.append(offsets[-1] + float(segment.result["duration"]))
    for kind in KINDS:
        path = folder / f"captions.{kind}"
        texts = []
        try:
            for segment in segments:
                _fetched(service, f"{segment.key}.{kind}", path)
                texts.append(path.read_text())
        except MissingBlobError:
            continue  # a sound of which no words are known has no sidecars
        path.write_text(joined(kind, texts, offsets[: len(texts)]))
        name = "captions" if kind == "ass" else kind
        _store(service, files, name, path, f"{home}/captions.{kind}")


def _store(service: Service, files: dict[str, Any], kind: str, path: Path, key: str) -> None:
    name = key.rpartition("/")[2]
    mime = MIMES[path.suffix.lstrip(".")]
    patiently(service.core.blobs.put, key, path, mime)
    files[kind] = {"key": key, "name": name, "mime": mime, "size": path.stat().st_size}


def _timings(video: Video, segments: list[Segment], join: float) -> dict[str, float]:
    """Seconds by stage, summed over segments; queue and wall as they passed."""
    total: dict[str, float] = {}
    for segment in segments:
        for stage, seconds in segment.result.get("stages", {}).items():
            total[stage] = round(total.get(stage, 0.0) + seconds, 3)
    started = video.started_at or video.created_at
    total["queued"] = round(started - video.created_at, 3)
    total["join"] = round(join, 3)
    total["total"] = round(time.time() - video.created_at, 3)
    return total
