"""Every adapter of the ports Albums and Tokens keeps these promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.domain.albums import LONGEST_QUESTION, MOST_PINS, Album, Changed, Pin, Question, TooManyPins, new_id
from imagelabels.domain.errors import Damaged
from imagelabels.domain.tokens import Token, hashed, new_secret
from imagelabels.ports.albums import Albums
from imagelabels.ports.tokens import Tokens
from tests.contract.keeping import KEEPERS, Kept

QUESTION = Question(
    ("dog", "=cat:0.5"),
    ("露营",),
    ("snow",),
    0.8,
    "oss://photos/2026/",
    1_700_000_000_000,
    1_800_000_000_000,
    5,
    "any",
    "x",
)
STRANGE = "file:///home/me/\udc80 <script>.jpg"
NOBODY = "\udc80"


@pytest.fixture(params=sorted(KEEPERS))
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    with KEEPERS[request.param](tmp_path) as opened:
        yield opened


@pytest.fixture
def albums(kept: Kept) -> Albums:
    return kept.albums


@pytest.fixture
def tokens(kept: Kept) -> Tokens:
    return kept.tokens


def album(title: str = "Dogs", **fields: object) -> Album:
    return replace(Album(new_id(), title, QUESTION, "zh-Hans", "oldest", STRANGE, 7, 8, 1), **fields)  # type: ignore[arg-type]


def token(name: str = "editor", made_at: int = 1) -> Token:
    return Token(new_id(), name, hashed(new_secret()), frozenset({"read", "write"}), ("oss://photos/",), made_at)


def test_an_album_is_read_as_it_was_written(albums: Albums) -> None:
    made = album()
    albums.put(made)

    assert albums.get(made.id) == made
    assert albums.list() == (made,)


@pytest.mark.parametrize("name", ["", "nobody", NOBODY, "x" * 3000, "鹿" * 1000])
def test_an_album_that_is_not_there_is_none(albums: Albums, name: str) -> None:
    assert albums.get(name) is None
    assert albums.pins(name) == ()


def test_albums_are_listed_by_id_in_pages_without_a_gap(albums: Albums) -> None:
    made = sorted((album(str(number)) for number in range(5)), key=lambda one: one.id)
    for one in made:
        albums.put(one)

    first = albums.list(limit=2)
    assert (*first, *albums.list(first[-1].id, 2), *albums.list(made[3].id)) == tuple(made)


def test_a_second_album_with_the_same_id_replaces_nothing(albums: Albums) -> None:
    made = album()
    albums.put(made)

    with pytest.raises(Changed):
        albums.put(replace(made, title="Cats"))
    assert albums.get(made.id) == made


def test_of_two_people_who_change_an_album_the_second_is_told(albums: Albums) -> None:
    made = album()
    albums.put(made)
    albums.put(replace(made, title="Cats", version=2), 1)

    with pytest.raises(Changed):
        albums.put(replace(made, title="Birds", version=2), 1)
    with pytest.raises(Changed):
        albums.delete(made.id, 1)
    assert albums.get(made.id) == replace(made, title="Cats", version=2)


def test_changing_or_deleting_an_album_that_is_not_there_makes_none(albums: Albums) -> None:
    with pytest.raises(Changed):
        albums.put(album(version=2), 1)
    for version in (1, None):
        with pytest.raises(Changed):
            albums.delete("nobody", version)
    with pytest.raises(Changed):
        albums.pin("nobody", "oss://b/k", "in", 1)
    assert albums.list() == ()


def test_a_question_of_ten_kilobytes_is_refused_before_anything_is_written(albums: Albums) -> None:
    with pytest.raises(ValueError, match="ask for fewer words"):
        albums.put(album(question=Question(label=("x" * LONGEST_QUESTION,))))
    assert albums.list() == ()


def test_a_pin_is_set_turned_and_taken_away(albums: Albums) -> None:
    made = album()
    albums.put(made)
    albums.pin(made.id, STRANGE, "in", 1)
    assert albums.pins(made.id) == (Pin(STRANGE, "in", 1),)
    albums.pin(made.id, STRANGE, "out", 2)
    assert albums.pins(made.id) == (Pin(STRANGE, "out", 2),)
    albums.pin(made.id, STRANGE, None, 3)
    assert albums.pins(made.id) == ()
    assert albums.get(made.id) == made


def test_pins_come_in_pages_without_a_gap_and_only_those_of_the_album(albums: Albums) -> None:
    made, other = album(), album()
    uris = [f"oss://photos/{number}" for number in range(7)]
    for one in (made, other):
        albums.put(one)
    for uri in uris:
        albums.pin(made.id, uri, "in", 1)
    albums.pin(other.id, uris[0], "out", 1)

    pages: list[Pin] = []
    after = ""
    while page := albums.pins(made.id, after, 3):
        pages += page
        after = page[-1].uri
    assert sorted(pin.uri for pin in pages) == uris
    assert albums.pins(other.id) == (Pin(uris[0], "out", 1),)


def test_the_pins_of_some_pictures_are_read_without_those_of_others_and_of_other_albums(albums: Albums) -> None:
    made, other = album(), album()
    albums.put(made)
    albums.put(other)
    albums.pin(made.id, STRANGE, "in", 1)
    albums.pin(made.id, "oss://photos/b.jpg", "out", 2)
    albums.pin(made.id, "oss://photos/c.jpg", "in", 3)
    albums.pin(other.id, "oss://photos/d.jpg", "in", 4)
    asked = [STRANGE, "oss://photos/b.jpg", "oss://photos/b.jpg", "oss://photos/d.jpg", "oss://photos/none.jpg"]
    assert albums.pins_of(made.id, asked) == {
        STRANGE: Pin(STRANGE, "in", 1),
        "oss://photos/b.jpg": Pin("oss://photos/b.jpg", "out", 2),
    }
    assert albums.pins_of(made.id, []) == albums.pins_of("", asked) == albums.pins_of(NOBODY, asked) == {}


def test_a_deleted_album_takes_its_pins_with_it(albums: Albums) -> None:
    made = album()
    albums.put(made)
    albums.pin(made.id, STRANGE, "in", 1)
    albums.delete(made.id, 1)

    assert albums.get(made.id) is None
    assert albums.pins(made.id) == ()


def test_the_pin_after_ten_thousand_is_refused_and_the_others_can_still_be_turned(kept: Kept) -> None:
    made = album()
    kept.albums.put(made)
    uris = [f"oss://photos/{number}" for number in range(MOST_PINS)]
    kept.fill(made.id, uris)

    with pytest.raises(TooManyPins, match="10,000"):
        kept.albums.pin(made.id, STRANGE, "in", 1)
    kept.albums.pin(made.id, uris[0], "out", 2)
    kept.albums.pin(made.id, uris[1], None, 2)
    kept.albums.pin(made.id, STRANGE, "in", 1)


@pytest.mark.parametrize("limit", [1, 100])
def test_one_damaged_album_hides_no_other_and_can_be_deleted(kept: Kept, limit: int) -> None:
    first, damaged, last = sorted((album(str(number)) for number in range(3)), key=lambda one: one.id)
    for one in (first, damaged, last):
        kept.albums.put(one)
    kept.damage("albums", damaged.id)

    page = kept.albums.list(limit=limit)
    assert (*page, *kept.albums.list(page[-1].id)) == (first, last)
    with pytest.raises(Damaged, match="the album"):
        kept.albums.get(damaged.id)
    kept.albums.delete(damaged.id, None)
    assert kept.albums.get(damaged.id) is None
    assert kept.albums.list() == (first, last)


def test_one_damaged_token_hides_no_other_and_can_be_revoked(kept: Kept, request: pytest.FixtureRequest) -> None:
    made, damaged = token(), token("other", 2)
    for one in (made, damaged):
        kept.tokens.put(one)
    kept.damage("tokens", damaged.secret_hash if "tablestore" in request.node.name else damaged.id)

    assert kept.tokens.list() == (made,)
    assert kept.tokens.revoke(damaged.id, 5)
    assert kept.tokens.list() == (made,)


def test_a_token_is_found_by_the_hash_of_its_secret(tokens: Tokens) -> None:
    made, feed = token(), replace(token("feed", 2), album="a", expires_at=9)
    for one in (feed, made):
        tokens.put(one)

    assert tokens.by_hash(made.secret_hash) == made
    assert tokens.by_hash(feed.secret_hash) == feed
    assert tokens.list() == (made, feed)


@pytest.mark.parametrize("text", ["", "nobody", NOBODY, "鹿" * 1000])
def test_an_unknown_secret_finds_no_token(tokens: Tokens, text: str) -> None:
    tokens.put(token())

    assert tokens.by_hash(hashed(text)) is None
    assert tokens.by_hash(text) is None
    assert not tokens.revoke(text, 1)


def test_a_token_that_was_revoked_a_moment_ago_lets_nobody_in_and_the_other_stays(tokens: Tokens) -> None:
    secret = new_secret()
    made, other = replace(token(), secret_hash=hashed(secret)), token("other", 2)
    for one in (made, other):
        tokens.put(one)
    assert tokens.revoke(made.id, 5)
    assert tokens.revoke(made.id, 6)

    found = tokens.by_hash(made.secret_hash)
    assert found == replace(made, revoked_at=5)
    assert found is not None
    assert not found.lets_in(secret, 1)
    assert tokens.by_hash(other.secret_hash) == other
