"""Captions as files beside the film: SubRip, WebVTT and Advanced SubStation Alpha."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from visavis.errors import SceneError
from visavis.scene.colours import Colour
from visavis.scene.cues import Cue, Measures, group
from visavis.scene.fonts import FontStack
from visavis.scene.styles import STYLES, CaptionStyle
from visavis.scene.typeset import wrap
from visavis.speech.types import Word

READABLE = Measures(ems=21.0, lines=2)
"""About 42 Latin or 21 Chinese characters a line, as broadcasters ask for."""

FORMATS = (".srt", ".vtt", ".ass")


def write_sidecar(
    path: Path,
    words: Iterable[Word],
    style: CaptionStyle = STYLES["classic"],
    size: tuple[int, int] = (1280, 720),
    starts: Iterable[float] = (),
) -> None:
    """Write the captions of a film; the suffix chooses the format.

    Args:
        path: ends in .srt, .vtt or .ass.
        words: in time order.
        style, size: look and canvas, used by .ass alone.
        starts: seconds at which scenes begin; no caption goes from one into the next.

    Raises:
        SceneError: unknown suffix, or the folder cannot be written to.
    """
    cues = _grouped(words, starts)
    match path.suffix.lower():
        case ".srt":
            text = srt(cues)
        case ".vtt":
            text = vtt(cues)
        case ".ass":
            text = ass(cues, style, size)
        case other:
            raise SceneError(f"Captions cannot be written as {other!r}.", "Use .srt, .vtt or .ass.")
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise SceneError(f"{path} cannot be written: {error.strerror}.") from error


def _grouped(words: Iterable[Word], starts: Iterable[float]) -> list[Cue]:
    """Captions of every scene by itself, none of them into the next scene's."""
    scenes = sorted(starts)
    parts: dict[int, list[Word]] = {}
    for word in words:
        parts.setdefault(bisect_right(scenes, word.start), []).append(word)
    stack = FontStack()
    cues = [cue for at in sorted(parts) for cue in group(parts[at], stack, READABLE)]
    if not cues:
        return []  # a sound without a word
    following = [*(cue.start for cue in cues[1:]), float("inf")]
    return [
        replace(cue, end=max(cue.start + 0.001, min(cue.end, limit)))
        for cue, limit in zip(cues, following, strict=True)
    ]


def srt(cues: Iterable[Cue]) -> str:
    """SubRip."""
    blocks = [
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_lines(cue)}\n"
        for number, cue in enumerate(cues, 1)
    ]
    return "\n".join(blocks)


def vtt(cues: Iterable[Cue]) -> str:
    """WebVTT with the time of every word, which players may show as karaoke."""
    blocks = ["WEBVTT\n"]
    for number, cue in enumerate(cues, 1):
        head = f"{number}\n{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}"
        blocks.append(f"{head}\n{_timed_words(cue)}\n")
    return "\n".join(blocks)


def ass(cues: Iterable[Cue], style: CaptionStyle, size: tuple[int, int]) -> str:
    """Advanced SubStation Alpha with karaoke timing."""
    em = round(style.size * min(size))
    primary, secondary = style.active or style.ink, style.ink
    back = style.box or (0, 0, 0, 128)
    border = 3 if style.box else 1
    outline = round(max(style.outline, 0.3 if style.box else 0.0) * em, 1)
    align = {"bottom": 2, "middle": 5, "top": 8}[style.position]
    head = (
        "[Script Info]\nScriptType: v4.00+\nWrapStyle: 2\nScaledBorderAndShadow: yes\n"
        f"PlayResX: {size[0]}\nPlayResY: {size[1]}\n\n"
        "[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, "
        "OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, "
        "Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n"
        f"Style: Default,FiraGO,{em},{_ass_ink(primary)},{_ass_ink(secondary)},"
        f"{_ass_ink(style.box or style.outline_ink)},{_ass_ink(back)},-1,0,0,0,100,100,0,0,"
        f"{border},{outline:g},{2 if style.shadow else 0},{align},{round(0.07 * size[0])},"
        f"{round(0.07 * size[0])},{round(0.05 * size[1])},-1\n\n"
        "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, "
        "Text\n"
    )
    events = [
        f"Dialogue: 0,{_ass_clock(cue.start)},{_ass_clock(cue.end)},Default,,0,0,0,,"
        f"{_karaoke(cue)}\n"
        for cue in cues
    ]
    return head + "".join(events)


def _pieces(cue: Cue) -> list[tuple[int, int]]:
    return wrap(cue.text, FontStack(), READABLE.ems)


def _lines(cue: Cue) -> str:
    return "\n".join(cue.text[start:end].replace("-->", "→") for start, end in _pieces(cue))


def _breaks(cue: Cue) -> set[int]:
    """Characters at which a further line starts."""
    return {start for start, _ in _pieces(cue)[1:]}


def _timed_words(cue: Cue) -> str:
    text, done = "", 0
    breaks = _breaks(cue)
    for word, (start, end) in zip(cue.words, cue.spans, strict=True):
        gap = cue.text[done:start]
        text += "\n" if any(at in breaks for at in range(done + 1, start + 1)) else gap
        if done:
            text += f"<{_clock(max(word.start, cue.start), '.')}>"
        inner = ""
        for at in range(start, end):
            inner += ("\n" if at in breaks and at > start else "") + cue.text[at]
        text += inner.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        done = end
    return text


def _karaoke(cue: Cue) -> str:
    text, done, clock = "", 0, cue.start
    breaks = _breaks(cue)
    for word, (start, end) in zip(cue.words, cue.spans, strict=True):
        gap = cue.text[done:start]
        text += "\\N" if any(at in breaks for at in range(done + 1, start + 1)) else gap
        if word.start > clock + 0.05:
            text += f"{{\\k{round((word.start - clock) * 100)}}}"
            clock = word.start
        text += f"{{\\k{max(1, round((word.end - clock) * 100))}}}"
        clock = max(word.end, clock)
        shown = cue.text[start:end].replace("\\", "＼").replace("{", "(").replace("}", ")")
        cuts = [at - start for at in range(start + 1, end) if at in breaks]
        for at in reversed(cuts):
            shown = shown[:at] + "\\N" + shown[at:]
        text += shown
        done = end
    return text


def _clock(seconds: float, point: str) -> str:
    total = max(0, round(seconds * 1000))
    hours, rest = divmod(total, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    whole, thousandths = divmod(rest, 1000)
    return f"{hours:02d}:{minutes:02d}:{whole:02d}{point}{thousandths:03d}"


def _ass_clock(seconds: float) -> str:
    total = max(0, round(seconds * 100))
    hours, rest = divmod(total, 360_000)
    minutes, rest = divmod(rest, 6000)
    whole, hundredths = divmod(rest, 100)
    return f"{hours}:{minutes:02d}:{whole:02d}.{hundredths:02d}"


def _ass_ink(ink: Colour) -> str:
    red, green, blue, opacity = ink
    return f"&H{255 - opacity:02X}{blue:02X}{green:02X}{red:02X}"
