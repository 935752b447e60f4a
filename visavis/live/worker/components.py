"""Hearing, thinking and speaking as parts of an `AgentSession`; all of it on this machine."""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterable, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    Agent,
    APIConnectOptions,
    LanguageCode,
    ModelSettings,
    NotGivenOr,
    llm,
    stt,
    tts,
    utils,
)

from visavis.errors import VisavisError
from visavis.live.agent.conversation import SORRY
from visavis.live.answers.clauses import clauses
from visavis.live.answers.types import Answerer, AnswerError, Said
from visavis.live.avatar.speaker import AHEAD, Speak
from visavis.live.avatar.timeline import Timeline
from visavis.live.hearing.ear import Ear
from visavis.live.hearing.listener import Listener
from visavis.live.worker.face import sound_frame
from visavis.speech.transcription import RATE
from visavis.speech.types import Samples, Speech

log = logging.getLogger(__name__)

_WAIT = 0.25
"""Seconds after which it is seen again whether more sound is wanted."""


def _samples(buffer: utils.AudioBuffer) -> Samples:
    """Mono float32 of one frame or several."""
    frame = rtc.combine_audio_frames(buffer)
    pcm = np.frombuffer(frame.data, np.int16).reshape(-1, frame.num_channels)
    return np.asarray(pcm.astype(np.float32).mean(axis=1) / 32768.0, np.float32)


class Hearing(stt.STT[Any]):
    """Our own ear: finds the turns itself, and says when one is over.

    Args:
        ear: understands.
        on_voice: called when the person has spoken long enough to be meant.
        confidence: transcripts below it are taken as nothing.
    """

    def __init__(self, ear: Ear, on_voice: Callable[[], None], confidence: float) -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(
                streaming=True, interim_results=False, offline_recognize=False
            )
        )
        self.ear, self.on_voice, self.confidence = ear, on_voice, confidence
        self.listener: Listener | None = None

    async def _recognize_impl(
        self,
        buffer: utils.AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions,
    ) -> stt.SpeechEvent:
        heard = await self.ear.transcribe(_samples(buffer))
        return _transcript(heard.text)

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.RecognizeStream:
        """Follow one microphone."""
        return _Following(self, conn_options)

    def hold(self, held: bool) -> None:
        """The person holds the button of push-to-talk, or lets go."""
        if self.listener is not None:
            (self.listener.hold if held else self.listener.release)()


def _transcript(text: str) -> stt.SpeechEvent:
    said = stt.SpeechData(language=LanguageCode(""), text=text, confidence=1.0)
    return stt.SpeechEvent(stt.SpeechEventType.FINAL_TRANSCRIPT, str(uuid.uuid4()), [said])


class _Following(stt.RecognizeStream):
    def __init__(self, hearing: Hearing, conn_options: APIConnectOptions) -> None:
        super().__init__(stt=hearing, conn_options=conn_options, sample_rate=RATE)
        self._hearing = hearing

    async def _run(self) -> None:
        listener = Listener(
            self._hearing.ear,
            on_start=lambda: self._tell(stt.SpeechEventType.START_OF_SPEECH),
            on_voice=self._hearing.on_voice,
            on_stop=self._stopped,
            on_text=self._understood,
            on_error=lambda error: log.warning("not understood: %s", error.message),
            confidence=self._hearing.confidence,
        )
        self._hearing.listener = listener
        try:
            async for frame in self._input_ch:
                if isinstance(frame, rtc.AudioFrame):
                    await listener.push(_samples(frame))
        finally:
            self._hearing.listener = None
            await listener.close()

    def _tell(self, kind: stt.SpeechEventType, ended: float | None = None) -> None:
        self._event_ch.send_nowait(stt.SpeechEvent(kind, speech_end_time=ended))

    def _stopped(self, silence: float) -> None:
        self._tell(stt.SpeechEventType.END_OF_SPEECH, time.time() - silence)

    async def _understood(self, text: str) -> None:
        self._event_ch.send_nowait(_transcript(text))


class Answers(llm.LLM[Any]):
    """What answers: an endpoint, a local model, or the look-up in documents.

    Args:
        answerer: finds the answers.
    """

    def __init__(self, answerer: Answerer) -> None:
        super().__init__()
        self.answerer = answerer

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        """Answer what was said last."""
        return _Answering(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _Answering(llm.LLMStream):
    _llm: Answers

    async def _run(self) -> None:
        said = [
            Said(message.role, message.text_content or "")
            for message in self._chat_ctx.messages()
            if message.role in ("user", "assistant")
        ]
        if not said or said[-1].role != "user":
            return
        name = str(uuid.uuid4())
        try:
            async for piece in self._llm.answerer.answer(said[:-1], said[-1].text):
                self._say(name, piece)
        except AnswerError as error:
            log.warning("no answer: %s", error.message)
            self._say(name, SORRY)

    def _say(self, name: str, piece: str) -> None:
        delta = llm.ChoiceDelta(role="assistant", content=piece)
        self._event_ch.send_nowait(llm.ChatChunk(id=name, delta=delta))


class Voice(tts.TTS[Any]):
    """The voice of the session, clause by clause, in a thread of its own.

    Args:
        speak: makes the sound.
        rate: samples per second of it.
    """

    def __init__(self, speak: Speak, rate: int) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False), sample_rate=rate, num_channels=1
        )
        self._speak = speak
        self._thread = ThreadPoolExecutor(1, "visavis-speech")

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        """Speak a text; its phones are lost on this way, see `Host.tts_node`."""
        return _Speaking(tts=self, input_text=text, conn_options=conn_options)

    async def clauses(self, text: str, spoken: int) -> AsyncIterator[Speech]:
        """Speak a text after a number of clauses of the same utterance."""
        loop = asyncio.get_running_loop()
        speeches = self._speak(text, spoken)
        while (
            speech := await loop.run_in_executor(self._thread, next, speeches, None)
        ) is not None:
            yield speech

    async def aclose(self) -> None:
        """Give the thread back."""
        self._thread.shutdown(wait=False, cancel_futures=True)


class _Speaking(tts.ChunkedStream):
    _tts: Voice

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(
            request_id=str(uuid.uuid4()),
            sample_rate=self._tts.sample_rate,
            num_channels=1,
            mime_type="audio/pcm",
        )
        async for speech in self._tts.clauses(self._input_text, 0):
            output_emitter.push(bytes(sound_frame(speech).data))
        output_emitter.flush()


class Host(Agent):
    """Who speaks: its sound carries the times of its phones to the face.

    Args:
        prompt: who it is.
        voice: speaks.
        timeline: what is heard; sound is made a few seconds ahead of it and no more.
    """

    def __init__(self, prompt: str, voice: Voice, timeline: Timeline) -> None:
        super().__init__(instructions=prompt)
        self._voice = voice
        self._timeline = timeline

    async def tts_node(
        self, text: AsyncIterable[str], model_settings: ModelSettings
    ) -> AsyncIterator[rtc.AudioFrame]:
        """Sound of text that comes in pieces, a frame for each clause."""
        spoken = 0
        async for clause in clauses(aiter(text)):
            try:
                async for speech in self._voice.clauses(clause, spoken):
                    spoken += 1
                    yield sound_frame(speech)
                    while self._timeline.ahead > AHEAD:
                        await asyncio.sleep(_WAIT)
            except VisavisError as error:
                log.warning("not spoken: %s", error.message)
