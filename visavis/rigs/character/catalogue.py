"""The stock presenters that ship with the product: people, and each of them in many looks."""

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path

from visavis.rigs.character.looks import Look, looks
from visavis.rigs.character.rig import CharacterRig
from visavis.rigs.files import RigError, RigFile, read_rig

FILE = "presenters.json"
SUFFIX = ".avatar"


@dataclass(frozen=True, slots=True)
class Presenter:
    """What the catalogue says of one entry: a person, or a person in a look.

    Attributes:
        name: slug.
        title: name to show.
        gender: ``female`` or ``male``.
        age: ``young_adult``, ``adult`` or ``senior``.
        style: ``professional`` or ``social``.
        scene: ``lifestyle``, ``outdoors``, ``business``, ``studio``, ``health_fitness``,
            ``education`` or ``news``.
        ethnicity: ``european``, ``african``, ``south_asian``, ``east_asian``,
            ``middle_eastern``, ``south_american`` or ``north_american``.
        tags: words to search by.
        voice: slug of the voice that suits.
        person: name of the person, also the stem of the file.
        look: how the person is shown, None for as rendered.
    """

    name: str
    title: str
    gender: str
    age: str
    style: str
    scene: str
    ethnicity: str
    tags: tuple[str, ...]
    voice: str
    person: str
    look: Look | None = None

    def open(self) -> CharacterRig:
        """The rig, dressed for the look.

        Raises:
            RigError: the installation is damaged.
        """
        folder = resources.files("visavis.assets") / "presenters"
        with resources.as_file(folder / f"{self.person}{SUFFIX}") as path:
            if self.look is None:
                return CharacterRig.load(path)
            return CharacterRig.read(_dressed(path, self.look))


def _dressed(path: Path, look: Look) -> RigFile:
    content = read_rig(path)
    more = {"dye": look.dye[1], "background": look.place.background, "zoom": look.zoom}
    return replace(content, meta={**content.meta, **more})


def _shown(person: Presenter, look: Look) -> Presenter:
    colour, place = look.dye[0], look.place
    where = place.name.replace("-", " ")
    return replace(
        person,
        name=f"{person.name}-{place.name}{'-close' if look.close else ''}",
        title=f"{person.title}, {where}{', close' if look.close else ''}",
        style=place.style,
        scene=place.scene,
        tags=(*person.tags, *place.tags, colour, "close-up" if look.close else "half-length"),
        look=look,
    )


@lru_cache(maxsize=1)
def people() -> tuple[Presenter, ...]:
    """The people of this installation as they were rendered, in the order to show them."""
    return tuple(person for person, _ in _listed())


def _listed() -> list[tuple[Presenter, str]]:
    """Each person, and whether the cloth that can be dyed is ``dark`` or ``light``; "" if none."""
    text = (resources.files("visavis.assets") / FILE).read_text()
    found = []
    for entry in json.loads(text):
        cloth = entry.pop("cloth", "")
        person = Presenter(**{**entry, "tags": tuple(entry["tags"])}, person=entry["name"])
        found.append((person, cloth))
    return found


@lru_cache(maxsize=1)
def catalogue() -> tuple[Presenter, ...]:
    """All entries: the people, then place for place everybody in it."""
    listed = _listed()
    dressed = [
        [_shown(person, look) for look in looks(index, dark=cloth == "dark")]
        for index, (person, cloth) in enumerate(listed)
        if cloth
    ]
    by_place = [one for row in zip(*dressed, strict=True) for one in row]
    return (*(person for person, _ in listed), *by_place)


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Presenter]:
    return {one.name: one for one in catalogue()}


def presenter(name: str) -> Presenter:
    """One entry by name.

    Raises:
        RigError: there is none of that name.
    """
    found = _by_name().get(name)
    if found is None:
        known = ", ".join(one.name for one in people())
        raise RigError(
            f"There is no presenter {name!r}.",
            f"Choose one of {known}, or one of them in a place such as {people()[0].name}-office.",
        )
    return found
