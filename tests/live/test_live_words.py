"""What is heard and answered: turns, clauses, look-ups, frames, an OpenAI-compatible endpoint."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.live.answers.builtin import ABOUT, NOBODY, NOTHING, BuiltinAnswerer
from visavis.live.answers.chat import ChatAnswerer
from visavis.live.answers.clauses import clauses
from visavis.live.answers.library import Library, passages
from visavis.live.answers.types import AnswerError, Document, Said
from visavis.live.api.frames import AudioFrame, FrameError, TextFrame, parse
from visavis.live.hearing.turns import (
    END,
    END_ASKED,
    END_OPEN,
    Change,
    Turns,
    patience,
    sounds_open,
)
from visavis.live.hearing.vad import SECONDS, WINDOW

QUIET = np.zeros(WINDOW, np.float32)


def changes(turns: Turns, likely: list[float]) -> list[Change]:
    return [change for value in likely if (change := turns.push(QUIET, value))]


def windows(seconds: float) -> int:
    return round(seconds / SECONDS)


def test_a_turn_begins_pauses_and_ends() -> None:
    turns = Turns()
    told = changes(turns, [0.0] * 20 + [0.9] * 30 + [0.0] * 30)
    assert told == [Change.BEGUN, Change.PAUSED, Change.ENDED]
    assert len(turns.samples) >= (30 + windows(END) - 1) * WINDOW


def test_a_click_is_no_turn() -> None:
    assert changes(Turns(), ([0.9] * 2 + [0.0] * 5) * 6) == []


def test_a_pause_inside_a_turn_does_not_end_it() -> None:
    turns = Turns()
    told = changes(turns, [0.9] * 20 + [0.1] * 8 + [0.9] * 20)
    assert told == [Change.BEGUN, Change.PAUSED, Change.RESUMED]
    assert turns.speaking


def test_open_words_are_waited_for() -> None:
    turns = Turns()
    changes(turns, [0.9] * 20 + [0.0] * 6)
    turns.patience = END_OPEN
    assert changes(turns, [0.0] * windows(END_OPEN - 0.4)) == []
    assert changes(turns, [0.0] * windows(0.4)) == [Change.ENDED]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("I would like to", True), ("Tell me about the", True), ("Well...", True), ("", True),
     ("What time is it?", False), ("No.", False), ("I like that one.", False)],
)  # fmt: skip
def test_what_sounds_open(text: str, wanted: bool) -> None:
    assert sounds_open(text) is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("What time is it?", END_ASKED), ("今何時ですか？", END_ASKED), ("I like that one.", END),
     ("Is it the", END_OPEN)],
)  # fmt: skip
def test_a_question_is_answered_sooner_than_a_remark(text: str, wanted: float) -> None:
    assert patience(text) == wanted


def test_a_patience_that_grows_short_ends_the_turn_in_hand() -> None:
    turns = Turns()
    changes(turns, [0.9] * 20 + [0.0] * windows(END_ASKED))
    assert turns.speaking
    turns.patience = END_ASKED
    assert changes(turns, [0.0] * 2) == [Change.ENDED]


async def stream(pieces: list[str]) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


def spoken(pieces: list[str]) -> list[str]:
    async def run() -> list[str]:
        return [clause async for clause in clauses(stream(pieces))]

    return asyncio.run(run())


def test_the_first_clause_comes_early_and_the_rest_in_sentences() -> None:
    text = "Of course I can, that is easy. It costs 3.50 euros, as always. Anything else?"
    made = spoken([text[at : at + 3] for at in range(0, len(text), 3)])
    assert made[0] == "Of course I can,"
    assert made[1:] == ["that is easy.", "It costs 3.50 euros, as always.", "Anything else?"]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text(alphabet="ab ,.!?\n", max_size=9), max_size=30))
def test_no_word_is_lost_between_clauses(pieces: list[str]) -> None:
    assert "".join("".join(spoken(pieces)).split()) == "".join("".join(pieces).split())


LIBRARY = Library(
    [
        Document(
            "Opening hours",
            "The library opens at ten on Sunday. It closes at six. On Monday it is closed.",
        ),
        Document("Cards", "A library card is free for children. Adults pay ten euros a year."),
    ]
)


def answer(answerer: Any, text: str, history: list[Said] | None = None) -> str:
    async def run() -> str:
        return "".join([piece async for piece in answerer.answer(history or [], text)])

    return asyncio.run(run())


def test_the_builtin_answerer_finds_the_sentence_and_says_what_it_is() -> None:
    said = answer(BuiltinAnswerer(LIBRARY), "What does a card cost for adults?")
    assert said.startswith(ABOUT)
    assert "Adults pay ten euros a year." in said
    again = answer(BuiltinAnswerer(LIBRARY), "When is it open on Sunday?", [Said("assistant", "x")])
    assert again.startswith("The library opens at ten on Sunday.")


def test_the_builtin_answerer_admits_what_it_does_not_know() -> None:
    assert answer(BuiltinAnswerer(LIBRARY), "Who won the football match?") == NOTHING
    assert answer(BuiltinAnswerer(Library([])), "Who are you?") == NOBODY


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_no_question_breaks_the_search(question: str) -> None:
    LIBRARY.search(question)
    LIBRARY.sentences(question)


def test_passages_keep_every_sentence() -> None:
    text = " ".join(f"Sentence number {n} is here." for n in range(200))
    parts = passages(text)
    assert " ".join(parts) == text
    assert max(map(len, parts)) < 640


class Endpoint(BaseHTTPRequestHandler):
    """An OpenAI-compatible endpoint that streams a few tokens."""

    asked: list[dict[str, Any]] = []  # noqa: RUF012 - shared on purpose
    status = 200

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        Endpoint.asked.append({**body, "key": self.headers.get("authorization")})
        self.send_response(Endpoint.status)
        self.end_headers()
        for word in ("Ten ", "euros", "."):
            piece = {"choices": [{"delta": {"content": word}}]}
            self.wfile.write(f"data: {json.dumps(piece)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: Any) -> None:
        """Be quiet."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Endpoint.asked, Endpoint.status = [], 200
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    server.server_close()


