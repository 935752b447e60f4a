"""The English dictionaries: two tiers of words, some with a pronunciation per part of speech."""

import json
from collections.abc import Mapping
from pathlib import Path

from visavis.errors import ModelError

Entry = str | Mapping[str, str | None]
"""A pronunciation, or pronunciations by part of speech with a ``DEFAULT``."""

PHRASE_END = "None"
"""The key of the form a function word takes before a pause."""

_PARENTS = {"VBD": "VERB", "VBN": "VERB", "VBP": "VERB", "VB": "VERB"}


class Lexicon:
    """misaki's gold and silver dictionaries of one accent (Apache-2.0), read as JSON.

    Args:
        gold, silver: files of the accent; gold was checked by people, silver was derived.

    Raises:
        ModelError: a file is not a dictionary.
    """

    def __init__(self, gold: Path, silver: Path) -> None:
        self._tiers = (_read(gold), _read(silver))

    def __contains__(self, word: str) -> bool:
        return self.entry(word) is not None

    def entry(self, word: str) -> Entry | None:
        """The entry of `word` as written, else in lower case, else capitalised."""
        forms = dict.fromkeys((word, word.lower(), word.capitalize()))
        for tier in self._tiers:
            for form in forms:
                if (found := tier.get(form)) is not None:
                    return found
        return None

    def exact(self, word: str) -> Entry | None:
        """The entry of `word` with these capitals, gold before silver."""
        return self._tiers[0].get(word) or self._tiers[1].get(word)

    def pronounce(self, word: str, part: str | None = None) -> str | None:
        """The pronunciation of `word` as a part of speech.

        Args:
            part: ``NOUN``, ``VERB``, ``ADJ``, ``ADV``, ``VBD``, ``VBN``, ``VBP``, ``DT``,
                `PHRASE_END`, or None for the usual one.
        """
        entry = self.entry(word)
        if entry is None or isinstance(entry, str):
            return entry
        if part is not None:
            for key in (part, _PARENTS.get(part, part)):
                if found := entry.get(key):
                    return found
        return entry.get("DEFAULT") or next((value for value in entry.values() if value), None)


def _read(path: Path) -> dict[str, Entry]:
    try:
        loaded = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The dictionary {path.name} cannot be read: {error}.", "Run `visavis models verify`."
        ) from error
    if not isinstance(loaded, dict):
        raise ModelError(f"{path.name} is not a dictionary.", "Run `visavis models verify`.")
    return loaded
