"""Stock presenters: rendered once, moved in real time."""

from visavis.rigs.character.catalogue import Presenter, catalogue, presenter
from visavis.rigs.character.rig import CharacterRig

__all__ = ["CharacterRig", "Presenter", "catalogue", "presenter"]
