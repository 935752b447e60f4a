"""Many scenes in a row: each a line of its own, joined as they are drawn."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from visavis.line.avatars import open_avatar
from visavis.line.frames import Frame
from visavis.line.request import Request
from visavis.line.stream import Extent, Line, speaker_of, under_music
from visavis.line.timings import Timings
from visavis.rigs import Rig
from visavis.scene.sound import MusicBed
from visavis.scene.storyboard import ScenePlan, Storyboard, WatermarkPlan
from visavis.scene.transitions import Moment, Shot, chain, clip
from visavis.speech import Synthesiser, Word
from visavis.speech.kokoro import RATE

if TYPE_CHECKING:
    from visavis.speech.person import PersonVoice


class Film:
    """A storyboard with everything checked; its scenes are opened one at a time.

    Args:
        board: what is to be made, see `visavis.scene.storyboard.storyboard`.
        synthesiser: a loaded one to share; by default one is loaded.
        voices: people's own, by the names that the scenes give them.

    Attributes: as of `visavis.line.Line`.

    Raises:
        VisavisError: a voice, text or avatar that cannot be, or a file that cannot be read.
    """

    def __init__(
        self,
        board: Storyboard,
        synthesiser: Synthesiser | None = None,
        voices: "Mapping[str, PersonVoice] | None" = None,
    ) -> None:
        self.timings = Timings()
        self.words: list[Word] = []
        self._board = board
        self._canvas = board.canvas
        self.size = self._canvas.size
        self.fps = Fraction(self._canvas.fps)
        with self.timings.measure("load"):
            self._synthesiser = synthesiser or Synthesiser()
        self._requests = [_request(board, scene, voices or {}) for scene in board.filled()]
        self.extent = Extent(sum(len(request.text) for request in self._requests))
        self._rigs: dict[str, Rig] = {}
        with self.timings.measure("avatar"):
            for request in self._requests:
                self._synthesiser.synthesise(request.text, speaker_of(request))
                name = str(request.avatar)
                if request.avatar is not None and name not in self._rigs:
                    self._rigs[name] = open_avatar(request.avatar)
        self._music = None
        if board.music is not None:
            self._music = MusicBed(board.music.path, RATE, board.music.volume, board.music.duck)
        self._drawn = 0

    @property
    def rate(self) -> int:
        """Samples per second of the sound."""
        return RATE

    @property
    def alpha(self) -> bool:
        """Whether the frames have a fourth channel; films never do."""
        return False

    def frames(self) -> Generator[Frame]:
        """Every frame with its sound, in order, once. Close the iterator to stop early."""
        frames = self._joined()
        with closing(frames):
            yield from under_music(frames, self._music, self.extent) if self._music else frames

    def _joined(self) -> Generator[Frame]:
        for moment in chain(self._shots(), self.fps):
            time = float(self._drawn / self.fps)
            frame = Frame(self._drawn, time, moment.picture, moment.samples, RATE)
            self._drawn += 1
            yield frame
        self.extent.finished = True

    def _shots(self) -> Iterator[Shot]:
        if self._board.intro is not None:
            yield Shot(self._clip(self._board.intro))
        for scene, request in zip(self._board.filled(), self._requests, strict=True):
            yield Shot(self._scene(request), scene.transition)
        if self._board.outro is not None:
            yield Shot(self._clip(self._board.outro))

    def _clip(self, path: Path) -> Iterator[Moment]:
        for moment in clip(path, self._canvas, RATE):
            self.extent.seconds += float(1 / self.fps)
            yield moment

    def _scene(self, request: Request) -> Iterator[Moment]:
        start = float(self._drawn / self.fps)
        rig = self._rigs.get(str(request.avatar))
        line = Line(request, self._synthesiser, rig, self._canvas)
        already, spoken = self.extent.seconds, self.extent.spoken
        with closing(line.frames()) as frames:
            for frame in frames:
                self.extent.seconds = already + line.extent.seconds
                self.extent.spoken = spoken + line.extent.spoken
                yield Moment(frame.picture, frame.samples)
        self.extent.spoken = spoken + len(request.text)
        self.words += [Word(w.text, w.start + start, w.end + start) for w in line.words]
        self.timings.add(line.timings)


def _request(board: Storyboard, scene: ScenePlan, voices: "Mapping[str, PersonVoice]") -> Request:
    """One scene in the words of the line."""
    mark, voice = board.watermark, scene.voice
    return Request(
        text=scene.text or "",
        avatar=scene.avatar,
        voice=voices.get(voice, voice) if voice else None,
        emotion=scene.emotion or "neutral",
        resolution=board.resolution,
        aspect=board.aspect,
        fps=board.fps,
        background=scene.background,
        layout=scene.layout.build() if scene.layout.name != "full" else "full",
        captions=board.captions.build() if board.captions is not None else False,
        visual=scene.layout.visual,
        watermark=mark.build() if isinstance(mark, WatermarkPlan) else mark,
        speed=board.speed,
        pitch=board.pitch,
        volume=board.volume,
        seed=board.seed,
        test=board.test,
    )
