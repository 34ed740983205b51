"""This module writes albums and tokens as JSON text and reads them; every index shares the form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from imagelabels.domain.albums import LONGEST_QUESTION, Album, Question
from imagelabels.domain.tokens import Token
from imagelabels.records.readable import checked
from imagelabels.records.rows import undamaged

_LISTS = ("label", "any_of", "none_of")
ALBUM_CURE = "delete it by `imagelabels album delete ID`, and make it anew"
TOKEN_CURE = "revoke it by `imagelabels token revoke ID`, and make a new one"


def question_json(question: Question) -> str:
    """Return the stored form; ValueError if it is longer than LONGEST_QUESTION."""
    text = json.dumps({name: value for name, value in asdict(question).items() if value}, separators=(",", ":"))
    if len(text) > LONGEST_QUESTION:
        raise ValueError(
            f"the question takes {len(text):,} bytes, and an album holds {LONGEST_QUESTION:,} at most: ask for fewer "
            "words"
        )
    return text


def album_json(album: Album) -> str:
    """Return the stored form of an album. ValueError if its question is too long."""
    fields = {name: value for name, value in asdict(album).items() if name not in ("id", "version", "question")}
    return json.dumps(fields | {"question": json.loads(question_json(album.question))}, separators=(",", ":"))


def read_album(album_id: str, version: int, stored: str) -> Album:
    """Return the album; Damaged names one that cannot be read."""
    with undamaged(f"the album {album_id!r}", ALBUM_CURE):
        fields = json.loads(stored)
        asked = _known(Question, fields.pop("question"))
        asked |= {name: tuple(map(str, asked[name])) for name in _LISTS if name in asked}
        question = checked(Question(**asked))
        return checked(Album(id=album_id, version=version, question=question, **_known(Album, fields)))


def token_json(token: Token) -> str:
    """Return the stored form of a token, without the secret's hash, which is a key of its own."""
    fields = {name: value for name, value in asdict(token).items() if name not in ("id", "secret_hash", "revoked_at")}
    return json.dumps(fields | {"scopes": sorted(token.scopes)}, separators=(",", ":"))


def read_token(token_id: str, secret_hash: str, revoked_at: int | None, stored: str) -> Token:
    """Return the token; Damaged names one that cannot be read."""
    with undamaged(f"the token {token_id!r}", TOKEN_CURE):
        fields = _known(Token, json.loads(stored))
        fields |= {"scopes": frozenset(fields["scopes"]), "prefixes": tuple(map(str, fields["prefixes"]))}
        return checked(Token(id=token_id, secret_hash=secret_hash, revoked_at=revoked_at, **fields))


def _known(kind: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a newer version wrote and this one does not know."""
    return {name: value for name, value in fields.items() if name in kind.__dataclass_fields__}
