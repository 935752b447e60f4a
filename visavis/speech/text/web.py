"""Addresses, handles and telephone numbers."""

import re

from visavis.speech.text.numbers import cardinal, digits
from visavis.speech.text.rules import Context, Rule, rule
from visavis.speech.wordlist import listed

_NAMED = {
    ".": "dot", "/": "slash", "-": "dash", "_": "underscore", "@": "at", ":": "colon",
    "?": "question mark", "=": "equals", "&": "and", "#": "hash", "+": "plus", "~": "tilde",
    "%": "percent",
}  # fmt: skip
_DOMAINS = listed(
    "com org net edu gov io ai dev app co uk us de fr eu info me tv gg so xyz tech online store "
    "blog jp cn in it es br ca au ch at nl se no pl int biz cloud video live news"
)
_TOP = "|".join(sorted(_DOMAINS, key=len, reverse=True))
_SPELLED_DOMAINS = frozenset(
    ("io", "ai", "uk", "us", "de", "fr", "eu", "tv", "gg", "jp", "cn", "br", "ca", "au", "ch", "nl")
)
_PIECE = re.compile(r"[A-Za-z]+|\d+|[^\w\s]|_")


def _spoken_address(address: str) -> list[str]:
    """Letters as words, digits one by one when many, punctuation by name."""
    words: list[str] = []
    pieces = _PIECE.findall(address)
    for at, piece in enumerate(pieces):
        after_dot = at > 0 and pieces[at - 1] == "."
        if piece.isdecimal():
            words += cardinal(int(piece)) if len(piece) < 3 else digits(piece)
        elif piece in _NAMED:
            words += _NAMED[piece].split(" ")
        elif piece.lower() == "www" or (after_dot and piece.lower() in _SPELLED_DOMAINS):
            words += list(piece.upper())
        elif piece.isalpha():
            words.append(piece.lower() if len(piece) > 1 else piece.upper())
    return words


def _url(match: re.Match[str], context: Context) -> list[str] | None:
    address = re.sub(r"^[a-z]+://", "", match["url"], flags=re.IGNORECASE)
    words = _spoken_address(address.rstrip("/"))
    return words or None


def _email(match: re.Match[str], context: Context) -> list[str] | None:
    return _spoken_address(match["email"])


def _tagged(match: re.Match[str], context: Context) -> list[str] | None:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", match["name"])
    words = [word for part in name.split() for word in _spoken_address(part)]
    return ["at" if match["sign"] == "@" else "hashtag", *words]


def _ranked(match: re.Match[str], context: Context) -> list[str] | None:
    return ["number", *cardinal(int(match["figure"]))] if len(match["figure"]) < 10 else None


def _phone(match: re.Match[str], context: Context) -> list[str] | None:
    text = match["phone"]
    if not 7 <= sum(character.isdecimal() for character in text) <= 15:
        return None
    groups = [digits(group) for group in re.findall(r"\d+", text)]
    words = ["plus"] if text.lstrip().startswith("+") else []
    for at, group in enumerate(groups):
        words += ([","] if at else []) + group
    return words


RULES: tuple[Rule, ...] = (
    rule(r"(?P<email>[\w.+-]{1,64}@[A-Za-z\d-]{1,63}(?:\.[A-Za-z\d-]{1,63})+)", _email),
    rule(r"(?P<url>(?:https?|ftp)://[^\s<>\"'()\[\]]*[\w/])", _url),
    rule(r"(?P<url>(?i:www)\.[\w-]+(?:\.[\w-]+)+(?:/[^\s<>\"'()\[\]]*[\w/])?)", _url),
    rule(
        rf"(?P<url>(?:[A-Za-z\d](?:[A-Za-z\d-]*[A-Za-z\d])?\.)+(?:{_TOP})"
        r"(?:/[^\s<>\"'()\[\]]*[\w/])?)(?!\.\w)",
        _url,
    ),
    rule(r"(?P<sign>[@\#])(?P<name>[A-Za-z]\w*)", _tagged),
    rule(r"\#\s?(?P<figure>\d+)", _ranked),
    rule(r"(?P<phone>\+\d{1,3}(?:[\s.-]?\(?\d{1,4}\)?){2,5})", _phone),
    rule(
        r"(?P<phone>\(\d{3}\)\s?\d{3}[\s.-]\d{4}|(?:1[\s.-])?\d{3}[\s.-]\d{3}[\s.-]\d{4})", _phone
    ),
    rule(r"(?P<phone>\d{3}-\d{4})", _phone),
    rule(r"(?P<phone>0\d{2,4}\s\d{3,4}\s\d{3,4})", _phone),
)
