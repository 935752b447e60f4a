"""Set the stage of a request: canvas, rig, layout, captions, watermark."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from visavis.line.avatars import open_avatar
from visavis.line.request import Request
from visavis.rigs import Renderer, Rig
from visavis.scene import FULL, TEST, Canvas, Compositor, Layout, Watermark, apart, compose, layout
from visavis.scene.canvas import canvas

TEST_RESOLUTION = "360p"
_NOBODY = (16, 9)


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that draws.

    Attributes:
        size: width and height of the pictures.
        compositor: puts the picture together.
        renderer: draws the person; None where nobody is seen.
    """

    size: tuple[int, int]
    compositor: Compositor
    renderer: Renderer | None


def set_stage(request: Request, rig: Rig | None = None, on: Canvas | None = None) -> Stage:
    """Open all that a request's pictures need.

    Args:
        request: what is asked for.
        rig: the avatar where it is open already.
        on: the canvas where it is settled already, as in a film.

    Raises:
        VisavisError: an avatar, layout, background or watermark that cannot be.
    """
    plan = _layout(request)
    full = plan is FULL or plan.visual is None
    if rig is None and request.avatar is not None:
        rig = open_avatar(request.avatar)
    chosen = TEST_RESOLUTION if request.test else request.resolution
    native = rig.size if rig is not None else _NOBODY
    board = on or canvas(request.aspect, chosen, request.fps, native)
    behind = request.background if full or request.visual is not None else None
    shown, backdrop = (None, None) if rig is None else apart(rig, behind)
    compositor = compose(
        shown,
        board.size,
        backdrop,
        layout=plan,
        captions=request.caption_style,
        watermark=_mark(request),
        fps=board.fps,
    )
    renderer = None
    if shown is not None and compositor.shows_person:
        renderer = shown.open(compositor.rig_size, Fraction(board.fps), request.seed)
    return Stage(board.size, compositor, renderer)


def _layout(request: Request) -> Layout:
    """The layout; a second picture that is not named is what would have been behind the person."""
    if isinstance(request.layout, Layout):
        return request.layout
    if str(request.layout) in ("full", "1"):
        return FULL
    second = request.visual if request.visual is not None else request.background
    return layout(request.layout, second if second is not None else "studio")


def _mark(request: Request) -> Watermark | None:
    if request.test:
        return TEST
    mark = request.watermark
    if mark is None or isinstance(mark, Watermark):
        return mark
    if isinstance(mark, Path) or Path(mark).suffix.lower() in (".png", ".webp", ".jpg", ".jpeg"):
        return Watermark(image=Path(mark))
    return Watermark(text=mark)
