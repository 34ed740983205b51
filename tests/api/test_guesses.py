"""Wrong tokens are bounded by address, and keep nobody out who came in before."""

from __future__ import annotations

from dataclasses import replace

from imagelabels.api.app import Api
from imagelabels.api.auth import Bearers
from imagelabels.api.guesses import Guesses
from imagelabels.api.limits import MOST_CALLERS, RateLimit
from imagelabels.domain.tokens import Token, hashed, new_secret
from imagelabels.page.site import Page
from tests.api import world
from tests.api.world import Answered, Site, event, seen
from tests.fakes_albums import FakeTokens

MOST = 5


class Door:
    """The API and the page with tokens, and a clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.site = Site()
        self.site.has("a.jpg", seen("dog"))
        self.tokens = FakeTokens()
        self.secret = new_secret()
        self.tokens.put(Token("t", "me", hashed(self.secret)))
        bearers, limit = Bearers(self.tokens, lambda: 1), RateLimit(10**6, lambda: 0.0)
        guesses = Guesses(MOST, lambda: self.now)
        self.api = Api(self.site.services, bearers, limit, Page(world.WORDS.taxonomy), guesses)

    def asks(self, secret: str | None, address: str = "192.0.2.1", path: str = "/v1/pictures") -> Answered:
        asked = event("GET", path, {} if secret is None else {"authorization": f"Bearer {secret}"})
        asked = {
            **asked,
            "requestContext": {
                **asked["requestContext"],
                "http": {**asked["requestContext"]["http"], "sourceIp": address},
            },
        }
        answer = self.api.answer(asked)
        return Answered(answer["statusCode"], answer["headers"], answer["body"])


def test_an_address_may_try_only_so_many_wrong_tokens_a_minute() -> None:
    door = Door()
    assert [door.asks(new_secret()).status for _ in range(MOST + 2)] == [401] * MOST + [429] * 2
    refused = door.asks(door.secret)
    assert (refused.status, refused.code) == (429, "too_many_requests"), "a right guess shows itself"
    assert int(refused.headers["Retry-After"]) > 0
    assert door.asks(door.secret, "192.0.2.2").status == 200
    door.now += 60 / MOST
    assert door.asks(door.secret).status == 200


def test_who_came_in_before_is_not_kept_out_by_the_guesses_of_others() -> None:
    door = Door()
    assert door.asks(door.secret).status == 200
    for _ in range(MOST + 1):
        door.asks(new_secret())
    assert door.asks(door.secret).status == 200
    there = door.tokens.by_hash(hashed(door.secret))
    assert there is not None
    door.tokens.put(replace(there, revoked_at=1))
    assert door.asks(door.secret).status == 401
    assert door.asks(door.secret).status == 429


def test_a_visitor_without_a_token_is_no_guess() -> None:
    door = Door()
    assert {door.asks(None).status for _ in range(3 * MOST)} == {401}
    assert door.asks(door.secret).status == 200


def test_the_form_that_signs_in_is_bounded_too() -> None:
    door = Door()
    answers = [door.asks(None, path=f"/login?token={new_secret()}").status for _ in range(MOST + 1)]
    assert answers == [401] * MOST + [429]


def test_visitors_are_remembered_in_bounded_memory() -> None:
    guesses = Guesses(1, lambda: 0.0)
    for number in range(MOST_CALLERS + 1):
        guesses.was_right(f"{number}", "x")
    for number in (0, 1):
        guesses.was_wrong(f"{number}", "y")
    assert guesses.wait("0", "x") > 0
    assert guesses.wait("1", "x") == 0
