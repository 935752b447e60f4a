"""What one presenter is: a TOML file, read into a dataclass."""

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

PRESENTERS = Path(__file__).parent / "presenters"


@dataclass(frozen=True)
class Body:
    """Macro shape: sex 0 female to 1 male, age .5 young adult to 1 old, the rest 0..1."""

    sex: float = 0.0
    age: float = 0.5
    muscle: float = 0.5
    weight: float = 0.45
    origin: dict[str, float] = field(default_factory=lambda: {"caucasian": 1.0})
    shape: dict[str, float] = field(default_factory=dict)
    """MPFB targets by name; a name ``pair:eyes/eye-scale-incr`` sets both sides."""


@dataclass(frozen=True)
class Skin:
    tone: tuple[float, float, float] = (0.70, 0.44, 0.325)
    """Linear RGB reflectance."""
    lips: tuple[float, float, float] = (0.55, 0.22, 0.19)
    lip_cover: float = 0.7
    blush: float = 0.5
    lid_shade: float = 0.6
    freckles: float = 0.0
    stubble: float = 0.0
    lines: float = 0.0
    gain: float = 1.0
    """Light on this person against the studio's: under one for light skin, over one for dark."""


@dataclass(frozen=True)
class Eyes:
    iris: tuple[float, float, float] = (0.09, 0.045, 0.02)
    lash: float = 1.0
    """Length and thickness of the lashes, 1 for the usual."""


@dataclass(frozen=True)
class Brows:
    thickness: float = 0.05
    raise_by: float = 0.03
    width: float = 1.0
    arch: float = 1.0
    strands: int = 1100
    dark: float = 0.95


@dataclass(frozen=True)
class Hair:
    style: str = "short"
    """short, quiff, shag, buzz, afro, curls, bob, long, flowing, ponytail, bun or none."""
    melanin: float = 0.8
    redness: float = 0.3
    grey: float = 0.0
    """Share of white strands."""
    length: float = 1.0
    wave: float = 0.0
    part: float = 0.2
    volume: float = 1.0
    clump: float = 0.15
    line: float = 0.0
    sweep: tuple[float, float, float] = (0.35, 0.0, -0.6)
    strands: int = 24000
    radius: float = 0.0036
    scalp: tuple[float, float, float] = (0.03, 0.02, 0.015)


@dataclass(frozen=True)
class Beard:
    style: str = "none"
    """none, full, goatee or moustache."""
    length: float = 0.05
    strands: int = 20000


@dataclass(frozen=True)
class Clothes:
    garment: str = "female_casualsuit01"
    colours: tuple[tuple[float, float, float], ...] = ((0.1, 0.15, 0.25),)
    """Of the garment's parts, in the order that `wardrobe.parts` gives them."""
    fabric: str = "cotton"
    cut: str = "plain"
    """plain, scrubs (a sewn neckline), dress (no sleeves, a round neckline) or kurta (buttoned)."""
    glasses: str = "none"
    glasses_colour: tuple[float, float, float] = (0.02, 0.02, 0.025)
    covering: str = "none"
    """none or hijab; what is under a covering grows no hair: hair style none."""
    covering_colour: tuple[float, float, float] = (0.2, 0.25, 0.3)
    collar: str = "none"
    """none, turtleneck or mandarin, in the first colour."""
    earrings: str = "none"
    """none, stud or hoop."""
    earrings_colour: tuple[float, float, float] = (0.8, 0.8, 0.82)


@dataclass(frozen=True)
class Card:
    """How the catalogue describes the presenter."""

    title: str = ""
    gender: str = "female"
    age: str = "adult"
    style: str = "professional"
    scene: str = "office"
    ethnicity: str = "european"
    tags: tuple[str, ...] = ()
    voice: str = "en-US-heart"


@dataclass(frozen=True)
class Spec:
    name: str
    seed: int
    card: Card
    body: Body
    skin: Skin
    eyes: Eyes
    brows: Brows
    hair: Hair
    beard: Beard
    clothes: Clothes


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _part(cls: type, table: dict[str, Any], name: str) -> Any:
    unknown = set(table) - {f.name for f in fields(cls)}
    if unknown:
        raise ValueError(f"{name}: [{cls.__name__.lower()}] has no {', '.join(sorted(unknown))}")
    return cls(**{key: _tuples(value) for key, value in table.items()})


def read(path: Path) -> Spec:
    """Read one specification; an unknown key is refused."""
    table = tomllib.loads(path.read_text())
    parts = {
        cls.__name__.lower(): _part(cls, table.pop(cls.__name__.lower(), {}), path.stem)
        for cls in (Card, Body, Skin, Eyes, Brows, Hair, Beard, Clothes)
    }
    seed = table.pop("seed", 1)
    if table:
        raise ValueError(f"{path.stem}: unknown tables {', '.join(sorted(table))}")
    return Spec(name=path.stem, seed=seed, **parts)


def read_all() -> list[Spec]:
    return [read(path) for path in sorted(PRESENTERS.glob("*.toml"))]
