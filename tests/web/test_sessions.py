"""Signing in and out, and who may use a cookie."""

from collections.abc import Iterator

import httpx
import pytest
from studio_server import MARK, StudioServer


@pytest.fixture
def visitor(server: StudioServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers=MARK, timeout=30) as client:
        yield client


def test_pages_are_served_under_a_strict_policy(visitor: httpx.Client) -> None:
    for path in ("/", "/create", "/videos/some-id", "/keys"):
        answer = visitor.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy


def test_assets_never_change_and_come_packed(visitor: httpx.Client) -> None:
    page = visitor.get("/").text
    script = page.partition('src="')[2].partition('"')[0]
    answer = visitor.get(script)
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    again = visitor.get(script, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert visitor.get("/assets/../serve.py").status_code == 404


def test_the_printed_link_signs_a_browser_in_until_it_signs_out(server: StudioServer) -> None:
    client = server.browser
    cookie = next(iter(client.cookies.jar))
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "strict"
    assert client.get("/studio/session").json()["key"] == "This browser"
    assert client.get("/v1/avatars").status_code == 200

    cookies = dict(client.cookies)
    assert client.delete("/studio/session").json() == {"signed_in": False}
    client.cookies.update(cookies)
    assert client.get("/v1/avatars").status_code == 401
    assert client.get("/studio/session").json()["signed_in"] is False


def test_a_link_signs_in_one_browser_only(server: StudioServer, visitor: httpx.Client) -> None:
    answer = visitor.post("/studio/session", json={"welcome": server.welcome})
    assert answer.status_code == 401
    assert "`visavis admin link` prints a new one" in answer.json()["error"]["message"]
    assert "set-cookie" not in answer.headers


def test_the_plain_address_signs_nobody_in(visitor: httpx.Client) -> None:
    visitor.get("/").raise_for_status()
    assert not visitor.cookies
    assert visitor.get("/studio/session").json() == {"signed_in": False, "local": True}
    assert visitor.get("/v1/avatars").status_code == 401


@pytest.mark.parametrize("change", ["expires", "signature"])
def test_a_forged_link_is_refused(server: StudioServer, visitor: httpx.Client, change: str) -> None:
    forged = {**server.welcome, change: "9" * 12}
    answer = visitor.post("/studio/session", json={"welcome": forged})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [{"host": "visavis.example"}, {"x-forwarded-for": "203.0.113.7"}, {"x-real-ip": "203.0.113.7"}],
)
def test_the_link_works_on_this_machine_only(
    server: StudioServer, visitor: httpx.Client, headers: dict[str, str]
) -> None:
    answer = visitor.post("/studio/session", json={"welcome": server.welcome}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"x-visavis-studio": None},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "https://evil.example"},
    ],
)
def test_a_cookie_counts_only_for_our_own_pages(
    server: StudioServer, headers: dict[str, str | None]
) -> None:
    with server.client() as client:
        for name, value in headers.items():
            if value is None:
                del client.headers[name]
            else:
                client.headers[name] = value
        assert client.get("/v1/avatars").status_code == 401
        assert client.post("/v1/api-keys", json={"name": "stolen"}).status_code == 401
        assert client.get("/studio/session").status_code == 403


def test_an_api_key_signs_in_and_a_wrong_one_does_not(
    server: StudioServer, api: httpx.Client, visitor: httpx.Client
) -> None:
    key = api.post("/v1/api-keys", json={"name": "for a browser"}).json()["data"]["key"]
    assert visitor.post("/studio/session", json={"key": "sk_vis_wrong"}).status_code == 401
    assert visitor.post("/studio/session", content=b"[]").status_code == 401
    assert visitor.post("/studio/session", json={"key": key}).status_code == 200
    assert visitor.get("/studio/session").json()["key"] == "for a browser"


def test_the_cookie_stays_on_https_where_it_was_set_there(
    server: StudioServer, visitor: httpx.Client
) -> None:
    def cookie(scheme: str) -> str:
        sent = {"x-forwarded-proto": scheme}
        answer = visitor.post("/studio/session", json={"key": server.key}, headers=sent)
        return answer.headers["set-cookie"]

    assert "Secure" in cookie("https")
    assert "Secure" not in cookie("http")
    assert "HttpOnly" in cookie("https")
    assert "SameSite=strict" in cookie("https")
