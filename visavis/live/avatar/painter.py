"""Pictures of a performance, in the format that video encoders take."""

from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from visavis.live.avatar.attention import Attention
from visavis.live.avatar.rehearsal import Rehearsal
from visavis.live.avatar.timeline import Slot
from visavis.performance import Director
from visavis.rigs import Rig
from visavis.scene import compose


class Painter:
    """Slots in, pictures out. Not thread-safe.

    Args:
        rig: the avatar.
        size: width and height of the pictures, even.
        fps: frames per second.
        background: see `visavis.scene.parse_background`.
        emotion: a name of `visavis.performance.EMOTIONS`.
        seed: other blinks, glances and nods.
    """

    def __init__(
        self,
        rig: Rig,
        size: tuple[int, int],
        fps: Fraction,
        *,
        background: str | None = None,
        emotion: str = "neutral",
        seed: int = 0,
    ) -> None:
        self._fps = fps
        self._compositor = compose(rig, size, background, fps=fps)
        self._renderer = rig.open(self._compositor.rig_size, fps, seed)
        self._rehearsal = Rehearsal(Director(fps, emotion, seed=seed), fps)
        self.attention = Attention(float(fps), seed)
        self.size = size
        self.ahead = self._rehearsal.ahead

    def paint(self, slots: list[Slot], *, draw: bool = True) -> npt.NDArray[np.uint8] | None:
        """The picture of the first slot.

        Args:
            slots: ``1 + ahead`` slots in order.
            draw: False only lets the performance go on, for a picture that would come too late.

        Returns:
            (height * 3 / 2, width) uint8, planes Y, U and V one after the other (I420, BT.601).
        """
        pose = self.attention(self._rehearsal.pose(slots))
        if not draw:
            return None
        drawn = self._renderer.render(pose)
        picture = self._compositor.compose(drawn, float(slots[0].index / self._fps))
        if picture.shape[2] == 4:
            picture = np.ascontiguousarray(picture[..., :3])
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), np.uint8)
