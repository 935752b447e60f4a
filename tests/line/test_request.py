"""Requests that cannot be met are refused when they are made."""

import pytest

from visavis.errors import InvalidInputError
from visavis.line import Request


@pytest.mark.parametrize(
    ("field", "value"),
    [("resolution", "8k"), ("aspect", "3:1"), ("aspect", "127x200"), ("fps", 23)],
)
def test_what_is_not_offered_is_refused_with_what_is(field: str, value: object) -> None:
    with pytest.raises(InvalidInputError, match=r"not (offered|possible).* Use "):
        Request(text="Hello", avatar="me.jpg", **{field: value})  # type: ignore[arg-type]
