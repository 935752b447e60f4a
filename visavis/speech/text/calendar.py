"""Dates and times of day."""

import re

from visavis.speech.text.numbers import cardinal, ordinal, plural, year
from visavis.speech.text.rules import Context, Rule, rule
from visavis.speech.wordlist import listed

_MONTHS = listed(
    "january february march april may june july august september october november december"
)
_MONTH = (
    r"(?P<month>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|"
    r"Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?P<year>1\d{3}|2\d{3})"
_DAY_NAMES = {
    "Mon": "monday", "Tue": "tuesday", "Tues": "tuesday", "Wed": "wednesday",
    "Thu": "thursday", "Thur": "thursday", "Thurs": "thursday", "Fri": "friday",
    "Sat": "saturday", "Sun": "sunday",
}  # fmt: skip


def _month_number(name: str) -> int:
    stem = name[:3].lower()
    return next(at for at, month in enumerate(_MONTHS, 1) if month.startswith(stem))


def _date(match: re.Match[str], context: Context) -> list[str] | None:
    """A date in any order; the month may be a name or a number."""
    found = match.groupdict()
    day, month = found.get("day"), found.get("month")
    if month is None:
        first, second = int(match["first"]), int(match["second"])
        day_first = (context.british and second <= 12) or first > 12
        number, day = (second, str(first)) if day_first else (first, str(second))
    else:
        number = int(month) if month.isdecimal() else _month_number(month)
    if not 1 <= number <= 12 or (day is not None and not 1 <= int(day) <= 31):
        return None
    name = _MONTHS[number - 1]
    words = [name]
    if day is not None:
        rank = ordinal(int(day))
        words = ["the", *rank, "of", name] if context.british else [name, *rank]
    if found.get("year"):
        words += [",", *year(int(found["year"]))] if day else year(int(found["year"]))
    return words


def _clock(match: re.Match[str], context: Context) -> list[str] | None:
    """A time of day, with hours alone or with minutes, 12 or 24 hours."""
    found = match.groupdict()
    hour, minutes = int(match["hour"]), found.get("minutes")
    half = (found.get("half") or "").replace(".", "").lower()
    if half and not 1 <= hour <= 12:
        return None
    words = cardinal(hour)
    if minutes is not None and int(minutes):
        words += ["oh", *cardinal(int(minutes))] if minutes[0] == "0" else cardinal(int(minutes))
    elif minutes is not None and not half:
        words += ["hundred"] if hour > 12 else ["o'clock"] if hour else ["hundred"]
    if found.get("seconds") and int(found["seconds"]):
        words += ["and", *cardinal(int(found["seconds"])), "seconds"]
    return words + ([half[0].upper(), "M"] if half else [])


def _decade(match: re.Match[str], context: Context) -> list[str] | None:
    number = int(match["decade"])
    if match["century"] is None:
        return plural(cardinal(number)) if number >= 20 else None
    full = int(match["century"]) * 100 + number
    return plural(cardinal(full)) if full == 2000 else plural(year(full))


def _day_name(match: re.Match[str], context: Context) -> list[str] | None:
    return [_DAY_NAMES[match["name"]]]


_HALF = r"(?P<half>[aApP]\.m\.|[aApP]m\b|AM\b|PM\b|A\.M\.|P\.M\.)"

RULES: tuple[Rule, ...] = (
    rule(r"(?P<year>[12]\d{3})-(?P<month>0[1-9]|1[0-2])-(?P<day>[0-2]\d|3[01])", _date),
    rule(r"(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<year>[12]\d{3})", _date),
    rule(r"(?P<first>\d{1,2})\.(?P<second>\d{1,2})\.(?P<year>[12]\d{3})", _date),
    rule(rf"{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?(?:,?\s+{_YEAR})?(?![.,:]?\d)", _date),
    rule(rf"{_DAY}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?", _date),
    rule(rf"{_MONTH},?\s+{_YEAR}", _date),
    rule(rf"(?P<hour>[01]?\d|2[0-3])[:.](?P<minutes>[0-5]\d)\s?{_HALF}", _clock, ends=True),
    rule(r"(?P<hour>[01]?\d|2[0-3]):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?(?!:)", _clock),
    rule(rf"(?P<hour>1[0-2]|0?[1-9])\s?{_HALF}", _clock, ends=True),
    rule(r"(?P<century>1\d|20)?['’]?(?P<decade>\d0)(?:'|’)?s", _decade),
    rule(r"['’](?P<century>)?(?P<decade>\d0)s", lambda m, c: plural(cardinal(int(m["decade"])))),
    rule(r"(?P<name>Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\.(?=[\s,])", _day_name),
)
