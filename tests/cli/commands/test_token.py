"""`imagelabels token`: what a token opens is known before it is made."""

from __future__ import annotations

import pytest

from imagelabels.cli.commands import token
from imagelabels.domain.moments import now
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
