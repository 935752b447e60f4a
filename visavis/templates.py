"""Texts with ``{{variables}}`` in them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from visavis.errors import SceneError

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")


def filled(value: Any, values: Mapping[str, Any], place: str = "") -> Any:
    """What a template says with every variable replaced; values are not looked into again.

    Args:
        value: what JSON can hold.
        values: what the variables stand for.
        place: where the value stands, for messages.

    Raises:
        SceneError: a variable without a value, named by its place.
    """
    if isinstance(value, Mapping):
        return {
            key: filled(each, values, f"{place}.{key}" if place else key)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [filled(each, values, f"{place}.{at}") for at, each in enumerate(value)]
    if not isinstance(value, str):
        return value

    def replacement(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            known = ", ".join(map(str, values)) or "none"
            raise SceneError(
                f"{place}: the variable {name!r} has no value.", f"Values were given for: {known}."
            )
        return str(values[name])

    return _VARIABLE.sub(replacement, value)


def variables(value: Any) -> tuple[str, ...]:
    """Names of the variables in a template, in order of their first use."""
    return tuple(dict.fromkeys(_named(value)))


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _named(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _named(each)
    elif isinstance(value, str):
        yield from _VARIABLE.findall(value)
