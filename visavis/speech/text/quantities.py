"""Money, percentages, units, fractions, ranges, ratios and plain numbers."""

import re

from visavis.speech.text.numbers import cardinal, digits, number, ordinal, plural, year
from visavis.speech.text.rules import Context, Rule, rule

_NUMBER = r"[-−+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"

_CURRENCIES = {
    "$": ("dollar", "cent"), "US$": ("U S dollar", "cent"), "€": ("euro", "cent"),
    "£": ("pound", "penny"), "¥": ("yen", ""), "₹": ("rupee", "paisa"), "₩": ("won", ""),
    "USD": ("U S dollar", "cent"), "EUR": ("euro", "cent"), "GBP": ("pound", "penny"),
    "JPY": ("yen", ""), "CHF": ("swiss franc", ""), "CAD": ("canadian dollar", "cent"),
    "AUD": ("australian dollar", "cent"), "INR": ("rupee", "paisa"),
}  # fmt: skip
_SAME_IN_PLURAL = frozenset(("yen", "won", "hertz", "celsius", "fahrenheit", "percent"))
_SCALES = {
    "k": "thousand", "K": "thousand", "M": "million", "m": "million", "mn": "million",
    "B": "billion", "bn": "billion", "T": "trillion",
}  # fmt: skip

_UNITS = {
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "nm": "nanometer",
    "mi": "mile", "ft": "foot", "in": "inch", "yd": "yard", "kg": "kilogram", "g": "gram",
    "mg": "milligram", "lb": "pound", "lbs": "pound", "oz": "ounce", "l": "liter", "L": "liter",
    "ml": "milliliter", "mL": "milliliter", "gal": "gallon", "s": "second", "sec": "second",
    "ms": "millisecond", "min": "minute", "mins": "minute", "h": "hour", "hr": "hour",
    "hrs": "hour", "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz",
    "W": "watt", "kW": "kilowatt", "MW": "megawatt", "kWh": "kilowatt hour", "V": "volt",
    "mA": "milliamp", "mAh": "milliamp hour", "Pa": "pascal", "kPa": "kilopascal", "J": "joule",
    "kJ": "kilojoule", "kcal": "kilocalorie", "KB": "kilobyte", "kB": "kilobyte",
    "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "PB": "petabyte", "Kbps": "kilobit",
    "kbps": "kilobit", "Mbps": "megabit", "Gbps": "gigabit", "km/h": "kilometer",
    "kph": "kilometer", "mph": "mile", "m/s": "meter", "fps": "frame", "rpm": "revolution",
    "dB": "decibel", "px": "pixel", "mpg": "mile", "ha": "hectare", "°C": "degree",
    "°F": "degree", "°": "degree", "km²": "square kilometer", "m²": "square meter",
    "ft²": "square foot", "m³": "cubic meter", "cm²": "square centimeter",
    "cm³": "cubic centimeter",
}  # fmt: skip
_UNIT_TAILS = {
    "km/h": "per hour", "kph": "per hour", "mph": "per hour", "m/s": "per second",
    "fps": "per second", "rpm": "per minute", "mpg": "per gallon", "°C": "celsius",
    "°F": "fahrenheit", "Kbps": "per second", "kbps": "per second", "Mbps": "per second",
    "Gbps": "per second",
}  # fmt: skip
_IRREGULAR = {"foot": "feet", "inch": "inches", "penny": "pence"}
_FRACTIONS = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅛": (1, 8),
    "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
}  # fmt: skip


def _counted(figure: str, noun: str) -> list[str]:
    """The noun after a figure, in the plural unless the figure is exactly one."""
    words = noun.split(" ")
    if figure.lstrip("+-−") == "1" or words[-1] in _SAME_IN_PLURAL:
        return words
    if words[-1] in _IRREGULAR:
        return [*words[:-1], _IRREGULAR[words[-1]]]
    return plural(words)


def _money(match: re.Match[str], context: Context) -> list[str] | None:
    figure, scale = match["figure"], match["scale"]
    unit, cent = _CURRENCIES[match["currency"]]
    sign = ["minus"] if match.groupdict().get("sign") else []
    if scale:
        return [*sign, *number(figure), _SCALES.get(scale, scale.lower()), *_counted("2", unit)]
    whole, point, cents = figure.partition(".")
    if not (point and len(cents) == 2 and cent):
        return [*sign, *number(figure), *_counted(figure, unit)]
    words = [] if whole == "0" and int(cents) else [*number(whole), *_counted(whole, unit)]
    if int(cents):
        count = str(int(cents))
        words += (["and"] if words else []) + [*number(count), *_counted(count, cent)]
    return [*sign, *words]


def _unit(match: re.Match[str], context: Context) -> list[str] | None:
    figure, unit = match["figure"], match["unit"]
    if unit == "in" and match["gap"]:
        return None  # "5 in the box"
    tail = _UNIT_TAILS.get(unit)
    noun = _UNITS[unit]
    if context.british:
        noun = noun.replace("meter", "metre").replace("liter", "litre")
    return [*number(figure), *_counted(figure, noun), *(tail.split(" ") if tail else [])]


