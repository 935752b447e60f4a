"""Abbreviations, acronyms, Roman numerals, symbols, and words mixed of letters and digits."""

import re
import unicodedata

from visavis.speech.text.numbers import cardinal, number, ordinal, plural, roman, year
from visavis.speech.text.rules import Context, Rule, rule
from visavis.speech.wordlist import listed

_TITLES = {
    "Dr": "doctor", "Mr": "mister", "Mrs": "missus", "Ms": "miz", "Mx": "mix",
    "Prof": "professor", "Gen": "general", "Col": "colonel", "Capt": "captain", "Lt": "lieutenant",
    "Sgt": "sergeant", "Sen": "senator", "Rep": "representative", "Gov": "governor",
    "Rev": "reverend", "Hon": "honorable", "Pres": "president", "Messrs": "messieurs",
    "St": "saint", "Mt": "mount", "Ft": "fort",
}  # fmt: skip
_ABBREVIATIONS = {
    "e.g.": "for example", "i.e.": "that is", "etc.": "et cetera", "vs.": "versus", "vs": "versus",
    "approx.": "approximately", "dept.": "department", "est.": "established", "ca.": "circa",
    "cf.": "compare", "al.": "al", "fig.": "figure", "figs.": "figures", "vol.": "volume",
    "ch.": "chapter", "sec.": "section", "p.s.": "P S", "a.k.a.": "A K A", "aka": "A K A",
    "w/o": "without", "w/": "with", "b/c": "because", "tel.": "telephone", "ext.": "extension",
    "inc.": "incorporated", "ltd.": "limited", "corp.": "corporation", "co.": "company",
    "jr.": "junior", "sr.": "senior", "bros.": "brothers", "ave.": "avenue", "blvd.": "boulevard",
    "rd.": "road", "apt.": "apartment", "hwy.": "highway", "min.": "minimum", "max.": "maximum",
    "avg.": "average", "govt.": "government", "misc.": "miscellaneous", "mgmt.": "management",
    "asst.": "assistant", "ph.d.": "P H D", "ph.d": "P H D", "phd": "P H D",
}  # fmt: skip
_MAY_END = frozenset(("etc.", "inc.", "ltd.", "corp.", "co.", "jr.", "sr.", "al.", "ave.", "rd."))
_SYMBOLS = {
    "&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent", "°": "degrees",
    "§": "section", "×": "times", "÷": "divided by", "±": "plus or minus", "≈": "approximately",
    "≠": "not equal to", "≤": "less than or equal to", "≥": "greater than or equal to",
    "<": "less than", ">": "greater than", "→": "to", "№": "number", "€": "euro", "$": "dollar",
    "£": "pound", "¥": "yen", "√": "square root of", "∞": "infinity", "#": "hash", "−": "minus",
    "µ": "micro", "⁄": "over", "©": "copyright",
}  # fmt: skip
_NUMBERED = frozenset(
    listed(
        "chapter part section act volume book phase type level war appendix article class stage "
        "title tier grade schedule bowl episode season mark figure table category"
    )
)
_REIGNED = frozenset(
    listed(
        "henry louis elizabeth george edward charles william james richard philip napoleon "
        "catherine pius john paul benedict leo gregory nicholas alexander ivan peter "
        "frederick wilhelm mary francis innocent urban clement otto constantine ramses "
        "ptolemy pope king queen"
    )
)
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "θ": "theta",
    "λ": "lambda", "μ": "mu", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi",
    "χ": "chi", "ψ": "psi", "ω": "omega", "Δ": "delta", "Σ": "sigma", "Ω": "omega", "Π": "pi",
    "Φ": "phi", "Θ": "theta", "Λ": "lambda", "Γ": "gamma", "Ψ": "psi", "η": "eta", "κ": "kappa",
    "ν": "nu", "ξ": "xi", "ζ": "zeta",
}  # fmt: skip
_FOLDED = {
    "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ð": "th", "þ": "th", "Þ": "Th", "ı": "i", "’": "'", "ʼ": "'", "‘": "'",
}  # fmt: skip

GREEK_LETTERS = frozenset(_GREEK)

_PART = re.compile(
    r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z']+|\d+0s(?![a-z])|\d+(?:\.\d+)?"
)
_CALENDAR_YEAR = re.compile(r"1[1-9]\d\d|20\d\d")


