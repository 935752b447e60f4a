"""Signed links that expire: who holds one may read or fill exactly one file."""

import base64
import hashlib
import hmac
import time
from typing import Literal

Purpose = Literal["get", "put"]


class Links:
    """Mint and check the signature of a path.

    Args:
        secret: shared by all processes of an installation.
    """

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()

    def sign(self, purpose: Purpose, path: str, expires: int) -> str:
        """The signature of a path until `expires` (seconds since 1970; 0 is for ever)."""
        message = f"{purpose}\n{path}\n{expires}".encode()
        digest = hmac.new(self._key, message, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:20]).decode().rstrip("=")

    def query(self, purpose: Purpose, path: str, seconds: float | None) -> str:
        """The query string that opens `path` for `seconds` from now, None for ever."""
        expires = 0 if seconds is None else int(time.time() + seconds)
        return f"expires={expires}&signature={self.sign(purpose, path, expires)}"

    def allows(self, purpose: Purpose, path: str, expires: int, signature: str) -> bool:
        """Whether a link is ours and has not expired."""
        known = self.sign(purpose, path, expires)
        fresh = expires == 0 or expires >= time.time()
        return hmac.compare_digest(known.encode(), signature.encode()) and fresh
