"""The inventory, and frames to times."""

import json

import numpy as np
import pytest

from visavis import models
from visavis.speech.kokoro import ALPHABET, FRAME, RATE
from visavis.speech.phones import INVENTORY, MODIFIERS, SILENT, STRESS, segments
from visavis.speech.timing import Span, timed


def test_the_alphabet_is_the_models() -> None:
    vocabulary = json.loads(models.ensure("kokoro")["vocab.json"].read_text("utf-8"))
    assert dict(ALPHABET) == vocabulary["vocab"]


def test_every_character_is_a_sound_or_is_known_to_be_none() -> None:
    silent = set(SILENT) | set(STRESS) | set(MODIFIERS)
    for character in ALPHABET:
        assert bool(segments(character)) != (character in silent), character


def test_features() -> None:
    assert [s for s in INVENTORY if INVENTORY[s].closes_lips] == ["p", "b", "m"]
    assert {s for s in INVENTORY if INVENTORY[s].place == "labiodental"} == {"f", "v", "ʋ"}
    assert [part.symbol for part in segments("I")] == ["a", "ɪ"]
    assert all(INVENTORY[s].rounded for s in ("u", "o", "ɔ", "w", "ʃ"))
    assert INVENTORY["ɑ"].openness > INVENTORY["ə"].openness > INVENTORY["i"].openness


def test_spaces_and_stress_marks_count_with_what_follows() -> None:
    phones, words = timed(
        "hˈA, mi",
        np.array([10, 2, 2, 4, 4, 3, 2, 4, 5]),
        [Span("Hey,", 0, 3), Span("me", 5, 7)],
        np.full(36 * FRAME, 0.1, np.float32),
    )
    assert [(p.symbol, p.stress) for p in phones] == [
        ("h", 0), ("e", 2), ("ɪ", 0), ("m", 0), ("i", 0),
    ]  # fmt: skip
    assert phones[1].start == pytest.approx(12 * 0.025 - 0.045)
    assert phones[3].start == pytest.approx(22 * 0.025 - 0.045)
    assert phones[3].end == phones[4].start
    assert phones[1].end - phones[1].start > phones[2].end - phones[2].start
    assert [word.text for word in words] == ["Hey,", "me"]
    assert words[1].start == phones[3].start


def test_a_last_phone_ends_with_its_sound() -> None:
    samples = np.full(36 * FRAME, 0.1, np.float32)
    samples[round(0.40 * RATE) : round(0.55 * RATE)] = 1e-5
    samples[round(0.74 * RATE) :] = 1e-5
    phones, _ = timed(
        "hˈA, mi", np.array([10, 2, 2, 4, 4, 3, 2, 4, 5]), [Span("Hey,", 0, 3)], samples
    )
    assert phones[2].end == pytest.approx(0.40, abs=0.011)
    assert phones[4].end == pytest.approx(0.74, abs=0.011)
