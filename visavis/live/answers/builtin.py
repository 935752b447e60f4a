"""The answerer that needs nothing: it reads out what the knowledge base says."""

from collections.abc import AsyncIterator

from visavis.live.answers.library import Library
from visavis.live.answers.types import Said

NOBODY = (
    "No language model is connected to me, so I cannot think up answers. "
    "I can say whatever you send me as a text, word for word."
)
NOTHING = "I find nothing about that in my notes, and no language model is connected to me."
ABOUT = "I have no language model; I look things up in my notes. "


class BuiltinAnswerer:
    """Finds the sentences of the documents that fit, and says that it does no more than that.

    Args:
        library: what it knows.
    """

    def __init__(self, library: Library) -> None:
        self._library = library

    async def answer(self, history: list[Said], text: str) -> AsyncIterator[str]:
        """The answer; it says what it is in the first one of a conversation."""
        if not self._library.size:
            yield NOBODY
            return
        found = self._library.sentences(text)
        if not found:
            yield NOTHING
            return
        if not any(item.role == "assistant" for item in history):
            yield ABOUT
        for sentence in found:
            yield sentence + " "
