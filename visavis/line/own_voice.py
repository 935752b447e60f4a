"""The voice of a person, kept in the file of that person's rig."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from visavis.errors import ModelError, SourceError
from visavis.face import SourceWarning
from visavis.media import AudioFormat, Writer, decode_audio
from visavis.rigs import RigFile, read_rig, write_rig
from visavis.speech.types import Samples

if TYPE_CHECKING:
    from visavis.speech.person import PersonVoice

VoiceMaker = Callable[[Samples, int], "PersonVoice"]
"""From mono samples of one person and their rate to that person's voice."""

VOICE_MEMBERS = "voice/"
VOICE_RATE = 24_000


def matched_voice(samples: Samples, rate: int) -> "PersonVoice":
    """A first voice of a person, within seconds; see `visavis.speech.person.match_voice`."""
    from visavis.speech.person import match_voice

    return match_voice(samples, rate)


def add_voice(rig: Path, members: Mapping[str, bytes]) -> None:
    """Put the files of a person's voice into a rig file, in place of those it had."""
    content = read_rig(rig)
    kept = {n: data for n, data in content.members.items() if not n.startswith(VOICE_MEMBERS)}
    added = {f"{VOICE_MEMBERS}{name}": data for name, data in members.items()}
    write_rig(rig, RigFile(content.kind, content.meta, kept | added))


def voice_members(rig: Path) -> dict[str, bytes]:
    """The files of the person's voice that a rig file carries, by the names they were given."""
    members = read_rig(rig).members.items()
    return {n.removeprefix(VOICE_MEMBERS): d for n, d in members if n.startswith(VOICE_MEMBERS)}


def own_voice(rig: Path) -> "PersonVoice | None":
    """The voice that a rig file carries; None where it carries none.

    Raises:
        VoiceError: it is damaged.
    """
    from visavis.speech.person import PersonVoice

    members = voice_members(rig)
    return PersonVoice.from_members(members) if members else None


def learn_voice(
    sound: Path, rig: Path, kept: Path, make_voice: VoiceMaker, warnings: list[SourceWarning]
) -> "PersonVoice | None":
    """Make a person's voice and put it into the rig file, or warn why a stock voice speaks.

    Args:
        sound: any file with the voice in it.
        rig: the rig file.
        kept: where the recording is kept, .m4a.
        make_voice: what makes the voice.
        warnings: added to.
    """
    samples = np.concatenate(list(decode_audio(sound, VOICE_RATE)))
    try:
        voice = make_voice(samples, VOICE_RATE)
    except (SourceError, ModelError) as error:
        said = f"A stock voice speaks for it: {error.message}"
        warnings.append(SourceWarning("own_voice", said, error.remedy))
        return None
    add_voice(rig, voice.members())
    # kept so that the voice can be made better later
    with Writer(kept, None, AudioFormat(VOICE_RATE)) as file:
        file.write_audio(samples)
    return voice
