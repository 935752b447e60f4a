"""How long a text will take to say, and where it may be cut."""

import re

BREAK = re.compile(r"<break\s+time=\"?\s*([\d.]+)\s*(ms|s)\"?\s*/?>", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*\s+|\n+|(?<=[。！？])")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CHARS_PER_DENSE = 3.0


def spoken_length(text: str) -> float:
    """Letters that have to be said; a Chinese or Japanese sign counts as three."""
    plain = BREAK.sub(" ", text)
    dense = len(_DENSE.findall(plain))
    return len(plain) - dense + dense * _CHARS_PER_DENSE


def pauses(text: str) -> float:
    """Seconds of the breaks that a text asks for."""
    return sum(
        float(amount) / (1000 if unit.lower() == "ms" else 1)
        for amount, unit in BREAK.findall(text)
        if amount.count(".") < 2 and amount.strip(".")
    )


def split(text: str, longest: float) -> list[str]:
    """Cut a text at sentence ends into parts of about the same length.

    Args:
        text: the whole text.
        longest: how many spoken letters a part may have; a longer sentence stays whole.
    """
    total = spoken_length(text)
    if total <= longest * 1.5:
        return [text]
    wanted = total / round(total / longest)
    parts: list[str] = []
    current = ""
    said = 0.0
    for sentence in _sentences(text):
        length = spoken_length(sentence)
        if current and said + length / 2 > wanted * (len(parts) + 1):
            parts.append(current.strip())
            current = ""
        current += sentence
        said += length
    parts.append(current.strip())
    return [part for part in parts if part]


def _sentences(text: str) -> list[str]:
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    starts = [0, *ends]
    return [text[a:b] for a, b in zip(starts, [*ends, len(text)], strict=True) if a < b]
