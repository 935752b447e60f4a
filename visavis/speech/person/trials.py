"""What voices say when they are judged, in the language of the person; nothing is fitted to it."""

from collections.abc import Sequence
from unicodedata import category

from visavis.errors import TextError, VoiceError
from visavis.speech.kokoro import Timbre
from visavis.speech.person.studio import SENTENCES, Studio, phonemes_of
from visavis.speech.person.transcript import edits, transcribed, word_errors
from visavis.speech.person.voice import PersonVoice
from visavis.speech.transcription import can_listen
from visavis.speech.types import Samples

ENGLISH = "en-US"

TEXTS: dict[str, tuple[str, ...]] = {
    ENGLISH: (
        *SENTENCES,
        "Yesterday we walked along the river and talked about our plans for the holidays.",
        "The museum opens at nine, but the garden behind it is always quiet before noon.",
    ),
    "es-ES": (
        "En abril hacía sol pero mucho frío, así que nos quedamos en casa.",
        "Traiga por favor su pasaporte y una copia impresa del billete.",
        "Ayer paseamos junto al río y hablamos de nuestros planes para las vacaciones.",
        "El museo abre a las nueve, pero el jardín está siempre tranquilo antes del mediodía.",
    ),
    "fr-FR": (
        "Il faisait beau mais froid en avril, alors nous sommes restés à la maison.",
        "Apportez votre passeport et une copie imprimée du billet, s'il vous plaît.",
        "Hier, nous avons marché le long de la rivière en parlant de nos vacances.",
        "Le musée ouvre à neuf heures, mais le jardin est toujours calme avant midi.",
    ),
    "hi-IN": (
        "अप्रैल में धूप थी लेकिन ठंड बहुत थी, इसलिए हम घर पर ही रहे।",
        "कृपया अपना पासपोर्ट और टिकट की एक छपी हुई प्रति साथ लाइए।",
        "कल हम नदी के किनारे टहले और छुट्टियों के बारे में बातें कीं।",
        "संग्रहालय नौ बजे खुलता है, लेकिन पीछे का बगीचा दोपहर तक शांत रहता है।",
    ),
    "it-IT": (
        "Ad aprile c'era il sole ma faceva freddo, così siamo rimasti a casa.",
        "Per favore porti il passaporto e una copia stampata del biglietto.",
        "Ieri abbiamo camminato lungo il fiume e parlato dei nostri piani per le vacanze.",
        "Il museo apre alle nove, ma il giardino è sempre tranquillo prima di mezzogiorno.",
    ),
    "ja-JP": (
        "四月は晴れていても寒かったので、私たちは家にいました。",
        "パスポートと切符のコピーを持ってきてください。",
        "昨日は川のそばを歩きながら、休みの予定について話しました。",
        "博物館は九時に開きますが、裏の庭は昼前いつも静かです。",
    ),
    "pt-BR": (
        "Em abril fazia sol mas estava frio, por isso ficamos em casa.",
        "Por favor traga o seu passaporte e uma cópia impressa da passagem.",
        "Ontem caminhamos ao longo do rio e falamos dos nossos planos para as férias.",
        "O museu abre às nove, mas o jardim está sempre tranquilo antes do meio-dia.",
    ),
    "zh-CN": (
        "四月的天气晴朗但是很冷，所以我们留在家里。",
        "请带上您的护照和一份打印好的车票。",
        "昨天我们沿着河边散步，谈了谈假期的计划。",
        "博物馆九点开门，不过后面的花园中午以前总是很安静。",
    ),
}
"""By language; who speaks another is judged in English."""


def language_of(voice: PersonVoice) -> str:
    """The language in which a voice is judged: its own where it can be read here, else English."""
    texts = TEXTS.get(voice.language)
    try:
        return voice.language if texts and phonemes_of(texts[0], voice.language) else ENGLISH
    except VoiceError:  # its extra is not installed
        return ENGLISH


def tried(studio: Studio, timbre: Timbre, language: str = ENGLISH) -> list[Samples]:
    """The sentences of a language in a timbre, without a filter."""
    return [studio.say(text, timbre, language) for text in TEXTS[language]]


def misheard(
    texts: Sequence[str], sounds: Sequence[Samples], language: str = ENGLISH
) -> tuple[int, int]:
    """How much whisper-base hears wrongly, and of how much: words of English, sounds of other
    languages, whose words it spells in more than one way; none where nobody can listen."""
    wrong = total = 0
    if can_listen():
        for text, sound in zip(texts, sounds, strict=True):
            heard = transcribed(sound, 24_000, language).text
            errors, count = (
                word_errors(text, heard)
                if language.startswith("en")
                else sound_errors(text, heard, language)
            )
            wrong, total = wrong + errors, total + count
    return wrong, total


def sound_errors(said: str, heard: str, language: str) -> tuple[int, int]:
    """Phonemes wrong, missing or too many, and phonemes that were to be said.

    Raises:
        VoiceError: the language needs an extra that is not installed.
    """
    wanted = _sounds(said, language)
    try:
        got = _sounds(heard, language)
    except (TextError, VoiceError):  # nothing, or another script: it was not understood
        got = []
    return edits(wanted, got), len(wanted)


def _sounds(text: str, language: str) -> list[str]:
    spoken = "".join(phonemes_of(text, language))
    # Marks of stress and length are letters to Unicode as well, modifiers (Lm).
    return [one for one in spoken if category(one) in ("Ll", "Lo", "Lu")]
