"""Scenes, transitions, templates and batches."""

import json
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from visavis.errors import SceneError
from visavis.media import AudioFormat, VideoFormat, Writer
from visavis.scene import Canvas
from visavis.scene.storyboard import batch, storyboard, variables
from visavis.scene.transitions import Moment, Shot, Transition, chain, clip, transition

FPS = Fraction(25)
RATE = 24_000


def shot(grey: int, frames: int, how: str = "cut") -> Shot:
    def moments() -> Iterator[Moment]:
        for _ in range(frames):
            yield Moment(np.full((90, 160, 3), grey, np.uint8), np.full(960, 0.1, np.float32))

    return Shot(moments(), transition(how))


def greys(film: list[Moment]) -> list[int]:
    return [int(moment.picture[45, 80, 0]) for moment in film]


def test_cuts_follow_at_once() -> None:
    film = list(chain([shot(10, 30), shot(200, 30)], FPS))
    assert greys(film) == [10] * 30 + [200] * 30


def test_fades_run_from_one_to_the_other() -> None:
    film = list(chain([shot(10, 30), shot(200, 30, "fade")], FPS))
    assert len(film) == 50
    values = greys(film)
    assert values[:20] == [10] * 20
    assert values[30:] == [200] * 20
    steps = np.diff(values[19:31])
    assert (steps > 0).all()
    assert steps.max() < 40


def test_slides_push_the_old_picture_out() -> None:
    film = list(chain([shot(10, 30), shot(200, 30, "slide")], FPS))
    shares = [float((moment.picture[..., 0] == 200).mean()) for moment in film[19:31]]
    assert shares == sorted(shares)
    assert 0.3 < shares[6] < 0.7
    edge = film[25].picture[0, :, 0]
    assert edge[0] == 10
    assert edge[-1] == 200


def test_sound_stays_with_its_pictures() -> None:
    film = list(chain([shot(10, 30), shot(200, 30, "fade"), shot(90, 12, "slide")], FPS))
    assert all(len(moment.samples) == 960 for moment in film)
    assert max(float(np.abs(moment.samples).max()) for moment in film) < 0.15


@pytest.mark.parametrize("how", ["cut", "fade", "slide"])
@pytest.mark.parametrize("lengths", [(3, 30), (30, 3), (1, 1), (0, 5), (5, 0, 5)])
def test_scenes_shorter_than_a_transition(how: str, lengths: tuple[int, ...]) -> None:
    film = list(chain([shot(50 * n, frames, how) for n, frames in enumerate(lengths)], FPS))
    assert 0 < len(film) <= sum(lengths)


def test_fifty_scenes_join_in_flat_memory() -> None:
    def peak(scenes: int) -> int:
        tracemalloc.start()
        count = sum(1 for _ in chain((shot(n, 40, "fade") for n in range(scenes)), FPS))
        high = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == 40 * scenes - 10 * (scenes - 1)
        return high

    assert peak(50) < 1.3 * peak(5)


def test_unknown_transition() -> None:
    with pytest.raises(SceneError, match="fade"):
        transition("wipe")
    assert transition("Fade") is Transition.FADE


def test_intro_from_video_and_from_image(tmp_path: Path) -> None:
    film = tmp_path / "intro.mp4"
    with Writer(film, VideoFormat((64, 64), Fraction(30)), AudioFormat(48_000)) as writer:
        for _ in range(30):
            writer.write_video(np.full((64, 64, 3), 90, np.uint8))
            writer.write_audio(np.full(1600, 0.2, np.float32))
    canvas = Canvas((320, 180), FPS)
    moments = list(clip(film, canvas, RATE))
    assert len(moments) == pytest.approx(25, abs=1)
    assert moments[0].picture.shape == (180, 320, 3)
    assert sum(len(moment.samples) for moment in moments) == 960 * len(moments)
    image = tmp_path / "card.png"
    cv2.imwrite(str(image), np.full((50, 50, 3), 200, np.uint8))
    moments = list(clip(image, canvas, RATE, seconds=2))
    assert len(moments) == 50
    assert np.abs(moments[7].samples).max() == 0


