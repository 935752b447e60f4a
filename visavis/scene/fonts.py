"""Fonts for every script, the first that has a character winning."""

from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from pathlib import Path

import uharfbuzz as hb

from visavis.errors import SceneError

SHIPPED = {"FiraGO-Bold.ttf": 0.0, "DroidSansFallback.ttf": 0.035}
"""Files in order of preference, with how much each is thickened to match the first."""

_SYSTEM_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")


class Font:
    """One font file, ready to shape and draw.

    Args:
        data: the bytes of a TrueType or OpenType font.
        name: how messages call it.
        embolden: ems by which strokes are thickened, for fonts that come in one weight.

    Raises:
        SceneError: not a font.
    """

    def __init__(self, data: bytes, name: str, embolden: float = 0.0) -> None:
        face = hb.Face(data)
        if face.glyph_count == 0 or face.upem == 0:
            raise SceneError(f"{name} is not a font.", "Give a .ttf or .otf file.")
        self.name = name
        self.hb = hb.Font(face)
        if embolden:
            self.hb.synthetic_bold = (embolden, embolden, True)
        self.upem = face.upem
        self.characters = frozenset(face.unicodes)
        extents = self.hb.get_font_extents("ltr")
        self.ascender = extents.ascender / self.upem
        self.descender = -extents.descender / self.upem

    def has(self, character: str) -> bool:
        """Whether there is a glyph for it."""
        return ord(character) in self.characters


@lru_cache(maxsize=8)
def _shipped(name: str) -> Font:
    data = (resources.files("visavis.assets") / "fonts" / name).read_bytes()
    return Font(data, name, SHIPPED[name])


@lru_cache(maxsize=8)
def font_file(path: Path) -> Font:
    """A font of the user's own.

    Raises:
        SceneError: missing, or not a font.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SceneError(f"The font {path.name} cannot be opened: {error.strerror}.") from error
    return Font(data, path.name)


@lru_cache(maxsize=1)
def _system_files() -> tuple[Path, ...]:
    """Fonts of this machine, broad ones first; asked only for characters nobody else has."""
    found = [
        path for folder in _SYSTEM_FOLDERS for path in sorted(Path(folder).rglob("*.[to]t[fc]"))
    ]
    return tuple(sorted(found, key=lambda path: "noto" not in path.name.lower()))


class FontStack:
    """The fonts a text is set in, in order of preference.

    Args:
        own: a font file that comes before the shipped ones.

    Raises:
        SceneError: `own` is missing or no font.
    """

    def __init__(self, own: Path | None = None) -> None:
        self.fonts = [font_file(own)] if own else []
        self.fonts += [_shipped(name) for name in SHIPPED]
        self.missing: set[str] = set()
        self._own = self.fonts[0] if own else None
        self._chosen: dict[str, Font | None] = {}

    @property
    def first(self) -> Font:
        """The font whose proportions the lines follow."""
        return self.fonts[0]

    def font_for(self, character: str) -> Font | None:
        """The first font that has the character; None where no font on this machine has it.

        Such characters are left out of the picture and gathered in `missing`.
        """
        if character not in self._chosen:
            found = next((font for font in self._candidates() if font.has(character)), None)
            if found is None:
                self.missing.add(character)
            self._chosen[character] = found
        return self._chosen[character]

    def replaced(self, text: str) -> dict[str, str]:
        """Characters that the user's own font lacks, with the name of the font they come from.

        Characters that no font on this machine has, own or not, come with an empty name.
        """
        found: dict[str, str] = {}
        for character in sorted(set(text)):
            if character.isspace() or (self._own is not None and self._own.has(character)):
                continue
            font = self.font_for(character)
            if font is None or self._own is not None:
                found[character] = font.name if font is not None else ""
        return found

    def _candidates(self) -> Iterator[Font]:
        yield from self.fonts
        for path in _system_files():
            try:
                yield font_file(path)
            except SceneError:
                continue
