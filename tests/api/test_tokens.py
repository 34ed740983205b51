"""Who gets in by a token, and who does not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from imagelabels.api.app import Api
from imagelabels.api.auth import Bearers
from imagelabels.api.limits import MOST_CALLERS, RateLimit
from imagelabels.domain.tokens import Token, hashed, new_secret
from tests.api.world import Answered, Site, event, seen
from tests.fakes_albums import FakeTokens

NOW = 1_700_000_000_000


class Door:
    """The API with tokens."""

    def __init__(self, public: bool = False) -> None:
        self.site = Site()
        self.site.has("a.jpg", seen("dog"))
        self.tokens = FakeTokens()
        self.api = Api(self.site.services, Bearers(self.tokens, lambda: NOW, public), RateLimit(9, lambda: 0.0))

    def issue(self, **token: object) -> str:
        """Make a token and return its secret."""
        secret = new_secret()
        self.tokens.put(Token(f"t{len(self.tokens.there)}", "somebody", hashed(secret), **token))  # type: ignore[arg-type]
        return secret

    def get(self, headers: Mapping[str, str], address: str = "/v1/pictures") -> Answered:
        answer = self.api.answer(event("GET", address, headers))
        return Answered(answer["statusCode"], answer["headers"], answer["body"])

    def bears(self, secret: str, address: str = "/v1/pictures") -> Answered:
        return self.get({"authorization": f"Bearer {secret}"}, address)


def test_nothing_answers_without_a_token() -> None:
    door = Door()
    for address in (
        "/v1/pictures",
        "/v1/labels",
        "/v1/albums",
        "/v1/changes",
        "/v1/export",
        "/nothing",
        "/openapi.json",
    ):
        answer = door.get({}, address)
        assert (answer.status, answer.code) == (401, "no_token")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_who_bears_a_token_is_let_in() -> None:
    door = Door()
    assert door.bears(door.issue()).status == 200


@pytest.mark.parametrize("scheme", ["Basic {}", "{}", "Bearer", "Bearer {}x", "Bearer ../{}", "Token {}"])
def test_what_is_no_bearer_token_lets_nobody_in(scheme: str) -> None:
    door = Door(public=True)
    assert door.get({"authorization": scheme.format(door.issue())}).status == 401


def test_a_token_that_was_revoked_just_now_lets_nobody_in() -> None:
    door = Door()
    secret = door.issue()
    assert door.bears(secret).status == 200
    door.tokens.revoke("t0", NOW)
    assert door.bears(secret).status == 401


@pytest.mark.parametrize(("expires_at", "status"), [(NOW + 1, 200), (NOW, 401), (None, 200)])
def test_a_token_that_expired_lets_nobody_in(expires_at: int | None, status: int) -> None:
    door = Door()
    assert door.bears(door.issue(expires_at=expires_at)).status == status


def test_the_secret_of_a_feed_opens_nothing_else() -> None:
    door = Door()
    assert door.bears(door.issue(album="x")).status == 401


def test_a_token_shows_only_what_lies_below_its_prefixes() -> None:
    door = Door()
    assert door.bears(door.issue(prefixes=("oss://other/",))).json["pictures"] == []
    assert len(door.bears(door.issue(prefixes=("oss://photos/",))).json["pictures"]) == 1
    assert door.bears(door.issue(prefixes=())).json["pictures"] == []


@pytest.mark.parametrize(("scopes", "status"), [({"read"}, 403), ({"read", "write"}, 201)])
def test_a_token_that_may_only_read_changes_nothing(scopes: set[str], status: int) -> None:
    door = Door()
    bearer = {"authorization": f"Bearer {door.issue(scopes=frozenset(scopes))}"}
    assert door.api.answer(event("POST", "/v1/albums", bearer, {"title": "x"}))["statusCode"] == status
    assert len(door.site.albums.there) == (status == 201)


def test_a_secret_stands_in_no_answer() -> None:
    door = Door()
    secret = door.issue(expires_at=0)
    answer = door.bears(secret)
    assert secret not in answer.body
    assert hashed(secret) not in answer.body


def test_public_lets_everybody_read_and_nobody_write() -> None:
    door = Door(public=True)
    assert door.get({}).status == 200
    answer = door.api.answer(event("POST", "/v1/albums", {}, {"title": "x"}))
    assert answer["statusCode"] == 403


def test_the_limit_is_that_of_the_token_and_not_of_all() -> None:
    door = Door()
    one, other = door.issue(), door.issue()
    assert [door.bears(one).status for _ in range(10)] == [200] * 9 + [429]
    assert door.bears(other).status == 200


def test_no_more_callers_are_remembered_than_the_limit_says() -> None:
    limit = RateLimit(1, lambda: 0.0)
    for number in range(MOST_CALLERS + 5):
        assert limit.wait(f"{number}") == 0
    assert len(limit._callers) == MOST_CALLERS