def folded(text: str) -> str:
    """`text` in the letters A to Z: accents dropped, ligatures opened, quotes made straight."""
    opened = "".join(_FOLDED.get(character, character) for character in text)
    plain = unicodedata.normalize("NFKD", opened)
    return "".join(c for c in plain if not unicodedata.combining(c))


def _title(match: re.Match[str], context: Context) -> list[str] | None:
    name = match["title"]
    if name == "St" and context.before[:1].isupper():
        return ["street"]
    return [_TITLES[name]]


def _street(match: re.Match[str], context: Context) -> list[str] | None:
    return ["street"] if context.before[:1].isupper() or context.before.isdecimal() else None


def _numero(match: re.Match[str], context: Context) -> list[str] | None:
    return ["number"]


def _abbreviation(match: re.Match[str], context: Context) -> list[str] | None:
    return _ABBREVIATIONS[match["short"].lower()].split(" ")


def _initials(match: re.Match[str], context: Context) -> list[str] | None:
    return [letter.upper() for letter in match["initials"] if letter.isalpha()]


def _roman(match: re.Match[str], context: Context) -> list[str] | None:
    before = context.before.lower()
    value = roman(match["roman"])
    if value is None or (len(match["roman"]) == 1 and match["roman"] == "I" and before != "war"):
        return None
    if before in _NUMBERED:
        return cardinal(value)
    if before in _REIGNED:
        return ["the", *ordinal(value)]
    return None


def _mixed(match: re.Match[str], context: Context) -> list[str] | None:
    """``B2B``, ``mp3``, ``COVID-19``, ``mid-1990s``: short runs of consonants are spelled."""
    words: list[str] = []
    for part in _PART.findall(folded(match["mixed"])):
        if part[0].isdecimal():
            figure = part.rstrip("s")
            said = year(int(figure)) if _CALENDAR_YEAR.fullmatch(figure) else number(figure)
            words += plural(said) if part.endswith("s") else said
        elif len(part) <= 3 and not any(vowel in part.lower()[1:] for vowel in "aeiou"):
            words += list(part.upper())
        else:
            words.append(part)
    return words or None


def _word(match: re.Match[str], context: Context) -> list[str] | None:
    """A word, or several joined by hyphens, underscores or slashes."""
    words = []
    for part in re.split(r"[-‐‑_/]+", folded(match["word"])):
        letters = re.sub(r"[^A-Za-z']", "", part).strip("'")
        if letters:
            words.append(letters)
    return words or None


def _symbol(match: re.Match[str], context: Context) -> list[str] | None:
    return _SYMBOLS[match["symbol"]].split(" ")


def _greek(match: re.Match[str], context: Context) -> list[str] | None:
    return [_GREEK[match["letter"]]]


_LETTER = r"[^\W\d_]"
_SHORTS = "|".join(re.escape(key) for key in sorted(_ABBREVIATIONS, key=len, reverse=True))
_ENDING = "|".join(re.escape(key) for key in sorted(_MAY_END, key=len, reverse=True))

RULES: tuple[Rule, ...] = (
    rule(rf"(?P<title>{'|'.join(_TITLES)})\.(?=\s+[A-Z])", _title),
    rule(r"St\.?(?=\s|$|,)", _street),
    rule(r"(?:No|Nos|Nr)\.(?=\s?\d)", _numero),
    rule(rf"(?P<short>(?i:{_ENDING}))", _abbreviation, ends=True),
    rule(rf"(?P<short>(?i:{_SHORTS}))(?!\.\w)", _abbreviation),
    rule(r"(?P<initials>(?:[A-Za-z]\.){2,}(?:[A-Z](?!\w))?)", _initials, ends=True),
    rule(r"(?P<initials>[A-Z])\.(?=\s?[A-Z])", _initials),
    rule(r"(?P<roman>[IVXLCM]+)", _roman),
    rule(
        rf"(?P<mixed>(?=[\w‐‑-]*\d)(?=[\d‐‑-]*{_LETTER})"
        r"[^\W_]+(?:[-‐‑][^\W_]+)*(?:\.\d+)*)",
        _mixed,
    ),
    rule(rf"(?P<word>{_LETTER}+(?:['’‐‑/_-]{_LETTER}+)*)", _word),
    Rule(re.compile(f"(?P<letter>[{''.join(_GREEK)}])"), _greek),
    Rule(re.compile(f"(?P<symbol>[{re.escape(''.join(_SYMBOLS))}])"), _symbol),
)
