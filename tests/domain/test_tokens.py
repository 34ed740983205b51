"""A token lets in whoever knows its secret, while it is in force, and nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.albums import Album, new_id
from imagelabels.domain.tokens import Token, hashed, is_secret, new_secret

SECRET = "AbCd" * 10 + "_-9"
"""It is written out, because workers of a parallel run must collect tests of the same names."""
TOKEN = Token("id", "editor", hashed(SECRET), expires_at=100)


def test_the_secret_opens_until_the_moment_it_expires_or_is_revoked() -> None:
    assert TOKEN.lets_in(SECRET, 99)
    assert not TOKEN.lets_in(SECRET, 100)
    assert not replace(TOKEN, revoked_at=50).lets_in(SECRET, 40)
    assert replace(TOKEN, expires_at=None).lets_in(SECRET, 1 << 50)


@pytest.mark.parametrize(
    "text", ["", "x" * 43, SECRET[:-1], SECRET + "x", SECRET.swapcase(), TOKEN.secret_hash, "\udc80"]
)
def test_nothing_but_the_secret_opens(text: str) -> None:
    assert not TOKEN.lets_in(text, 1)


def test_secrets_and_ids_differ_each_time_and_may_stand_in_an_address() -> None:
    assert len({new_secret() for _ in range(100)}) == len({new_id() for _ in range(100)}) == 100
    assert is_secret(SECRET)
    assert is_secret(new_secret())
    assert len(new_id()) == 22
    assert not any(map(is_secret, ["", SECRET + "\n", "é" * 43, SECRET[:-1] + "/"]))


@pytest.mark.parametrize(("title", "says"), [("", "no title"), (" \n", "no title"), ("x" * 201, "200")])
def test_an_album_that_nobody_could_name_is_refused(title: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Album(new_id(), title)
