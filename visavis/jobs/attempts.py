"""Make what a workspace asked for, again where that may help, until it is there or has failed."""

import logging
import secrets
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from visavis.domain.errors import NotFoundError
from visavis.errors import VisavisError
from visavis.jobs.child import unforeseen
from visavis.jobs.meter import Meter
from visavis.jobs.processes import StoppedError
from visavis.jobs.rendering import patiently
from visavis.jobs.service import Service
from visavis.store.blobs import MissingBlobError
from visavis.store.database import StoreError

log = logging.getLogger(__name__)

MAX_FAILED = 3

Row = TypeVar("Row")
Made = TypeVar("Made")
Made_contra = TypeVar("Made_contra", contravariant=True)


class Settle(Protocol[Made_contra]):
    """Writes down how it ended."""

    def __call__(
        self, fence: str, made: Made_contra | None, code: str, message: str, seconds: float = 0.0
    ) -> None:
        """What was made in how many seconds alone; or what was wrong, in a code and a message."""
        ...


def still(
    service: Service, column: InstrumentedAttribute[str | None], name: str, value: str
) -> bool:
    """Whether a row holds what work on it began with: it was neither deleted nor begun anew.

    Args:
        service: where.
        column: of the table of the row, which has an ``id``.
        name: the row's id.
        value: what the column held.
    """
    try:
        with service.core.database.read() as session:
            found = session.scalar(sa.select(column).where(column.class_.id == name))
    except StoreError:
        return True  # the work outlives a database that is away
    return found == value


def make(
    service: Service,
    begin: Callable[[str], Row | None],
    create: Callable[[Row, str, Meter], Made],
    settle: Settle[Made],
    gone: str,
) -> None:
    """Try once, and up to `MAX_FAILED` times where an error says that this may help.

    Args:
        service: where.
        begin: writes down that a try begins; gives None where nothing is left to do.
        create: one try. Its fence is a random word that no other try has.
        settle: writes down how it ended.
        gone: what is said where a source is not there any more.
    """
    for attempt in range(1, MAX_FAILED + 1):
        fence = secrets.token_hex(8)
        row = patiently(begin, fence)
        if row is None:
            return
        began, meter = time.monotonic(), Meter(service)
        try:
            made = create(row, fence, meter)
        except StoppedError:
            return
        except (MissingBlobError, NotFoundError):
            code, message, again = "invalid_source", gone, False
        except VisavisError as error:
            code, message, again = error.code, error.message, error.retryable
        except Exception as error:
            log.exception("making broke")
            code, message, again = unforeseen(error)
        else:
            seconds = (time.monotonic() - began) * meter.share()
            patiently(settle, fence, made, "", "", seconds)
            return
        if not again or attempt == MAX_FAILED:
            patiently(settle, fence, None, code, message)
            return
        time.sleep(attempt)
