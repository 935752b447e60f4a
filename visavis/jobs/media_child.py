"""Look into, or join, media files: ``python -m visavis.jobs.media_child``."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from visavis.domain.facts import MediaFacts
from visavis.errors import MediaError
from visavis.jobs.child import Progress, run

MAX_PIXELS = 100_000_000
STILLS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")


def examine(path: Path) -> MediaFacts:
    """What a file holds.

    Raises:
        MediaError: it is not media, or broken.
    """
    return _still(path) or _moving(path)


def _still(path: Path) -> MediaFacts | None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=STILLS) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise MediaError(
                    f"The picture has {width * height / 1e6:.0f} megapixels.",
                    f"Send one of at most {MAX_PIXELS / 1e6:.0f}.",
                )
            picture.load()
            return MediaFacts("image", str(picture.format).lower(), 0.0, (width, height), False)
    except UnidentifiedImageError:
        return None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise MediaError("The picture is damaged.", "Send it again, whole.") from error


def _moving(path: Path) -> MediaFacts:
    from visavis.media import probe

    try:
        info = probe(path)
    except MediaError as error:
        message = error.message.replace(repr(str(path)), "").replace(str(path), "the file")
        raise MediaError(message, error.remedy) from error
    return MediaFacts(
        kind="video" if info.video else "audio",
        format=info.container,
        duration=info.duration,
        size=info.video.size if info.video else (0, 0),
        has_sound=info.audio is not None,
    )


def _stills(job: dict[str, Any]) -> dict[str, Any]:
    """A cover at a chosen time, a small moving picture, or both, each where a path is given."""
    from visavis.media import picture_at, write_cover, write_preview
    from visavis.media.credentials import identity, sign

    film, who = Path(job["path"]), identity()
    if job["cover"]:
        cover = Path(job["cover"])
        write_cover(cover, picture_at(film, min(job["time"], max(0.0, job["duration"] - 0.1))))
        sign(cover, who)
    if job["preview"]:
        preview = Path(job["preview"])
        write_preview(film, preview)
        sign(preview, who)
    return {}


def work(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Do what ``do`` says: ``examine`` a file, ``join`` segments, or take ``stills`` of a film."""
    if job["do"] == "examine":
        return asdict(examine(Path(job["path"])))
    if job["do"] == "join":
        from visavis.media import concat, probe
        from visavis.media.credentials import identity, sign

        progress("joining", 0.0)
        output = Path(job["output"])
        concat([Path(part) for part in job["parts"]], output)
        duration = probe(output).duration
        sign(output, identity())
        return {"duration": duration}
    if job["do"] == "stills":
        return _stills(job)
    raise MediaError(f"There is no media job {job['do']!r}.")


if __name__ == "__main__":
    run(work)
