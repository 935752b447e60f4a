"""Looks: a presenter with another garment colour, in a room, nearer or farther."""

from dataclasses import dataclass

from visavis.rigs.character.dye import Colour

CLOSE = 1.25
"""How much larger a person is seen from near."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a look is taken.

    Attributes:
        name: slug.
        background: as `visavis.scene.parse_background` reads it.
        scene, style: what the catalogue is filtered by.
        tags: words to search by.
    """

    name: str
    background: str
    scene: str
    style: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """One way to show a presenter.

    Attributes:
        place: where.
        dye: name of the garment's colour and its sRGB.
        close: whether the person is seen from near.
    """

    place: Place
    dye: tuple[str, Colour]
    close: bool

    @property
    def zoom(self) -> float:
        """How much larger than usual the person stands in the picture."""
        return CLOSE if self.close else 1.0


PLACES: tuple[Place, ...] = (
    Place("office", "office", "business", "professional", ("corporate", "work")),
    Place("living-room", "living-room", "lifestyle", "social", ("home", "casual")),
    Place("news-desk", "news-desk", "news", "professional", ("anchor", "broadcast")),
    Place("outdoors", "outdoors", "outdoors", "social", ("park", "nature")),
    Place("classroom", "classroom", "education", "professional", ("lesson", "teaching")),
    Place("clinic", "clinic", "health_fitness", "professional", ("medical", "care")),
    Place("shop", "shop", "lifestyle", "social", ("retail", "product")),
    Place("studio", "studio", "studio", "professional", ("plain", "neutral")),
    Place("skyline", "skyline", "business", "professional", ("city", "evening")),
    Place("library", "library", "education", "social", ("books", "reading")),
    Place("dark-studio", "dark-studio", "studio", "social", ("podcast", "dramatic")),
    Place("dusk", "gradient:#f6b38e,#7a6fb0,20", "studio", "social", ("colourful", "advert")),
)

DYES: tuple[tuple[str, Colour], ...] = (
    ("navy", (38, 52, 92)), ("mustard", (205, 155, 50)), ("teal", (28, 120, 122)),
    ("coral", (226, 112, 96)), ("forest", (38, 88, 62)), ("cream", (226, 216, 196)),
    ("burgundy", (120, 30, 52)), ("sky", (120, 168, 214)), ("plum", (98, 52, 104)),
    ("olive", (112, 116, 62)), ("charcoal", (66, 70, 78)), ("lilac", (172, 150, 206)),
)  # fmt: skip

DARK_DYES: tuple[tuple[str, Colour], ...] = (
    ("navy", (32, 42, 76)), ("brown", (84, 58, 42)), ("petrol", (24, 70, 84)),
    ("burgundy", (92, 24, 42)), ("forest", (28, 66, 48)), ("slate", (78, 90, 108)),
    ("plum", (72, 38, 78)), ("graphite", (46, 48, 54)), ("olive", (78, 80, 46)),
    ("cobalt", (34, 62, 128)), ("rust", (116, 54, 34)), ("taupe", (100, 88, 78)),
)  # fmt: skip
"""For dark cloth, whose few levels of light do not make a pale one."""

_STRIDE = 7
"""Has no factor with the number of dyes, so that each place of a person has its own."""
_NEAR = 5
"""How many dyes further on the person is seen from near than from afar."""


def looks(index: int, *, dark: bool) -> tuple[Look, ...]:
    """The looks of one presenter: in each place from afar and from near, in two colours.

    Args:
        index: the presenter's place in the catalogue; moves the colours on, so that neighbours
            differ.
        dark: whether the garment was rendered dark.
    """
    dyes = DARK_DYES if dark else DYES
    return tuple(
        Look(place, dyes[(5 * index + _STRIDE * at + _NEAR * close) % len(dyes)], close)
        for at, place in enumerate(PLACES)
        for close in (False, True)
    )
