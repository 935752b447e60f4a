"""Stock presenters: rendered once, moved in real time."""

from visavis.rigs.character.catalogue import Presenter, catalogue, people, presenter
from visavis.rigs.character.rig import CharacterRig

__all__ = ["CharacterRig", "Presenter", "catalogue", "people", "presenter"]
