"""What can go wrong with a performance."""

from visavis.errors import InvalidInputError


class PerformanceError(InvalidInputError):
    """A performance, or what it is to be made from, that cannot be used."""

    code = "invalid_performance"
