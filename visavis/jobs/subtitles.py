"""Sidecars of segments, shifted and joined into those of the whole video."""

import re
from collections.abc import Sequence

KINDS = {"ass": "text/x-ssa", "srt": "application/x-subrip", "vtt": "text/vtt"}
"""Suffix and type of the sidecars that are kept."""

_CLOCK = re.compile(r"(?P<h>\d+):(?P<m>\d\d):(?P<s>\d\d)(?P<p>[.,])(?P<f>\d{2,3})")


def joined(kind: str, texts: Sequence[str], offsets: Sequence[float]) -> str:
    """One sidecar out of those of the segments.

    Args:
        kind: a key of `KINDS`.
        texts: the segments' sidecars, in order.
        offsets: seconds at which each segment begins.
    """
    first, *rest = texts
    if not rest:
        return first
    moved = [shifted(text, offset) for text, offset in zip(texts, offsets, strict=True)]
    if kind == "ass":
        lines = [
            line for text in moved[1:] for line in text.splitlines() if line.startswith("Dialogue:")
        ]
        return first.rstrip("\n") + "\n" + "\n".join(lines) + "\n"
    if kind == "vtt":
        bodies = [text.partition("\n\n")[2].strip("\n") for text in moved]
        return first.partition("\n\n")[0] + "\n\n" + "\n\n".join(filter(None, bodies)) + "\n"
    cues = [cue for text in moved for cue in text.strip("\n").split("\n\n") if cue.strip()]
    numbered = (f"{index}\n{cue.partition(chr(10))[2]}" for index, cue in enumerate(cues, 1))
    return "\n\n".join(numbered) + "\n"


def shifted(text: str, offset: float) -> str:
    """Every time of a sidecar moved by `offset` seconds; what is said is left alone."""
    return "\n".join(
        _CLOCK.sub(lambda match: _moved(match, offset), line)
        if " --> " in line or line.startswith("Dialogue:") or "<" in line
        else line
        for line in text.splitlines()
    )


def _moved(match: re.Match[str], offset: float) -> str:
    digits = len(match["f"])
    unit = 10**digits
    seconds = int(match["h"]) * 3600 + int(match["m"]) * 60 + int(match["s"])
    ticks = seconds * unit + int(match["f"]) + round(offset * unit)
    seconds, fraction = divmod(ticks, unit)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:0{len(match['h'])}d}:{minute:02d}:{second:02d}{match['p']}{fraction:0{digits}d}"
