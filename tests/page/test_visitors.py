"""Who gets in: a browser signs in with a token, and its cookie opens no more than the token does."""

from __future__ import annotations

import pytest

from imagelabels.api.app import Api
from imagelabels.api.auth import Bearers
from imagelabels.api.limits import RateLimit
from imagelabels.domain.tokens import Token, hashed, new_secret
from imagelabels.page.answers import own
from imagelabels.page.site import Page, page_of_function
from tests.api import world
from tests.api.world import Site, seen
from tests.fakes_albums import FakeTokens
from tests.page.world import Browser

NOW = 1_700_000_000_000


class Door:
    """The page behind tokens."""

    def __init__(self, public: bool = False, is_function: bool = False) -> None:
        self.site = Site()
        self.site.has("a.jpg", seen("dog"))
        self.tokens = FakeTokens()
        bearers = Bearers(self.tokens, lambda: NOW, public)
        page = (page_of_function if is_function else Page)(world.WORDS.taxonomy)
        api = Api(self.site.services, bearers, RateLimit(1000, lambda: 0.0), page)
        self.browser = Browser(self.site, api=api)

    def issue(self, *scopes: str) -> str:
        secret = new_secret()
        self.tokens.put(Token(f"t{len(self.tokens.there)}", "me", hashed(secret), frozenset(scopes or ("read",))))  # type: ignore[arg-type]
        return secret

    def signs_in(self, secret: str, to: str = "/", **headers: str) -> int:
        return self.browser.post("/login", {"token": secret, "to": to}, **headers).status


def test_every_view_asks_for_a_token_first() -> None:
    door = Door()
    for address in ("/", "/?label=dog", "/pictures/x", "/albums", "/operations", "/complete?q=d"):
        view = door.browser.get(address)
        assert view.status == 401
        assert view.html.all("input", name="token")
        assert "a.jpg" not in view.body


def test_a_token_opens_the_page_and_what_its_pictures_are_loaded_from() -> None:
    door = Door()
    asked = door.browser.get("/?label=dog").html.all("input", name="to")[0]["value"]
    answer = door.browser.post("/login", {"token": door.issue(), "to": asked})
    assert answer.headers["Location"] == "/?label=dog"
    cookie = answer.headers["Set-Cookie"]
    assert "; HttpOnly; SameSite=Strict" in cookie
    assert door.browser.get("/").status == door.browser.get("/v1/pictures").status == 200


@pytest.mark.parametrize("is_function", [False, True])
def test_another_site_could_sign_somebody_in_to_a_function_by_an_address(is_function: bool) -> None:
    door = Door(is_function=is_function)
    answer = door.browser.get(f"/login?token={door.issue()}")
    assert ("Set-Cookie" in answer.headers) is not is_function
    assert door.signs_in(door.issue()) == 303


def test_a_wrong_revoked_or_malformed_token_sets_no_cookie() -> None:
    door = Door()
    revoked = door.issue()
    door.tokens.revoke("t0", NOW)
    for secret in ("x", new_secret(), revoked, "\r\nSet-Cookie: a=b"):
        assert door.signs_in(secret) == 401
    assert door.browser.cookies == {}


def test_a_cookie_with_many_backslashes_keeps_the_server_busy_for_minutes() -> None:
    door = Door()
    secret = door.issue()
    long = '"' + 100_000 * "\\a" + '"'
    assert door.browser.get("/", cookie=f"other={long}; imagelabels_token={secret}; lang=en").status == 200
    assert door.browser.get("/", cookie=f"imagelabels_token={long}").status == 401


def test_a_cookie_lets_nobody_in_whose_token_was_revoked() -> None:
    door = Door()
    door.signs_in(door.issue())
    door.tokens.revoke("t0", NOW)
    assert door.browser.get("/").status == 401


def test_a_cookie_alone_changes_nothing_through_the_api() -> None:
    door = Door()
    door.signs_in(door.issue("read", "write"))
    assert door.browser.post("/v1/albums", {}).status == 401


def test_signing_out_makes_the_browser_forget_the_token() -> None:
    door = Door()
    door.signs_in(door.issue())
    door.browser.sends("/logout", {})
    assert door.browser.get("/").status == 401


def test_forms_of_one_token_are_not_those_of_another() -> None:
    door = Door()
    seen_by = []
    for _ in range(2):
        door.signs_in(door.issue("read", "write"))
        seen_by.append(door.browser.get("/").html.all("input", name="form_token")[0]["value"])
    assert seen_by[0] != seen_by[1]


@pytest.mark.parametrize(
    ("header", "value", "secure"),
    [
        ("x_forwarded_proto", "https", True),
        ("origin", "https://a.example", True),
        ("origin", "http://127.0.0.1:8080", False),
    ],
)
def test_the_cookie_stays_on_https_where_the_page_came_over_https(header: str, value: str, secure: bool) -> None:
    door = Door()
    answer = door.browser.post("/login", {"token": door.issue()}, **{header: value})
    assert ("; Secure" in answer.headers["Set-Cookie"]) is secure


def test_a_public_page_is_read_without_a_token_and_changes_nothing() -> None:
    door = Door(public=True)
    view = door.browser.get("/?label=dog")
    assert view.status == 200
    assert not view.html.all("form", method="post")


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nX: y", ""])
def test_signing_in_leads_to_no_other_site(address: str) -> None:
    assert own(address) == "/"
