"""A person before a background, frame by frame."""

from fractions import Fraction

import cv2
import numpy as np

from visavis.media import Picture
from visavis.scene.backgrounds import Background, Kind, Loop, parse_background, still
from visavis.scene.blend import Mask, Stencil, inner_colours, lay_cutout, mix, rim_of, share_of
from visavis.scene.framing import Box, Subject, place
from visavis.scene.matte import Matte, PersonMatte
from visavis.scene.pictures import blurred, extended, without_person

_MOVING = (Kind.VIDEO,)
_OF_THE_RIG = (Kind.OWN, Kind.BLUR, Kind.TRANSPARENT)

_LEAST_SIDE = 64
"""Pixels of the smallest side at which a rig draws."""
_NEAR = np.ones((17, 17), np.uint8)
_ARM = 0.07
"""Share of a picture's width in which a body that it cuts is rounded."""
_FALL = 2.6
"""How much longer than wide that rounding is."""


class Panel:
    """A rectangle with a person in it. Times must not go back.

    Args:
        subject: the rig.
        size: width and height of the rectangle.
        background: what is behind the person.
        fps: pictures per second.
        matte: finds the person in an opaque rig's pictures where its background is taken away;
            None makes a `PersonMatte` when one is needed.
        close: frame the person nearer, as for a small window.
    """

    def __init__(
        self,
        subject: Subject,
        size: tuple[int, int],
        background: Background,
        fps: Fraction,
        matte: Matte | None = None,
        *,
        close: bool = False,
    ) -> None:
        own = background.kind is Kind.OWN
        self._behind = parse_background(str(getattr(subject, "background", "studio")))
        if own and not subject.opaque:
            background = self._behind
        self.size = size
        self.alpha = background.kind is Kind.TRANSPARENT
        self._matte = (matte or PersonMatte()) if subject.opaque and not own else None
        self._cut_out = not subject.opaque or self._matte is not None
        placed = place(subject, size, cut_out=self._cut_out, close=close)
        self._placed = placed
        self.rig_size = _drawable(placed.size)
        self._stained = self._matte is not None or bool(getattr(subject, "stained", False))
        self._box = placed.clipped(size)
        self._source = Box(self._box.x - placed.x, self._box.y - placed.y, *self._box.size)
        self._backdrop = backdrop(background, size, fps)
        self._feather = None if self._box.size == size else Stencil(_feathered(self._box, size))
        self._arms: list[tuple[slice, Mask]] | None = None
        self._soft: Picture | None = None

    def compose(self, rig_picture: Picture, time: float) -> Picture:
        """The next picture.

        Args:
            rig_picture: (height, width, 4) uint8 RGBA of `rig_size`.
            time: seconds from the start.

        Returns:
            (height, width, 3) uint8 RGB, or RGBA where `alpha`; a new array, the caller's own.
        """
        if self.rig_size != self._placed.size:
            small = cv2.resize(rig_picture, self._placed.size, interpolation=cv2.INTER_AREA)
            rig_picture = np.asarray(small, np.uint8)
        person = rig_picture[self._source.rows, self._source.columns]
        if not self._cut_out:
            return self._photograph(person)
        alpha = self._coverage(rig_picture)
        if not self.alpha:
            return self._over_backdrop(person, alpha, time)
        out = np.zeros((self.size[1], self.size[0], 4), np.uint8)
        window = out[self._box.rows, self._box.columns]
        # far from the edge, what nobody sees shall be nothing for players that know no alpha
        cv2.copyTo(person, cv2.dilate(alpha, _NEAR), window)
        cv2.insertChannel(alpha, window, 3)
        if self._stained:
            rows, columns = np.divmod(rim_of(alpha), alpha.shape[1])
            rgb = np.asarray(cv2.cvtColor(person, cv2.COLOR_RGBA2RGB), np.uint8)
            clean = inner_colours(rgb, alpha, rows, columns)
            window[rows, columns, :3] = mix(
                rgb[rows, columns], clean, share_of(alpha[rows, columns])
            )
        return out

    def _photograph(self, person: Picture) -> Picture:
        out = np.empty((self.size[1], self.size[0], 3), np.uint8)
        if self._feather is None:
            cv2.cvtColor(person, cv2.COLOR_RGBA2RGB, dst=out)
            return out
        rgb = np.asarray(cv2.cvtColor(person, cv2.COLOR_RGBA2RGB), np.uint8)
        if self._soft is None:
            self._soft = extended(rgb, self._box.x, self._box.y, self.size)
        out[:] = self._soft
        self._feather.lay(rgb, out[self._box.rows, self._box.columns])
        return out

    def _coverage(self, rig_picture: Picture) -> Mask:
        """Alpha of the visible part, rounded where the rig's picture cuts the body."""
        part = self._source.rows, self._source.columns
        if self._matte is None:
            alpha = np.asarray(cv2.extractChannel(rig_picture[part], 3), np.uint8)
        else:
            rgb = rig_picture[..., :3]
            whole = self._matte.alpha(rgb)
            if self._backdrop is None and self._soft is None:
                self._soft = without_person(rgb, whole, self.size)
            alpha = whole[part].copy()
        if self._arms is None:  # those of the first picture: an outline that moves would flicker
            self._arms = _arms(alpha, self._placed, self.size)
        for columns, arm in self._arms:
            alpha[:, columns] = cv2.multiply(alpha[:, columns], arm, scale=1 / 255)
        return alpha

    def _over_backdrop(self, person: Picture, alpha: Mask, time: float) -> Picture:
        if self._backdrop is None:
            if self._soft is None:
                self._soft = still(self._behind, self.size)
            out = self._soft.copy()
        else:
            out = picture_at(self._backdrop, time).copy()
        if self._soft is None:
            self._soft = blurred(out, self.size, 0.02)
        at = self._box.x, self._box.y
        lay_cutout(person, alpha, at, out, self._soft, stained=self._stained)
        return out


