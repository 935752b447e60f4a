"""Why a weight file cannot be had, one class for each cause that a user can act upon."""

from visavis.errors import ModelError

TRY_AGAIN = "Check the network and run it again; what has arrived is kept."


class MissingModelError(ModelError):
    """Every source of a file was tried, or none may be tried, and the file is not here."""

    code = "model_missing"


class WrongHashError(ModelError):
    """A file was fetched or found whose bytes are not the ones the manifest names."""

    code = "model_wrong_hash"


class NoNetworkError(ModelError):
    """A source did not answer; the same call may succeed later."""

    code = "model_no_network"
    retryable = True


class NoClientError(ModelError):
    """The package client that a source needs (pip, npm) is not installed."""

    code = "model_no_client"


class SourceUnavailableError(ModelError):
    """A source answered, but does not have the file."""

    code = "model_source_unavailable"


class StorageError(ModelError):
    """The cache folder cannot be written: no permission, read-only, or full."""

    code = "model_storage"


class UnknownModelError(ModelError):
    """A name that is not in the manifest."""

    code = "model_unknown"
