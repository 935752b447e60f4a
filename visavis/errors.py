"""The one error of the product: a code for machines, a message and a remedy for people."""


class VisavisError(Exception):
    """Something a user can be told and act upon.

    Subclasses set `code` (stable, lower_snake_case, part of every API answer) and `retryable`
    (whether the same call may succeed later without any change).

    Args:
        message: what is wrong, in one sentence, with the figure that was measured.
        remedy: what to do about it, in one sentence.
    """

    code = "error"
    retryable = False

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class InvalidInputError(VisavisError):
    """What the user gave cannot be used; the message says why."""

    code = "invalid_input"


class TextError(InvalidInputError):
    """A text that cannot be spoken."""

    code = "invalid_text"


class VoiceError(InvalidInputError):
    """A voice that does not exist or cannot do what is asked."""

    code = "invalid_voice"


class SourceError(InvalidInputError):
    """An image, clip or recording that cannot become an avatar or a voice.

    Args:
        check: the name of the check that failed, e.g. ``one_face`` or ``sharpness``.
    """

    code = "invalid_source"

    def __init__(self, message: str, remedy: str = "", *, check: str = "") -> None:
        super().__init__(message, remedy)
        self.check = check


class MediaError(InvalidInputError):
    """A media file that cannot be read or written."""

    code = "invalid_media"


class ModelError(VisavisError):
    """A weight file that is missing, wrong or out of reach."""

    code = "model_unavailable"


class SceneError(InvalidInputError):
    """A picture that cannot be composed as asked: size, layout, background or caption style."""

    code = "invalid_scene"
