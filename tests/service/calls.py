"""HTTP calls that wait as long as a busy machine may need."""

from typing import Any

import httpx

PATIENCE = 300.0
"""Seconds after which a test gives up; far beyond what a busy machine needs."""


def request(method: str, url: str | httpx.URL, **more: Any) -> httpx.Response:
    """Any call."""
    return httpx.request(method, url, **{"timeout": PATIENCE, **more})


def get(url: str | httpx.URL, **more: Any) -> httpx.Response:
    """GET."""
    return request("GET", url, **more)


def post(url: str | httpx.URL, **more: Any) -> httpx.Response:
    """POST."""
    return request("POST", url, **more)


def put(url: str | httpx.URL, **more: Any) -> httpx.Response:
    """PUT."""
    return request("PUT", url, **more)
