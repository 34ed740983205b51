"""`imagelabels token`: what a token opens is known before it is made."""

from __future__ import annotations

import pytest

from imagelabels.cli.commands import token
from imagelabels.domain.moments import now
from imagelabels.domain.tokens import hashed
from tests.fakes_albums import FakeTokens


def created(tokens: FakeTokens, *words: str) -> int:
    return token.create(token._create().parsed(*words), lambda url: tokens)


def test_a_token_that_would_open_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    tokens = FakeTokens()
    assert created(tokens, "editors", "--expires", "2020-01-01") == 2
    assert "--expires: 2020-01-01 00:00:00Z has passed" in capsys.readouterr().err
    assert tokens.list() == ()
    later = now() + 3_600_000
    assert created(tokens, "editors", "--expires", f"{later}") == 0
    assert [made.expires_at for made in tokens.list()] == [later]


def test_the_id_of_a_token_would_be_taken_for_the_token(capsys: pytest.CaptureFixture[str]) -> None:
    tokens = FakeTokens()
    assert created(tokens, "me") == 0
    (made,) = tokens.list()
    told = capsys.readouterr()
    assert hashed(told.out.strip()) == made.secret_hash
    assert f"Its id is {made.id}, by which `imagelabels token revoke` revokes it." in told.err
