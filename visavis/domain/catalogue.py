"""The stock presenters that ship with the product."""

from importlib import resources

from visavis.domain.offer import StockAvatar


def stock() -> list[StockAvatar]:
    """The presenters of this installation; imports the line."""
    from visavis.rigs.character import catalogue

    covers = resources.files("visavis.assets") / "covers"
    pictures = {entry.name.partition(".")[0]: str(entry) for entry in covers.iterdir()}
    return [
        StockAvatar(
            slug=one.name,
            name=one.title,
            voice=one.voice,
            attributes={
                "gender": one.gender,
                "age": one.age,
                "style": one.style,
                "scene": one.scene,
                "ethnicity": one.ethnicity,
                "tags": " ".join(one.tags),
            },
            cover=pictures.get(one.name, ""),
        )
        for one in catalogue()
    ]
