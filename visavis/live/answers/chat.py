"""Answers of any endpoint that speaks OpenAI's chat completions."""

import json
from collections.abc import AsyncIterator

import httpx

from visavis.live.answers.library import Library
from visavis.live.answers.types import AnswerError, Said

MANNER = (
    "You are a person on a video call. Your words are spoken aloud: answer in one to three short"
    " sentences, in plain words, without lists, markup, links or emoji."
)
TURNS = 20
"""Turns of the conversation that the model is reminded of."""


class ChatAnswerer:
    """Streams an answer, with the fitting passages of the knowledge base in the prompt.

    Args:
        url: address of the API, e.g. ``http://127.0.0.1:11434/v1``.
        model: its name there.
        key: sent as Bearer; empty for none.
        prompt: who the avatar is and what it is to do.
        library: what it may look up.
        seconds: longest silence of the endpoint.
    """

    def __init__(
        self, url: str, model: str, key: str, prompt: str, library: Library, seconds: float = 20.0
    ) -> None:
        self._url = url.rstrip("/") + "/chat/completions"
        self._model = model
        self._prompt = prompt
        self._library = library
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.AsyncClient(headers=headers, timeout=seconds)

    async def answer(self, history: list[Said], text: str) -> AsyncIterator[str]:
        """The answer, token by token.

        Raises:
            AnswerError: the endpoint does not answer, or not as documented.
        """
        said = messages(self._prompt, self._library, history, text)
        body = {"model": self._model, "stream": True, "messages": said}
        try:
            async with self._client.stream("POST", self._url, json=body) as reply:
                if reply.status_code != 200:
                    raise AnswerError(
                        f"The language model answered with status {reply.status_code}.",
                        "Check its address, model and key in the settings.",
                    )
                async for line in reply.aiter_lines():
                    if piece := _piece(line):
                        yield piece
        except httpx.HTTPError as error:
            raise AnswerError(
                f"The language model does not answer ({type(error).__name__}).",
                "Check that it runs and that its address is right.",
            ) from error


def messages(prompt: str, library: Library, history: list[Said], text: str) -> list[dict[str, str]]:
    """A conversation as models are given it, with the passages that fit the last text."""
    system = "\n\n".join(part for part in (prompt.strip(), MANNER) if part)
    if found := library.search(text):
        notes = "\n".join(f"- {item.title}: {item.text}" for item in found)
        system += f"\n\nWhat you know about this:\n{notes}"
    said = [{"role": item.role, "content": item.text} for item in history[-TURNS:]]
    return [{"role": "system", "content": system}, *said, {"role": "user", "content": text}]


def _piece(line: str) -> str:
    """The text in one line of a stream of server-sent events."""
    if not line.startswith("data:"):
        return ""
    data = line[5:].strip()
    if not data or data == "[DONE]":
        return ""
    try:
        choices = json.loads(data).get("choices") or [{}]
        return str((choices[0].get("delta") or {}).get("content") or "")
    except (ValueError, AttributeError, IndexError) as error:
        raise AnswerError(
            "The language model's answer cannot be read.", "Use an OpenAI-compatible endpoint."
        ) from error
