"""How fast people speak, for whoever must know before anything is spoken."""

LETTERS_PER_SECOND = 14.5
"""What a voice says in a second until it was measured."""
