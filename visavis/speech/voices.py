"""The stock voices: who they are, what they speak, and how to name one."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal, Protocol

from visavis.errors import VoiceError

Gender = Literal["female", "male"]


class Speaks(Protocol):
    """What has a language: a stock voice, or a person's."""

    @property
    def slug(self) -> str:
        """How messages name it."""
        ...

    @property
    def language(self) -> str:
        """BCP 47 tag."""
        ...

    @property
    def language_name(self) -> str:
        """English name of the language."""
        ...


@dataclass(frozen=True, slots=True)
class Voice:
    """One stock voice.

    Attributes:
        slug: stable readable name, ``"en-US-heart"``.
        name: display name, ``"Heart"``.
        language: BCP 47 tag, ``"en-US"``.
        language_name: English name of the language, ``"English (United States)"``.
        gender: ``"female"`` or ``"male"``.
        grade: the quality its makers give it, ``"A"`` best .. ``"F+"``; empty when they give none.
        kokoro_id: the name of its style table, ``"af_heart"``.
        loudness: LUFS of its speech before normalisation, measured over eight seconds.
    """

    slug: str
    name: str
    language: str
    language_name: str
    gender: Gender
    grade: str
    kokoro_id: str
    loudness: float


_LANGUAGES: Mapping[str, tuple[str, str]] = {
    "a": ("en-US", "English (United States)"),
    "b": ("en-GB", "English (United Kingdom)"),
    "e": ("es-ES", "Spanish"),
    "f": ("fr-FR", "French"),
    "h": ("hi-IN", "Hindi"),
    "i": ("it-IT", "Italian"),
    "j": ("ja-JP", "Japanese"),
    "p": ("pt-BR", "Portuguese (Brazil)"),
    "z": ("zh-CN", "Chinese (Mandarin)"),
}

# Kokoro id, grade from the model card, LUFS before normalisation.
_TABLE = """
af_heart A -22.3; af_alloy C -21.8; af_aoede C+ -18.1; af_bella A- -21.5; af_jessica D -22.0
af_kore C+ -18.6; af_nicole B- -21.4; af_nova C -26.7; af_river D -21.3; af_sarah C+ -20.6
af_sky C- -23.7
am_adam F+ -18.3; am_echo D -22.1; am_eric D -21.4; am_fenrir C+ -19.0; am_liam D -21.4
am_michael C+ -23.8; am_onyx D -22.1; am_puck C+ -18.3; am_santa D- -22.4
bf_alice D -20.6; bf_emma B- -20.0; bf_isabella C -17.6; bf_lily D -21.4
bm_daniel D -21.5; bm_fable C -21.7; bm_george C -21.4; bm_lewis D+ -23.4
ef_dora - -23.0
em_alex - -22.4; em_santa - -22.2
ff_siwis B- -19.5
hf_alpha C -16.1; hf_beta C -17.8
hm_omega C -16.6; hm_psi C -18.2
if_sara C -14.3
im_nicola C -19.6
jf_alpha C+ -20.1; jf_gongitsune C -20.4; jf_nezumi C- -20.3; jf_tebukuro C -20.6
jm_kumo C- -19.8
pf_dora - -23.0
pm_alex - -22.6; pm_santa - -22.5
zf_xiaobei D -20.3; zf_xiaoni D -18.6; zf_xiaoxiao D -16.8; zf_xiaoyi D -19.5
zm_yunjian D -21.0; zm_yunxi D -22.2; zm_yunxia D -20.7; zm_yunyang D -23.6
"""


def _voice(kokoro_id: str, grade: str, loudness: str) -> Voice:
    language, language_name = _LANGUAGES[kokoro_id[0]]
    name = kokoro_id.split("_")[1]
    return Voice(
        slug=f"{language}-{name}",
        name=name.capitalize(),
        language=language,
        language_name=language_name,
        gender="female" if kokoro_id[1] == "f" else "male",
        grade="" if grade == "-" else grade,
        kokoro_id=kokoro_id,
        loudness=float(loudness),
    )


@lru_cache(maxsize=1)
def voices() -> tuple[Voice, ...]:
    """Every stock voice, the language groups in alphabetical order of their Kokoro letter."""
    rows = (row.split() for row in _TABLE.replace("\n", ";").split(";"))
    return tuple(_voice(*row) for row in rows if row)


@lru_cache(maxsize=1)
def _by_alias() -> dict[str, Voice]:
    aliases: dict[str, Voice] = {}
    for voice in reversed(voices()):
        aliases[voice.name.casefold()] = voice
    for voice in voices():
        aliases[voice.slug.casefold()] = voice
        aliases[voice.kokoro_id.casefold()] = voice
    return aliases


def find_voice(name: str) -> Voice:
    """The voice of a slug, a Kokoro id or a bare display name, whatever its case.

    A bare name that several languages share (``"santa"``) is the first in the order of `voices`.

    Raises:
        VoiceError: no voice has this name; the message lists near ones.
    """
    aliases = _by_alias()
    key = name.strip().casefold().replace(" ", "-")
    if key in aliases:
        return aliases[key]
    near = dict.fromkeys(aliases[match].slug for match in get_close_matches(key, aliases, 4, 0.5))
    hint = f"Did you mean {', '.join(near)}?" if near else "Try en-US-heart."
    raise VoiceError(
        f"There is no voice named {name.strip()[:60]!r}.",
        f"{hint} `visavis voices` lists all {len(voices())}.",
    )