def test_a_language_model_gets_prompt_notes_and_history(endpoint: str) -> None:
    model = ChatAnswerer(endpoint, "tiny", "secret", "You are a librarian.", LIBRARY)
    history = [Said("user", "Hello"), Said("assistant", "Hi!")]
    assert answer(model, "What does a card cost for adults?", history) == "Ten euros."
    asked = Endpoint.asked[0]
    assert asked["key"] == "Bearer secret"
    assert asked["stream"] is True
    assert "librarian" in asked["messages"][0]["content"]
    assert "Adults pay ten euros" in asked["messages"][0]["content"]
    assert [item["role"] for item in asked["messages"]] == ["system", "user", "assistant", "user"]


def test_a_language_model_that_fails_is_an_answer_error(endpoint: str) -> None:
    Endpoint.status = 401
    with pytest.raises(AnswerError, match="401"):
        answer(ChatAnswerer(endpoint, "tiny", "", "", LIBRARY), "Hello?")
    with pytest.raises(AnswerError, match="does not answer"):
        answer(ChatAnswerer("http://127.0.0.1:1/v1", "tiny", "", "", LIBRARY), "Hello?")


def field(number: int, value: bytes) -> bytes:
    return bytes([number << 3 | 2, len(value)]) + value


def test_frames_of_the_sdk_are_read() -> None:
    assert parse(field(1, field(3, b"hello"))) == TextFrame("hello")
    audio = field(3, b"\x01\x02") + bytes([4 << 3, 0x80, 0x7D, 5 << 3, 1])
    assert parse(field(2, audio)) == AudioFrame(b"\x01\x02", 16_000, 1)
    assert parse(field(3, field(3, b"x"))) is None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40))
def test_nonsense_is_no_frame_but_no_crash(data: bytes) -> None:
    try:
        parse(data)
    except FrameError as error:
        assert error.message  # noqa: PT017 - either outcome is right
