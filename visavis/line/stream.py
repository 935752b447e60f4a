"""The stages chained: a request becomes frames with their sound, as fast as they are drawn."""

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
from threadpoolctl import threadpool_limits

from visavis.line.avatars import voice_of
from visavis.line.frames import Cue, Frame, cues
from visavis.line.prefetch import prefetch
from visavis.line.recording import Script, recording
from visavis.line.request import Request
from visavis.line.stage import set_stage
from visavis.line.timings import Timings
from visavis.media import probe
from visavis.performance import Director
from visavis.rigs import Rig
from visavis.rigs.types import Picture
from visavis.scene import Canvas
from visavis.scene.sound import MusicBed
from visavis.speech import Delivery, Speech, Synthesiser, Voice, Word, find_voice
from visavis.speech.kokoro import RATE
from visavis.speech.transcription import heard_words

if TYPE_CHECKING:
    from visavis.speech.person import PersonVoice

LEAD = 0.2
"""Seconds of living silence before the first word, so that the mouth is seen to open."""

TAIL = 0.4
"""Seconds after the last word, so that it is seen to close."""

MUSIC_FADE = 1.5
"""Seconds over which music fades out at the end."""

_PER_SECOND = 100
_SPEECH_AHEAD = 2
_CUES_AHEAD = 50
_FRAMES_AHEAD = 8


@dataclass(slots=True)
class Extent:
    """How long the whole will be, known better as more is spoken.

    Attributes:
        characters: length of the text; hundredths of a second of a recording.
        spoken: how many of them were spoken so far.
        seconds: duration of what was spoken so far.
        finished: all of it was spoken.
    """

    characters: int
    spoken: int = 0
    seconds: float = 0.0
    finished: bool = False

    @property
    def expected(self) -> float:
        """Seconds that the whole is expected to last; 0 while nothing is known."""
        if self.finished or not self.spoken:
            return self.seconds
        return self.seconds * max(1.0, self.characters / self.spoken)


