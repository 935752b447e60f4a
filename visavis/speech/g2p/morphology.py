"""Inflected and compound words from their parts: -s, -ed, -ing, possessives, prefixes, compounds.

The sound rules of the endings follow misaki (Apache-2.0); which stems are tried is ours.
"""

from collections.abc import Callable, Iterator

from visavis.speech.g2p.stress import PRIMARY, SECONDARY

Lookup = Callable[[str], str | None]

_FLAPPED_AFTER = frozenset("AIOWYiuæɑəɛɪɹʊʌ")
_DOUBLED = frozenset("bdgklmnprtvz")

_SUFFIXES: dict[str, str] = {
    "ly": "li", "ness": "nəs", "less": "ləs", "ful": "fᵊl", "ment": "mənt", "er": "əɹ",
    "ers": "əɹz", "est": "əst", "ish": "ɪʃ", "able": "əbᵊl", "like": "lˌIk", "wise": "wˌIz",
    "ship": "ʃˌɪp", "hood": "hˌʊd", "dom": "dəm", "ism": "ˌɪzᵊm", "ist": "ɪst", "ists": "ɪsts",
    "y": "i", "ize": "ˌIz", "ized": "ˌIzd", "izing": "ˌIzɪŋ", "ise": "ˌIz",
}  # fmt: skip

_PREFIXES: dict[str, str] = {
    "un": "ʌn", "re": "ɹi", "non": "nˌɑn", "pre": "pɹi", "dis": "dɪs", "mis": "mɪs",
    "over": "ˌOvəɹ", "under": "ˌʌndəɹ", "sub": "sˌʌb", "super": "sˌupəɹ", "anti": "ˌænti",
    "inter": "ˌɪntəɹ", "micro": "mˌIkɹO", "multi": "mˌʌlti", "auto": "ˌɔTO", "cyber": "sˌIbəɹ",
    "hyper": "hˌIpəɹ", "mega": "mˌɛɡə", "co": "kˌO", "de": "di", "out": "ˌWt", "up": "ˌʌp",
}  # fmt: skip


def with_s(stem: str, *, british: bool) -> str:
    """A stem's sound with the ending -s or -'s."""
    if stem[-1] in "ptkfθ":
        return stem + "s"
    if stem[-1] in "szʃʒʧʤ":
        return stem + ("ɪz" if british else "ᵻz")
    return stem + "z"


def with_ed(stem: str, *, british: bool) -> str:
    """A stem's sound with the ending -ed."""
    if stem[-1] in "pkfθʃsʧ":
        return stem + "t"
    if stem[-1] == "d":
        return stem + ("ɪd" if british else "ᵻd")
    if stem[-1] != "t":
        return stem + "d"
    if british:
        return stem + "ɪd"
    return _flapped(stem) + "ᵻd"


def with_ing(stem: str, *, british: bool) -> str:
    """A stem's sound with the ending -ing."""
    if british and stem[-1] in "əː":
        return stem + "ɹɪŋ"
    return (stem if british else _flapped(stem)) + "ɪŋ"


def _flapped(stem: str) -> str:
    """American t between vowels is a tap."""
    if len(stem) > 1 and stem[-1] == "t" and stem[-2] in _FLAPPED_AFTER:
        return stem[:-1] + "ɾ"
    return stem


def inflected(word: str, lookup: Lookup, *, british: bool) -> str | None:
    """The sound of an inflected word whose stem is known; None where no stem is.

    Args:
        word: in lower case.
        lookup: the pronunciation of a stem, or None.
    """
    endings: tuple[tuple[Callable[[str], Iterator[str]], Callable[..., str]], ...] = (
        (_stems_of_s, with_s),
        (_stems_of_ed, with_ed),
        (_stems_of_ing, with_ing),
    )
    for stems, attach in endings:
        for stem in stems(word):
            if sound := lookup(stem):
                return attach(sound, british=british)
    return None


def _stems_of_s(word: str) -> Iterator[str]:
    if word.endswith("'s") or word.endswith("s'"):
        yield word[:-2] if word.endswith("'s") else word[:-1]
        if word.endswith("s'"):
            yield word[:-2]
    elif word.endswith("s") and not word.endswith("ss") and len(word) > 2:
        yield word[:-1]
        if word.endswith("ies") and len(word) > 4:
            yield word[:-3] + "y"
        elif word.endswith("es") and len(word) > 4:
            yield word[:-2]


def _stems_of_ed(word: str) -> Iterator[str]:
    if word.endswith("ed") and not word.endswith("eed") and len(word) > 4:
        yield word[:-2]
        yield word[:-1]
        if word.endswith("ied"):
            yield word[:-3] + "y"
        if word[-3] == word[-4] and word[-3] in _DOUBLED:
            yield word[:-3]
    elif word.endswith("'d"):
        yield word[:-2]


def _stems_of_ing(word: str) -> Iterator[str]:
    base = word[:-3] if word.endswith("ing") else word[:-3] if word.endswith("in'") else ""
    if len(base) < 3:
        return
    yield base
    yield base + "e"
    if base[-1] == base[-2] and base[-1] in _DOUBLED:
        yield base[:-1]
    if base.endswith("y"):
        yield base[:-1] + "ie"


def derived(word: str, lookup: Lookup) -> str | None:
    """The sound of a word made of a known one and a common suffix or prefix, else None."""
    for suffix, sound in _SUFFIXES.items():
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            base = word[: -len(suffix)]
            candidates = [base]
            if suffix[0] in "aeiy":
                candidates.append(base + "e")
                if base[-1] == base[-2] and base[-1] in _DOUBLED:
                    candidates.append(base[:-1])
            if base.endswith("i"):
                candidates.append(base[:-1] + "y")
            for candidate in candidates:
                if stem := lookup(candidate):
                    return stem + sound
    for prefix, sound in _PREFIXES.items():
        if word.startswith(prefix) and len(word) - len(prefix) >= 4:
            stem = lookup(word[len(prefix) :])
            if stem:
                return sound + stem
    return None


def compound(word: str, lookup: Lookup) -> str | None:
    """The sound of two known words written as one, the first stressed; None where none fit.

    Both parts have at least four letters and the split with the most even parts wins, so that
    chance splits of names are rare.
    """
    if len(word) < 8:
        return None
    middle = len(word) / 2
    for cut in sorted(range(4, len(word) - 3), key=lambda at: abs(at - middle)):
        first, second = lookup(word[:cut]), lookup(word[cut:])
        if first and second:
            return first + second.replace(SECONDARY, "").replace(PRIMARY, SECONDARY)
    return None
