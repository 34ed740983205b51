"""Albums, tokens and webhooks are read as they were stored, also by an older version, and damage is named."""

from __future__ import annotations

import json

import pytest

from imagelabels.domain.albums import Album, Question
from imagelabels.domain.errors import Damaged
from imagelabels.domain.tokens import Token
from imagelabels.domain.webhooks import Delivery, Hook
from imagelabels.records.albums import album_json, read_album, read_token, token_json
from imagelabels.records.webhooks import delivery_json, hook_json, read_delivery, read_hook

ALBUM = Album("a", "Dogs", Question(("dog",), none_of=("cat",), since=7), version=3)
TOKEN = Token("t", "me", "hash", frozenset({"read"}), ("oss://photos/",), 1)
HOOK = Hook("h", "a", "https://example.com/x", ("new", "old"), ("oss://photos/",), cursor="c", version=4)
DELIVERY = Delivery("h", "p", 2, "oss://photos/a.jpg", 5, tries=3, answer="500")


def newer(stored: str) -> str:
    """Return what a newer version with one more field would store."""
    return json.dumps(json.loads(stored) | {"later": True})


def test_what_a_newer_version_adds_is_left_out() -> None:
    assert read_album("a", 3, newer(album_json(ALBUM))) == ALBUM
    assert read_token("t", "hash", None, newer(token_json(TOKEN))) == TOKEN
    assert read_hook("h", 4, newer(hook_json(HOOK))) == HOOK
    assert read_delivery("h", "p", 2, "oss://photos/a.jpg", newer(delivery_json(DELIVERY))) == DELIVERY


@pytest.mark.parametrize("stored", ["", "{", "[]", "null", "{}", '{"question": 1}', '{"secrets": 1}', "[" * 9999])
def test_what_is_damaged_is_named(stored: str) -> None:
    for read, name in (
        (lambda: read_album("a", 1, stored), "the album 'a'"),
        (lambda: read_token("t", "hash", None, stored), "the token 't'"),
        (lambda: read_hook("h", 1, stored), "the webhook 'h'"),
        (lambda: read_delivery("h", "p", 1, "oss://photos/a.jpg", stored), "a delivery of the webhook 'h'"),
    ):
        with pytest.raises(Damaged, match=f"{name} in the index is damaged"):
            read()
