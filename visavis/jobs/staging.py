"""An order's picture in the words of the line: what the parent writes for the child."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from visavis.domain.look import Mark, Place
from visavis.domain.order import Order
from visavis.domain.runs import Attempt
from visavis.jobs.service import Service
from visavis.store.tables import Avatar

Fetch = Callable[[str | None, Path], str]
"""Copies a blob to a file and gives its path; an empty one where there is no key."""

_NAMES = {"pip": "picture-in-picture"}


class Props:
    """The files that a video needs, each fetched once.

    Args:
        service: whose files.
        workspace: whose assets; those of others are not found.
        folder: where they are put.
        fetch: how.
    """

    def __init__(self, service: Service, workspace: str, folder: Path, fetch: Fetch) -> None:
        self._service, self._workspace = service, workspace
        self._folder, self._fetch = folder, fetch
        self._paths: dict[str, str] = {}

    def asset(self, asset_id: str) -> str:
        """Path of an asset whose suffix says what it is; empty for nothing.

        Raises:
            NotFoundError: it was deleted, or is of another workspace.
        """
        if asset_id and asset_id not in self._paths:
            asset = self._service.assets.get(self._workspace, asset_id)
            form = str(asset.meta.get("format", "png"))
            suffix = form if asset.kind == "image" else {"video": "mp4"}.get(asset.kind, "wav")
            path = self._folder / f"asset-{len(self._paths)}.{suffix}"
            self._paths[asset_id] = self._fetch(asset.key, path)
        return self._paths.get(asset_id, "")

    def rig(self, avatar: Avatar) -> str:
        """Path of a rig, or the name of a stock presenter."""
        if avatar.id not in self._paths:
            path = self._folder / f"rig-{len(self._paths)}.avatar"
            self._paths[avatar.id] = self._fetch(avatar.rig_key, path) or avatar.slug or ""
        return self._paths[avatar.id]

    def voice(self, slug: str) -> str:
        """Path of a person's own voice; empty for a stock voice."""
        if slug not in self._paths:
            key = self._service.voices.find(self._workspace, slug).key
            path = self._folder / f"voice-{len(self._paths)}.voice"
            self._paths[slug] = self._fetch(key, path) if key else ""
        return self._paths[slug]


def staged(service: Service, attempt: Attempt, folder: Path, fetch: Fetch) -> dict[str, Any]:
    """What a job says of the picture beyond the plain fields; `render_child` reads it.

    Raises:
        NotFoundError: a file, avatar or voice that was deleted meanwhile.
        FieldError: a voice that was.
    """
    order = attempt.order
    props = Props(service, attempt.video.workspace_id, folder, fetch)
    if attempt.scenes is not None:
        return {"stage": None, "film": _film(service, attempt, props)}
    place = _layout(order, props)
    return {
        "film": None,
        "stage": {
            "fps": order.fps,
            "pitch": order.pitch,
            "volume": order.volume,
            "background": props.asset(order.background_asset) or order.background or None,
            "layout": place,
            "visual": place["visual"] if order.visual or order.visual_asset else None,
            "captions": _captions(order),
            "watermark": _mark(order.mark, props),
            "music": props.asset(order.music) or None,
            "music_volume": order.music_volume,
            "duck": order.duck,
            "test": order.test,
        },
    }


def _film(service: Service, attempt: Attempt, props: Props) -> dict[str, Any]:
    order, workspace = attempt.order, attempt.video.workspace_id
    first, end = attempt.scenes or (0, 0)
    avatar, voice, emotion = attempt.avatar, order.voice, order.emotion
    scenes, voices = [], {}
    for number, scene in enumerate(order.scenes[:end]):
        if scene.avatar:
            avatar = service.avatars.find(workspace, scene.avatar)
        voice, emotion = scene.voice or voice, scene.emotion or emotion
        if number < first:
            continue
        voices[voice] = props.voice(voice)
        scenes.append(
            {
                "text": scene.text or None,
                "audio": props.asset(scene.audio) or None,
                "avatar": None if scene.layout == "voice" else props.rig(avatar),
                "voice": voice,
                "emotion": emotion,
                "background": props.asset(scene.background_asset) or scene.background or None,
                "layout": _layout(scene, props),
                "transition": scene.transition if number > first else "cut",
            }
        )
    music = {"path": props.asset(order.music), "volume": order.music_volume, "duck": order.duck}
    return {
        "voices": {slug: path for slug, path in voices.items() if path},
        "plan": {
            "scenes": scenes,
            "aspect": order.aspect,
            "resolution": order.resolution,
            "fps": order.fps,
            "captions": _captions(order),
            "music": music if order.music else None,
            "intro": (props.asset(order.intro) or None) if first == 0 else None,
            "outro": (props.asset(order.outro) or None) if end == len(order.scenes) else None,
            "watermark": _mark(order.mark, props),
            "test": order.test,
            "speed": order.speed,
            "pitch": order.pitch,
            "volume": order.volume,
            "seed": order.seed,
        },
    }


def _layout(place: Place, props: Props) -> dict[str, Any]:
    """In the words of `visavis.scene.storyboard.LayoutPlan`."""
    visual = props.asset(place.visual_asset) or place.visual
    if place.layout != "full" and not visual:
        behind = props.asset(place.background_asset) or place.background
        visual = "studio" if behind in ("", "own", "blur") else behind
    return {
        "name": _NAMES.get(place.layout, place.layout),
        "visual": visual if place.layout != "full" else None,
        "person_first": place.person_first,
        "share": place.share,
        "corner": place.corner,
        "shape": place.shape,
        "shadow": place.shadow,
    }


def _captions(order: Order) -> dict[str, Any] | None:
    """In the words of `visavis.scene.storyboard.CaptionPlan`."""
    if not order.captions:
        return None
    look = order.caption_look
    return {
        "style": order.caption_style,
        "ink": look.ink or None,
        "active": look.active or None,
        "box": look.box or None,
        "size": look.size,
        "position": look.position or None,
        "capitals": look.capitals,
    }


def _mark(mark: Mark, props: Props) -> dict[str, Any] | None:
    """In the words of `visavis.scene.storyboard.WatermarkPlan`."""
    if not mark.text and not mark.image:
        return None
    return {
        "text": mark.text,
        "image": props.asset(mark.image) or None,
        "corner": mark.corner,
        "opacity": mark.opacity,
        "scale": mark.scale,
    }
