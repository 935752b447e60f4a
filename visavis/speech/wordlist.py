"""Tables of words, written as text."""


def listed(text: str) -> tuple[str, ...]:
    """The words of a table in order."""
    return tuple(text.split())