def _drawable(size: tuple[int, int]) -> tuple[int, int]:
    """The size to open a rig at: that of the panel, or a multiple of it where that is tiny."""
    times = -(-_LEAST_SIDE // min(size))
    return size[0] * times, size[1] * times


def backdrop(background: Background, size: tuple[int, int], fps: Fraction) -> Loop | Picture | None:
    """What a background shows without a person; None where it depends on the rig.

    Raises:
        SceneError: an image or video that cannot be read.
    """
    if background.kind in _OF_THE_RIG:
        return None
    if background.kind in _MOVING and background.path is not None:
        return Loop(background.path, size, fps)
    return still(background, size)


def picture_at(shown: Loop | Picture, time: float) -> Picture:
    """The picture of a still or moving backdrop at `time` seconds; not to be written to."""
    return shown.at(time) if isinstance(shown, Loop) else shown


def _arms(alpha: Mask, placed: Box, size: tuple[int, int]) -> list[tuple[slice, Mask]]:
    """Columns and masks that round the straight cut of a body at a side lying on the canvas.

    From the shoulder the outline falls like that of an upper arm; where the body does not reach
    the cut there is nothing to round.
    """
    reach = max(2, round(_ARM * placed.width))
    arms = []
    for cut, right in ((placed.x > 0, False), (placed.x + placed.width < size[0], True)):
        columns = slice(alpha.shape[1] - reach, None) if right else slice(0, reach)
        near = alpha[:, columns] if right else alpha[:, columns][:, ::-1]
        if cut and near[:, -1].any():
            mask = _faded(near)
            if (near[:, -1] > 128).any():
                shoulder = int(np.argmax(near[:, 0] > 128))
                mask = np.minimum(mask, _arm(shoulder, near.shape[0], reach))
            arms.append((columns, mask if right else np.ascontiguousarray(mask[:, ::-1])))
    return arms


def _faded(alpha: Mask) -> Mask:
    """255 where a body is solid; what is thin, as hair, falls to 0 at the last column."""
    fall = np.cos(np.linspace(0, np.pi / 2, alpha.shape[1], dtype=np.float32)) ** 2
    solid = cv2.blur(np.where(alpha > 240, np.uint8(255), np.uint8(0)), (7, 7))
    return np.maximum(solid, np.round(255 * fall).astype(np.uint8)[None])


def _arm(shoulder: int, rows: int, reach: int) -> Mask:
    """(rows, reach) 255 left of the outline of an arm that begins at row `shoulder`."""
    fall = _FALL * reach
    down = np.clip((np.arange(rows) - shoulder) / fall, 0, 1)[:, None]
    # a body that breathes rises by a few pixels; what lies higher is hair
    outline = np.where(down > 0, reach * np.sqrt(1 - (1 - down) ** 2), 0.0)
    outline[: max(0, round(shoulder - fall / 4))] = 2 * reach
    soft = max(1.5, 0.1 * reach)
    share = np.clip((outline - np.arange(reach) - 0.5) / soft + 0.5, 0, 1)
    return np.asarray(np.round(255 * share), np.uint8)


def _feathered(box: Box, size: tuple[int, int]) -> Mask:
    """A mask that fades at those sides of `box` that lie inside the canvas."""
    ramp = max(2, round(0.06 * min(size)))
    mask = np.ones((box.height, box.width), np.float32)
    fade = np.sin(np.linspace(0, np.pi / 2, ramp, dtype=np.float32)) ** 2
    if box.x > 0:
        mask[:, :ramp] *= fade
    if box.x + box.width < size[0]:
        mask[:, -ramp:] *= fade[::-1]
    if box.y > 0:
        mask[:ramp] *= fade[:, None]
    if box.y + box.height < size[1]:
        mask[-ramp:] *= fade[::-1, None]
    return np.round(mask * 255).astype(np.uint8)
