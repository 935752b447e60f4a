"""Sentences to speak: prose of many kinds in nine language groups, from free text packages.

Sources are Debian packages unpacked into one folder (see README.md): fortune files, the Debian
Reference in its translations, and names of places, languages and days from CLDR. Numbers, dates
and names are generated, because real scripts are full of them.
"""

import html
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

LANGUAGES = ("en-US", "en-GB", "es", "fr", "hi", "it", "pt-BR", "ja", "zh")

_FORTUNES = {"en-US": ".", "es": "es", "it": "it"}
_REFERENCE = {
    "en-US": "en", "es": "es", "fr": "fr", "it": "it", "pt-BR": "pt-br", "ja": "ja", "zh": "zh-cn",
}  # fmt: skip
_SCRIPT = {
    "hi": r"[\u0900-\u097f]",
    "ja": r"[\u3040-\u30ff]",
    "zh": r"[\u4e00-\u9fff]",
}
_LENGTH = {"ja": (8, 60), "zh": (6, 50), "hi": (20, 160)}
_LETTERS = r"A-Za-zÀ-ÿ\u0900-\u097f\u3040-\u30ff\u4e00-\u9fff"
_CLEAN = re.compile(rf"[{_LETTERS}0-9 ,.;:!?'’、。，！？।\-]+$")
_ENGLISH = re.compile(r"\b(the|a|is|are|to|of|and|you|it|in|that|not|for|have|was|with)\b", re.I)


def _split(text: str, language: str) -> Iterator[str]:
    low, high = _LENGTH.get(language, (25, 170))
    script = _SCRIPT.get(language, r"[A-Za-z]{2}")
    for sentence in re.split(r"(?<=[.!?。！？।])\s*", re.sub(r"\s+", " ", text)):
        tidy = sentence.strip().replace("’", "'")
        if low <= len(tidy) <= high and _CLEAN.match(tidy) and re.search(script, tidy):
            yield tidy


def _fortunes(root: Path, language: str) -> Iterator[str]:
    folder = root / "usr/share/games/fortunes" / _FORTUNES[language]
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix not in (".dat", ".u8"):
            for entry in path.read_text("utf-8", errors="replace").split("\n%\n"):
                found = _split(entry.split("--")[0], language)
                # The main folder also holds other languages' fortunes.
                yield from (s for s in found if language != "en-US" or _ENGLISH.search(s))


def _reference(root: Path, language: str) -> Iterator[str]:
    folder = root / "usr/share/debian-reference"
    for path in sorted(folder.glob(f"ch*.{_REFERENCE[language]}.html")):
        body = path.read_text("utf-8", errors="replace")
        for block in re.findall(r"<p>(.*?)</p>", body, re.DOTALL):
            yield from _split(html.unescape(re.sub(r"<[^>]+>", "", block)), language)


def _names(language: str, rng: random.Random, count: int) -> Iterator[str]:
    """Lists of places and languages: words no prose holds, in the language's own sounds."""
    locale = Locale.parse(language.replace("-", "_"))
    names = sorted({*locale.territories.values(), *locale.languages.values()})
    joiner = "、" if language in ("ja", "zh") else ", "
    stop = {"ja": "。", "zh": "。", "hi": "।"}.get(language, ".")
    for _ in range(count):
        yield joiner.join(rng.sample(names, rng.randint(3, 6))) + stop


def _figures(language: str, rng: random.Random, count: int) -> Iterator[str]:
    """Numbers, prices, days and times as this language writes them."""
    from datetime import date, time

    locale = language.replace("-", "_")
    makers: tuple[Callable[[], str], ...] = (
        lambda: format_decimal(rng.randint(3, 9_999_999), locale=locale),
        lambda: format_currency(rng.randint(2, 90_000), "EUR", "#,##0 ¤¤¤", locale=locale),
        lambda: format_date(date(rng.randint(1900, 2030), rng.randint(1, 12), rng.randint(1, 28)),
                            "full", locale=locale),
        lambda: format_time(time(rng.randint(0, 23), rng.randint(0, 59)), "short", locale=locale),
    )  # fmt: skip
    for _ in range(count):
        yield ", ".join(rng.choice(makers)() for _ in range(rng.randint(2, 3))) + "."


_ENGLISH_FRAMES = (
    "{0} and {1} both bought a big pumpkin from {2}.",
    "Five very fine vans from {0} move past {1} before {2}.",
    "We choose to push {0} through the blue zoo, you know.",
    "Please meet {0}, who thinks {1} is the best place for maple jam.",
    "Oh, {0}! Would you show {1} how the boat goes to {2}?",
    "Peter from {0} paid a bit more for butter, bread and beef in {1}.",
)


def _framed(rng: random.Random, count: int) -> Iterator[str]:
    """English sentences thick with lip sounds, around names."""
    locale = Locale.parse("en_US")
    names = [name for name in locale.territories.values() if name.isascii()]
    for _ in range(count):
        yield rng.choice(_ENGLISH_FRAMES).format(*rng.sample(names, 3))


def sentences(root: Path, language: str, seed: int) -> list[str]:
    """Shuffled sentences of one language, without repeats.

    Args:
        root: folder into which the text packages were unpacked.
        language: one of `LANGUAGES`.
        seed: the same seed gives the same order.
    """
    rng = random.Random(f"{language}-{seed}")
    source = "en-US" if language == "en-GB" else language
    found: list[str] = []
    if source in _FORTUNES:
        found += _fortunes(root, source)
    if source in _REFERENCE:
        found += _reference(root, source)
    if language == "hi":
        found += _iso_codes(root, "hi", rng)
    found += _names(language, rng, 400)
    found += _figures(language, rng, 400)
    if source == "en-US":
        found += _framed(rng, 800)
    unique = sorted(set(found))
    rng.shuffle(unique)
    return unique


def _iso_codes(root: Path, language: str, rng: random.Random) -> Iterator[str]:
    """Lists made of the translated names in iso-codes, for a language with little prose."""
    import gettext

    words: set[str] = set()
    for domain in ("iso_3166-1", "iso_639-2", "iso_3166-2", "iso_4217"):
        path = root / f"usr/share/locale/{language}/LC_MESSAGES/{domain}.mo"
        if path.exists():
            with path.open("rb") as file:
                catalogue = gettext.GNUTranslations(file)
            words.update(
                v for v in catalogue._catalog.values() if isinstance(v, str) and len(v) < 40
            )  # type: ignore[attr-defined]
    listed = sorted(word for word in words if re.search(_SCRIPT[language], word))
    for _ in range(600):
        yield ", ".join(rng.sample(listed, rng.randint(3, 5))) + "।"