def _height(match: re.Match[str], context: Context) -> list[str] | None:
    feet, inches = match["feet"], match["inches"]
    return [*number(feet), *_counted(feet, "foot"), *(number(inches) if inches else [])]


def _percent(match: re.Match[str], context: Context) -> list[str] | None:
    return [*number(match["figure"]), "percent"]


def _fraction(match: re.Match[str], context: Context) -> list[str] | None:
    glyph = match["glyph"]
    top, bottom = _FRACTIONS[glyph] if glyph else (int(match["top"]), int(match["bottom"]))
    if not 0 < top < bottom <= 20 and not (bottom == 100 and top < bottom):
        return None
    if bottom == 2:
        part = ["half"]
    elif bottom == 4:
        part = ["quarter"] if top == 1 else ["quarters"]
    else:
        part = ordinal(bottom) if top == 1 else plural(ordinal(bottom))
    whole = match["whole"]
    if not whole:
        return [*cardinal(top), *part]
    return [*number(whole), "and", *(["a"] if top == 1 else cardinal(top)), *part]


def _plain_or_year(text: str) -> list[str]:
    if len(text) == 4 and text.isdecimal() and 1100 <= int(text) <= 2099:
        return year(int(text))
    return number(text)


def _range(match: re.Match[str], context: Context) -> list[str] | None:
    return [*_plain_or_year(match["low"]), "to", *_plain_or_year(match["high"])]


def _ratio(match: re.Match[str], context: Context) -> list[str] | None:
    return [*number(match["first"]), "to", *number(match["second"])]


def _dimensions(match: re.Match[str], context: Context) -> list[str] | None:
    words = number(match["first"])
    for figure in match["rest"].replace("×", "x").replace("X", "x").split("x")[1:]:
        words += ["by", *number(figure.strip())]
    return words


def _version(match: re.Match[str], context: Context) -> list[str] | None:
    words = ["version"] if match.group().startswith("v") else []
    for at, part in enumerate(match["version"].split(".")):
        words += (["point"] if at else []) + (number(part) if len(part) < 4 else digits(part))
    return words


def _rank(match: re.Match[str], context: Context) -> list[str] | None:
    figure = match["figure"].replace(",", "")
    return ordinal(int(figure)) if len(figure) <= 15 else None


def _plain(match: re.Match[str], context: Context) -> list[str] | None:
    return _plain_or_year(match["figure"])


def _always(match: re.Match[str], context: Context) -> list[str] | None:
    return ["twenty", "four", "seven"]


_SCALE = r"(?:\s?(?P<scale>(?i:thousand|million|billion|trillion)|bn|mn|[kKMBT])(?!\w))?"
_SYMBOLS = "|".join(re.escape(key) for key in sorted(_CURRENCIES, key=len, reverse=True))
_CODES = "|".join(key for key in _CURRENCIES if key.isalpha())
_UNIT_NAMES = "|".join(re.escape(key) for key in sorted(_UNITS, key=len, reverse=True))

RULES: tuple[Rule, ...] = (
    rule(r"24/7", _always),
    rule(r"(?P<feet>\d)\s?['’′]\s?(?P<inches>\d{1,2})(?:[\"”″]|'')", _height),
    rule(
        rf"(?P<sign>[-−])?(?P<currency>{_SYMBOLS})\s?(?P<figure>[\d,]*\d(?:\.\d+)?){_SCALE}", _money
    ),
    rule(rf"(?P<figure>{_NUMBER}){_SCALE}\s?(?P<currency>{_CODES}|€|£)", _money),
    rule(rf"(?P<figure>{_NUMBER})\s?(?:%|percent|per\scent)", _percent),
    rule(rf"(?P<figure>{_NUMBER})(?P<gap>\s?)(?P<unit>{_UNIT_NAMES})", _unit),
    rule(r"(?P<first>\d+)\s?(?P<rest>(?:[xX×]\s?\d+)+)", _dimensions),
    rule(
        r"(?:(?P<whole>\d+)\s?)?(?:(?P<glyph>[½⅓⅔¼¾⅕⅛⅜⅝⅞])|(?<!\d)(?P<top>\d{1,3})/(?P<bottom>\d{1,3}))",
        _fraction,
    ),
    rule(r"(?P<low>\d+(?:\.\d+)?)\s?[-–—]\s?(?P<high>\d+(?:\.\d+)?)(?![-–.]\d)", _range),
    rule(r"(?P<first>\d+):(?P<second>\d+)(?!:)", _ratio),
    rule(r"v?(?P<version>\d+(?:\.\d+){2,}|(?<=v)\d+(?:\.\d+)*)", _version),
    rule(r"(?P<figure>\d{1,3}(?:,\d{3})*|\d+)(?:st|nd|rd|th)", _rank),
    rule(rf"(?P<figure>{_NUMBER}|[-−+]?\.\d+)", _plain),
)
