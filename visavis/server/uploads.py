"""Files that arrive over HTTP, put on disk as they come."""

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from anyio import to_thread
from starlette.requests import Request

from visavis.domain.errors import FieldError, TooLargeError
from visavis.jobs.service import Service


@contextlib.asynccontextmanager
async def spooled(request: Request, service: Service) -> AsyncIterator[Path]:
    """The body of a call as a file that is gone at the end of the block.

    Raises:
        TooLargeError: more than the installation takes.
        FieldError: nothing at all.
    """
    limit = service.core.settings.max_upload
    folder = Path(await to_thread.run_sync(tempfile.mkdtemp, None, "upload-", service.work))
    path = folder / "file"
    size = 0
    try:
        with path.open("wb") as out:
            async for piece in request.stream():
                size += len(piece)
                if size > limit:
                    raise TooLargeError(
                        f"The file is larger than {limit} bytes.", "Send a smaller one."
                    )
                out.write(piece)
        if not size:
            raise FieldError("body", "The body is empty.", "Send the bytes of the file.")
        yield path
    finally:
        await to_thread.run_sync(shutil.rmtree, folder, True)
