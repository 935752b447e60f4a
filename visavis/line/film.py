"""Many scenes in a row: each a line of its own, joined as they are drawn."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from visavis.errors import SceneError
from visavis.line.avatars import open_avatar
from visavis.line.frames import Frame
from visavis.line.recording import recording
from visavis.line.request import Request
from visavis.line.stream import Extent, Line, speaker_of, under_music
from visavis.line.timings import Timings
from visavis.media import probe
from visavis.pace import LETTERS_PER_SECOND
from visavis.rigs import Rig
from visavis.scene import parse_background
from visavis.scene.backgrounds import need_readable
from visavis.scene.sound import MusicBed
from visavis.scene.storyboard import ScenePlan, Storyboard, WatermarkPlan
from visavis.scene.transitions import Moment, Shot, chain, clip
from visavis.speech import Synthesiser, Word
from visavis.speech.kokoro import RATE
from visavis.speech.transcription import need_ears

if TYPE_CHECKING:
    from visavis.speech.person import PersonVoice


class Film:
    """A storyboard with everything checked; its scenes are opened one at a time.

    Args:
        board: what is to be made, see `visavis.scene.storyboard.storyboard`.
        synthesiser: a loaded one to share; by default one is loaded.
        voices: people's own, by the names that the scenes give them.
        transcribe: find the words of recordings; by default where captions are to show them.

    Attributes: as of `visavis.line.Line`; `starts` are the seconds at which scenes begin.

    Raises:
        VisavisError: a voice, text, recording or avatar that cannot be, or a file that cannot be
            read.
    """

    def __init__(
        self,
        board: Storyboard,
        synthesiser: Synthesiser | None = None,
        voices: "Mapping[str, PersonVoice] | None" = None,
        *,
        transcribe: bool | None = None,
    ) -> None:
        self.timings = Timings()
        self.words: list[Word] = []
        self._board = board
        self._canvas = board.canvas
        self.size = self._canvas.size
        self.fps = Fraction(self._canvas.fps)
        with self.timings.measure("load"):
            self._synthesiser = synthesiser or Synthesiser()
        self._transcribe = board.captions is not None if transcribe is None else transcribe
        self._requests = [_request(board, scene, voices or {}) for scene in board.filled()]
        self._lengths = [_letters(request) for request in self._requests]
        self.extent = Extent(sum(self._lengths))
        _check_files(board)
        self._rigs: dict[str, Rig] = {}
        with self.timings.measure("avatar"):
            for request in self._requests:
                self._check_script(request)
                name = str(request.avatar)
                if request.avatar is not None and name not in self._rigs:
                    self._rigs[name] = open_avatar(request.avatar)
        self._music = None
        if board.music is not None:
            self._music = MusicBed(board.music.path, RATE, board.music.volume, board.music.duck)
        self._drawn = 0
        self.stand_ins: dict[str, str] = {}
        self.starts: list[float] = []

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
        scenes = zip(self._board.filled(), self._requests, self._lengths, strict=True)
        for scene, request, letters in scenes:
            yield Shot(self._scene(request, letters), scene.transition)
        if self._board.outro is not None:
            yield Shot(self._clip(self._board.outro))

    def _clip(self, path: Path) -> Iterator[Moment]:
        for moment in clip(path, self._canvas, RATE):
            self.extent.seconds += float(1 / self.fps)
            yield moment

    def _check_script(self, request: Request) -> None:
        """Find out before anything is drawn that a scene can be heard."""
        if request.audio is None:
            self._synthesiser.synthesise(request.text, speaker_of(request))
            return
        recording(request.audio, RATE)
        if self._transcribe:
            need_ears()

    def _scene(self, request: Request, letters: int) -> Iterator[Moment]:
        start = float(self._drawn / self.fps)
        self.starts.append(start)
        rig = self._rigs.get(str(request.avatar))
        line = Line(request, self._synthesiser, rig, self._canvas, transcribe=self._transcribe)
        already, spoken = self.extent.seconds, self.extent.spoken
        with closing(line.frames()) as frames:
            for frame in frames:
                self.extent.seconds = already + line.extent.seconds
                done = line.extent.spoken / max(1, line.extent.characters)
                self.extent.spoken = spoken + round(letters * done)
                yield Moment(frame.picture, frame.samples)
        self.extent.spoken = spoken + letters
        self.words += [Word(w.text, w.start + start, w.end + start) for w in line.words]
        self.stand_ins |= line.stand_ins
        self.timings.add(line.timings)


def _request(board: Storyboard, scene: ScenePlan, voices: "Mapping[str, PersonVoice]") -> Request:
    """One scene in the words of the line."""
    mark, voice = board.watermark, scene.voice
    spoken = scene.audio is None
    return Request(
        text=scene.text or "",
        audio=scene.audio,
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
        speed=board.speed if spoken else 1.0,
        pitch=board.pitch if spoken else 0.0,
        volume=board.volume,
        seed=board.seed,
        test=board.test,
    )


def _check_files(board: Storyboard) -> None:
    """Look into every picture and film that will be shown, each once.

    Raises:
        SceneError: one that cannot be shown, named by its place.
    """
    places: dict[str | Path | None, str] = {board.outro: "outro", board.intro: "intro"}
    for at, scene in enumerate(board.filled()):
        places.setdefault(scene.background, f"scenes.{at}.background")
        places.setdefault(scene.layout.visual, f"scenes.{at}.layout.visual")
    for source, place in places.items():
        try:
            need_readable(parse_background(source))
        except SceneError as error:
            raise SceneError(f"{place}: {error.message}", error.remedy) from error


def _letters(request: Request) -> int:
    """How long a scene is, in letters that a voice says in that time."""
    if request.audio is None:
        return len(request.text)
    return round(probe(request.audio).duration * LETTERS_PER_SECOND)
