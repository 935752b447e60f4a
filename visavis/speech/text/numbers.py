"""Numbers as English words: cardinals, ordinals, decimals, years, digits, Roman numerals."""

import re

from visavis.speech.wordlist import listed

_ONES = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = listed("_ _ twenty thirty forty fifty sixty seventy eighty ninety")
_SCALES = listed("_ thousand million billion trillion quadrillion")
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_ROMAN = re.compile(r"M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}

LARGEST = 10**18 - 1
"""The largest number said as one; longer strings are read digit by digit."""


def cardinal(number: int) -> list[str]:
    """A whole number: ``[two, hundred, five]``; digit by digit beyond `LARGEST`."""
    if number < 0:
        return ["minus", *cardinal(-number)]
    if number > LARGEST:
        return digits(str(number))
    if number < 20:
        return [_ONES[number]]
    if number < 100:
        tens, ones = divmod(number, 10)
        return [_TENS[tens], *([_ONES[ones]] if ones else [])]
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return [_ONES[hundreds], "hundred", *(cardinal(rest) if rest else [])]
    words: list[str] = []
    scale = 0
    while number:
        number, group = divmod(number, 1000)
        if group:
            words = [*cardinal(group), *([_SCALES[scale]] if scale else []), *words]
        scale += 1
    return words


def ordinal(number: int) -> list[str]:
    """A whole number as a rank: ``[twenty, first]``."""
    *head, last = cardinal(number)
    if last in _ORDINALS:
        return [*head, _ORDINALS[last]]
    return [*head, last[:-1] + "ieth" if last.endswith("y") else last + "th"]


def digits(text: str) -> list[str]:
    """The digits of `text` one by one."""
    return [_ONES[int(character)] for character in text if character.isdecimal()]


def number(text: str) -> list[str]:
    """A written number: optional sign, thousands commas, decimal point.

    A leading zero (``007``) or a great length means it is a code and is read digit by digit.
    """
    sign = ["minus"] if text[:1] in ("-", "−") else []
    whole, point, fraction = text.lstrip("+-−").replace(",", "").partition(".")
    if (len(whole) > 1 and whole[0] == "0") or len(whole) > 18:
        words = digits(whole)
    else:
        words = cardinal(int(whole)) if whole else ["zero"]
    if point and fraction:
        words = [*words, "point", *digits(fraction)]
    return [*sign, *words]


def year(number: int) -> list[str]:
    """A year: ``[nineteen, eighty, four]``, ``[two, thousand, nine]``, ``[twenty, twelve]``."""
    century, rest = divmod(number, 100)
    if not 10 <= century <= 99 or 2000 <= number < 2010 or number % 1000 == 0:
        return cardinal(number)
    if rest == 0:
        return [*cardinal(century), "hundred"]
    if rest < 10:
        return [*cardinal(century), "oh", _ONES[rest]]
    return [*cardinal(century), *cardinal(rest)]


def plural(words: list[str]) -> list[str]:
    """The last word in the plural: ``[nineteen, nineties]``, ``[dollars]``."""
    *head, last = words
    if last.endswith("y") and last[-2:-1] not in ("a", "e", "o", "u"):
        return [*head, last[:-1] + "ies"]
    return [*head, last + ("es" if last.endswith(("x", "s", "ch", "sh")) else "s")]


def roman(text: str) -> int | None:
    """The value of a well-formed Roman numeral in capitals, else None."""
    if not text or not _ROMAN.fullmatch(text):
        return None
    values = [_ROMAN_VALUES[letter] for letter in text]
    following = [*values[1:], 0]
    return sum(-v if v < n else v for v, n in zip(values, following, strict=True))