def plan(**changes: Any) -> dict[str, Any]:
    return {"avatar": "ava", "scenes": [{"text": "Hello."}], **changes}


def test_a_film_is_read_and_inherits() -> None:
    film = storyboard(
        plan(
            scenes=[
                {"text": "One.", "voice": "en-US-heart", "background": "office"},
                {"text": "Two.", "transition": "fade", "emotion": "excited"},
                {
                    "text": "Three.",
                    "avatar": "ben",
                    "layout": {"name": "pip", "visual": "navy", "shape": "rounded"},
                },
                {"text": "Four.", "layout": {"name": "voice", "visual": "skyline"}},
            ],
            captions={"style": "highlight"},
        )
    )
    scenes = film.filled()
    assert [scene.avatar for scene in scenes] == ["ava", "ava", "ben", "ben"]
    assert {scene.voice for scene in scenes} == {"en-US-heart"}
    assert [scene.emotion for scene in scenes] == [None, "excited", "excited", "excited"]
    assert film.canvas.size == (1280, 720)
    assert storyboard(plan(test=True, resolution="4k")).canvas.size == (640, 360)


def test_fifty_scenes_are_taken_and_51_are_not() -> None:
    assert len(storyboard(plan(scenes=[{"text": "x"}] * 50)).scenes) == 50
    with pytest.raises(SceneError, match="51 scenes"):
        storyboard(plan(scenes=[{"text": "x"}] * 51))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"scenes": []}, "scenes"),
        ({"scenes": [{}]}, r"scenes\.0.*either text or audio"),
        ({"scenes": [{"text": "a", "audio": "b.wav"}]}, "either"),
        ({"scenes": [{"text": "  "}]}, "empty"),
        ({"scenes": [{"text": "a"}, {"text": "b", "background": "moon"}]}, r"scenes\.1\.back"),
        ({"scenes": [{"text": "a", "layout": {"name": "split"}}]}, "second picture"),
        ({"scenes": [{"text": "a", "layout": {"name": "full", "colour": 1}}]}, "colour"),
        ({"scenes": [{"text": "a", "transition": "wipe"}]}, r"scenes\.0\.transition"),
        ({"avatar": None}, "nobody"),
        ({"aspect": "127x720"}, "127"),
        ({"fps": 23}, "23"),
        ({"captions": {"style": "fancy"}}, "captions: .*fancy"),
        ({"captions": {"style": "boxed", "font": "/no/font.ttf", "ink": "glitter"}}, "glitter"),
        ({"captions": {"font": "/no/font.ttf"}}, r"captions\.font"),
        ({"intro": "/no/such.mp4"}, "intro"),
        ({"subtitle": "x"}, "subtitle"),
    ],
)
def test_mistakes_are_named_by_their_place(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(SceneError, match=says):
        storyboard(plan(**changes))


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"scenes": 3}'])
def test_what_is_no_film(text: str) -> None:
    with pytest.raises(SceneError):
        storyboard(text)


TEMPLATE = json.dumps(
    plan(scenes=[{"text": "Dear {{name}}, your {{ thing }} is ready.", "background": "{{bg}}"}])
)


def test_templates_take_values_as_text_only() -> None:
    assert variables(TEMPLATE) == ("name", "thing", "bg")
    film = storyboard(TEMPLATE, {"name": 'Eve "{{thing}}"', "thing": "car", "bg": "office"})
    assert film.scenes[0].text == 'Dear Eve "{{thing}}", your car is ready.'
    with pytest.raises(SceneError, match=r"scenes\.0\.text: the variable 'thing'"):
        storyboard(TEMPLATE, {"name": "Eve", "bg": "office"})


def test_a_batch_is_checked_before_it_starts() -> None:
    rows = [{"name": f"N{n}", "thing": "car", "bg": "office"} for n in range(100)]
    films = batch(TEMPLATE, rows)
    assert len(films) == 100
    assert films[99].scenes[0].text == "Dear N99, your car is ready."
    with pytest.raises(SceneError, match="101"):
        batch(TEMPLATE, [*rows, rows[0]])
    with pytest.raises(SceneError, match=r"Row 3.*moon"):
        batch(TEMPLATE, [*rows[:2], {**rows[0], "bg": "moon"}])
