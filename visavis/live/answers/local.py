"""Answers of a small language model on this machine (CTranslate2, which Whisper runs on too)."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from visavis.live.answers.chat import messages
from visavis.live.answers.library import Library
from visavis.live.answers.types import AnswerError, Said

MODEL, TOKENIZER = "model.bin", "tokenizer.json"
BEGIN, END = "<|im_start|>", "<|im_end|>"
LONGEST = 160
"""Tokens of an answer."""

CONTEXT = 1800
"""Tokens of the conversation that the model is reminded of, the last ones."""


class LocalAnswerer:
    """Streams an answer of a model that was trained on ChatML, as Qwen2.5-Instruct and
    SmolLM2-Instruct were.

    Args:
        folder: with the model as `ct2-transformers-converter` writes it, and its tokenizer.json.
        prompt: who the avatar is and what it is to do.
        library: what it may look up.
        threads: threads of one pass.

    Raises:
        AnswerError: there is no such model in the folder.
    """

    def __init__(self, folder: Path, prompt: str, library: Library, threads: int = 2) -> None:
        self._prompt, self._library = prompt, library
        for name in (MODEL, TOKENIZER):
            if not (folder / name).is_file():
                raise AnswerError(
                    f"The folder of the language model has no {name}.",
                    "Convert a model with ct2-transformers-converter --copy_files tokenizer.json.",
                )
        import ctranslate2
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        if self._tokenizer.token_to_id(BEGIN) is None:
            raise AnswerError(
                "This language model does not know ChatML.",
                "Use one that does, e.g. Qwen2.5-0.5B-Instruct or SmolLM2-360M-Instruct.",
            )
        self._model: Any = ctranslate2.Generator(
            str(folder), device="cpu", compute_type="auto", intra_threads=threads
        )
        self._thread = ThreadPoolExecutor(1, "visavis-answers")

    async def answer(self, history: list[Said], text: str) -> AsyncIterator[str]:
        """The answer, token by token."""
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        stopped = threading.Event()
        asked = self._asked(history, text)

        def think() -> None:
            try:
                for piece in self._think(asked, stopped):
                    loop.call_soon_threadsafe(pieces.put_nowait, piece)
            finally:
                loop.call_soon_threadsafe(pieces.put_nowait, None)

        thinking = loop.run_in_executor(self._thread, think)
        try:
            while (piece := await pieces.get()) is not None:
                yield piece
            await thinking
        finally:
            stopped.set()

    def _asked(self, history: list[Said], text: str) -> list[str]:
        """The conversation in tokens, up to where the answer begins."""
        turns = messages(self._prompt, self._library, history, text)
        written = "".join(f"{BEGIN}{item['role']}\n{item['content']}{END}\n" for item in turns)
        encoded = self._tokenizer.encode(f"{written}{BEGIN}assistant\n", add_special_tokens=False)
        return list(encoded.tokens[-CONTEXT:])

    def _think(self, asked: list[str], stopped: threading.Event) -> Iterator[str]:
        ids: list[int] = []
        said = ""
        for step in self._model.generate_tokens(
            asked, max_length=LONGEST, sampling_topk=1, end_token=END
        ):
            if stopped.is_set():
                return
            ids.append(step.token_id)
            text = self._tokenizer.decode(ids)
            if not text.endswith("\N{REPLACEMENT CHARACTER}"):  # the rest of a letter is to come
                yield text[len(said) :]
                said = text
