"""What an avatar does when nobody says anything."""

import asyncio
from collections.abc import Callable

PATIENCE = 10.0
"""Seconds in which neither speaks, after which the person counts as silent."""

AT_MOST = 2
"""Times that the avatar asks in a row; who answers neither is left alone."""

PROMPTS = {
    "en": "Are you still there?",
    "es": "¿Sigues ahí?",
    "fr": "Vous êtes toujours là ?",
    "hi": "क्या आप अभी भी वहाँ हैं?",
    "it": "Ci sei ancora?",
    "ja": "まだいらっしゃいますか。",
    "pt": "Você ainda está aí?",
    "zh": "您还在吗？",
}
"""What is asked, by the first letters of the voice."""


def prompt_of(voice: str) -> str:
    """What a voice asks, given its slug."""
    return PROMPTS.get(voice.partition("-")[0], PROMPTS["en"])


class Silence:
    """Waits for somebody to speak.

    Args:
        on_silence: told that the person is silent.
        ask: makes the avatar ask; None where it is to wait quietly.
        patience: seconds.
    """

    def __init__(
        self,
        on_silence: Callable[[], None],
        ask: Callable[[], None] | None,
        patience: float = PATIENCE,
    ) -> None:
        self._on_silence = on_silence
        self._ask = ask
        self._patience = patience
        self._timer: asyncio.TimerHandle | None = None
        self._asked = 0

    def begin(self) -> None:
        """The avatar has finished: from now on the person is waited for."""
        self.stop()
        self._timer = asyncio.get_running_loop().call_later(self._patience, self._over)

    def stop(self) -> None:
        """Somebody speaks, or nobody is waited for any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def broken(self) -> None:
        """The person spoke: the avatar may ask again later."""
        self._asked = 0
        self.stop()

    def _over(self) -> None:
        self._timer = None
        self._on_silence()
        if self._ask is not None and self._asked < AT_MOST:
            self._asked += 1
            self._ask()