class Line:
    """A request with everything opened that it needs; everything that can be wrong is found here.

    Args:
        request: what is to be made.
        synthesiser: a loaded one to share; by default one is loaded.
        rig: the avatar where it is open already.
        on: the canvas where it is settled already, as in a film.
        transcribe: find the words of a recording without a text; by default where captions are
            to show them.

    Attributes:
        extent: how long the whole will be.
        fps: frames per second.
        request: what is to be made.
        size: width and height of the pictures.
        timings: how long each stage worked.
        words: what was spoken so far, in seconds from the first frame.
        starts: seconds at which scenes begin; none in a single one.

    Raises:
        VisavisError: an unknown voice, a text that cannot be spoken, a recording that cannot
            be heard, an avatar that cannot be made.
    """

    def __init__(
        self,
        request: Request,
        synthesiser: Synthesiser | None = None,
        rig: Rig | None = None,
        on: Canvas | None = None,
        *,
        transcribe: bool | None = None,
    ) -> None:
        self.request = request
        self._heard: list[Word] = []
        if transcribe is None:
            transcribe = request.caption_style is not None
        self.fps = Fraction(request.fps)
        self.timings = Timings()
        self.extent = Extent(_size(request))
        self.words: list[Word] = []
        self.starts: list[float] = []
        delivery = Delivery(
            speed=request.speed,
            pitch=request.pitch,
            volume=request.volume,
            lexicon=request.lexicon,
        )
        voice = speaker_of(request)
        self._director = Director(self.fps, request.emotion, seed=request.seed)

        def load() -> Iterator[Speech]:
            with self.timings.measure("load"):
                if request.audio is not None:
                    if transcribe and not request.text:
                        self._heard = heard_words(request.audio)
                    spoken = recording(request.audio, RATE, request.volume, _script(request))
                else:
                    speaker = synthesiser or Synthesiser()
                    spoken = iter(speaker.synthesise(request.text, voice, delivery))
            return self._begun(spoken)

        # opening an avatar keeps one core busy; the other opens the voice and begins to speak
        with ThreadPoolExecutor(1, "visavis-load") as aside:
            loading = aside.submit(load)
            with self.timings.measure("avatar"):
                stage = set_stage(request, rig, on)
            self._speaking = loading.result()
        self.size = stage.size
        self._compositor = stage.compositor
        self._renderer = stage.renderer
        self._music = None
        if request.music is not None:
            self._music = MusicBed(Path(request.music), RATE, request.music_volume, request.duck)

    @property
    def rate(self) -> int:
        """Samples per second of the sound."""
        return RATE

    @property
    def alpha(self) -> bool:
        """Whether the frames have a fourth channel."""
        return self._compositor.alpha

    @property
    def stand_ins(self) -> dict[str, str]:
        """Characters of the captions so far that their font lacks, and the fonts that have them."""
        captions = self._compositor.captions
        return captions.stand_ins if captions is not None else {}

    def frames(self) -> Generator[Frame]:
        """Every frame with its sound, in order, once. Close the iterator to stop early."""
        with (
            closing(prefetch(self._speech(), _SPEECH_AHEAD, "speech")) as speech,
            closing(prefetch(self._act(speech), _CUES_AHEAD, "performance")) as poses,
            closing(prefetch(self._draw(poses), _FRAMES_AHEAD, "picture")) as drawn,
        ):
            frames = self._composed(drawn)
            yield from under_music(frames, self._music, self.extent) if self._music else frames

    def _begun(self, spoken: Iterator[Speech]) -> Iterator[Speech]:
        """The same clauses, the first of them spoken already."""

        def timed() -> Iterator[Speech]:
            while True:
                with self.timings.measure("speech"):
                    speech = next(spoken, None)
                if speech is None:
                    return
                yield speech

        clauses = timed()
        return chain(list(islice(clauses, 1)), clauses)

    def _speech(self) -> Iterator[Speech]:
        rate = 0
        for speech in self._speaking:
            if not rate:
                rate = speech.rate
                self.extent.seconds += LEAD
                yield Speech.silence(LEAD, rate)
                self._add_words(self._heard)
            self._note(speech)
            yield speech
        if rate:
            self.extent.seconds += TAIL
            self.extent.finished = True
            yield Speech.silence(TAIL, rate)

    def _note(self, speech: Speech) -> None:
        """Keep the words of a clause, and how much longer the whole has become."""
        self._add_words(speech.words)
        self.extent.spoken += (
            len(speech.text) if self.request.audio is None else round(speech.duration * _PER_SECOND)
        )
        self.extent.seconds += speech.duration

    def _add_words(self, words: Iterable[Word]) -> None:
        """Keep and show words whose times count from here."""
        start = self.extent.seconds
        moved = [Word(word.text, word.start + start, word.end + start) for word in words]
        self.words += moved
        self._compositor.add_words(moved)

    def _act(self, speech: Iterator[Speech]) -> Iterator[Cue]:
        return cues(speech, self._director, self.fps, self.timings)

    def _draw(self, poses: Iterator[Cue]) -> Iterator[tuple[Cue, Picture | None]]:
        for cue in poses:
            drawn = None
            if self._renderer is not None:
                with self.timings.measure("picture"):
                    drawn = self._renderer.render(cue.pose)
            yield cue, drawn

    def _composed(self, drawn: Iterator[tuple[Cue, Picture | None]]) -> Iterator[Frame]:
        """In the reader's thread: drawing is the longest of the stages that cannot be shared."""
        for cue, person in drawn:
            time = float(cue.index / self.fps)
            with self.timings.measure("scene"):
                picture = self._compositor.compose(person, time)
            yield Frame(cue.index, time, picture, cue.samples, cue.rate)


def speaker_of(request: Request) -> "PersonVoice | Voice":
    """Who speaks.

    Raises:
        VoiceError: there is no such voice.
    """
    chosen = request.voice if request.voice is not None else voice_of(request.avatar)
    return find_voice(chosen) if isinstance(chosen, str) else chosen


def _size(request: Request) -> int:
    """What `Extent` counts: characters of a text, hundredths of a second of a recording."""
    if request.audio is None:
        return len(request.text)
    return round(probe(request.audio).duration * _PER_SECOND)


def _script(request: Request) -> Script | None:
    """What a recording reads, where that is known."""
    if not request.text.strip():
        return None
    return Script(request.text, speaker_of(request).language, request.lexicon)


def under_music(frames: Iterator[Frame], bed: MusicBed, extent: Extent) -> Iterator[Frame]:
    """The same frames with music under their sound, faded out towards the end."""
    ending = False
    for frame in frames:
        left = extent.seconds - frame.time
        if not ending and extent.finished and left <= MUSIC_FADE:
            bed.end_in(max(left, 0.0))
            ending = True
        yield replace(frame, samples=bed.mix(frame.samples))


def single_threaded() -> None:
    """Keep numpy and OpenCV to the thread that calls them; the stages are the parallelism."""
    cv2.setNumThreads(1)
    threadpool_limits(limits=1)
