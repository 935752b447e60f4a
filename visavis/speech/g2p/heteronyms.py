"""A guess at a word's part of speech from its neighbours, for words whose sound depends on it.

Not a tagger: a few dozen closed-class words decide nearly all cases that matter for speech, such
as "to record" and "a record", "have read" and "will read".
"""

from collections.abc import Sequence

from visavis.speech.wordlist import listed

_DETERMINERS = frozenset(
    listed(
        "a an the this that these those my your his her its our their some any no every each "
        "another what which whose one two three four five many few several much more most"
    )
)
_PREPOSITIONS = frozenset(
    listed(
        "of in on at for from with by about into onto over under after before without between "
        "through during against per"
    )
)
_BEFORE_VERB = frozenset(
    listed(
        "to will would can could shall should may might must do does did don't doesn't didn't "
        "won't can't couldn't wouldn't shouldn't i you we they who let's please not never "
        "always also i'll you'll we'll they'll he'll she'll i'd you'd we'd they'd gonna cannot"
    )
)
_HAVE = frozenset(
    listed("have has had having i've you've we've they've he's she's it's haven't hasn't hadn't")
)
_BE = frozenset(listed("is are was were be been being am isn't aren't wasn't weren't get got gets"))
_PAST_TIMES = frozenset(listed("yesterday ago last earlier once then"))
_SUBJECTS = frozenset(listed("he she it who"))
_DEGREES = frozenset(listed("very so too quite more most less as how rather"))
_ADVERBS = frozenset(listed("just already recently ever never always often also not still even"))

_PAST_FORMS = frozenset(("read", "reread", "wound"))


def part_of_speech(words: Sequence[str], at: int) -> str | None:
    """The likely part of speech of ``words[at]``; None where the usual reading will do.

    Args:
        words: the words of a sentence in lower case.

    Returns:
        ``NOUN``, ``VERB``, ``ADJ``, ``VBD``, ``VBN`` or None.
    """
    word = words[at]
    before = words[at - 1] if at else ""
    if before in _ADVERBS and at > 1:
        before = words[at - 2] if words[at - 2] in _HAVE | _BE | _BEFORE_VERB else before
    after = words[at + 1] if at + 1 < len(words) else ""
    if word in _PAST_FORMS:
        return _past_form(words, word, before, after)
    if word == "used":
        return "VBD" if after == "to" and before not in _BE else None
    if before in _DETERMINERS or before in _PREPOSITIONS:
        return "NOUN" if before != "that" or after not in _DETERMINERS else "VERB"
    if before in _BE or before in _DEGREES:
        return "ADJ"
    if before in _BEFORE_VERB:
        return "VERB"
    if not before and (after in _DETERMINERS or after in ("it", "them", "him", "me", "us")):
        return "VERB"
    return None


def _past_form(words: Sequence[str], word: str, before: str, after: str) -> str | None:
    if before in _HAVE:
        return "VBN"
    if word == "wound":
        return "VBD" if after in ("up", "down", "around", "back") else None
    if before in _BE:
        return "VBN"
    if before in _SUBJECTS or (before not in _BEFORE_VERB and before not in ("", "and")):
        # "she read" lacks the -s of the present, so it is past; "my sister read" as well.
        return "VBD" if before not in _DETERMINERS | _PREPOSITIONS else None
    if before in ("i", "you", "we", "they") and _PAST_TIMES & set(words):
        return "VBD"
    return None
