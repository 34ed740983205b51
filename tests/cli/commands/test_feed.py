"""`imagelabels feed`: feeds are shared, listed and revoked."""

from __future__ import annotations

import json

import pytest

from imagelabels.cli.commands import feed
from imagelabels.cli.commands.feed import Create, Kept
from imagelabels.cli.sharing import ListedOfAlbum, Named
from imagelabels.domain.albums import Album
from imagelabels.domain.tokens import Token, hashed
from tests.fakes_albums import FakeAlbums, FakeTokens


class Desk:
    """The commands over an index in memory with one album, `dogs`."""

    def __init__(self) -> None:
        self.kept = Kept(FakeAlbums(), FakeTokens())
        self.kept.albums.put(Album("dogs", "Dogs"))
        self.kept.tokens.put(Token("person", "somebody", hashed("x")))

    def open(self, url: str | None) -> Kept:
        return self.kept

    def create(self, *words: str) -> int:
        return feed.create(feed._create().parsed(*words), self.open)

    def list(self, *words: str) -> int:
        return feed.list_feeds(feed._list().parsed(*words), self.open)

    def revoke(self, feed_id: str) -> int:
        return feed.revoke(Named(feed_id, None), self.open)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_addresses_of_a_new_feed_stand_alone_on_stdout(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.create("dogs", "--name", "editors", "--site", "https://photos.example/") == 0
    printed = capsys.readouterr()
    addresses = printed.out.split()
    token = desk.kept.tokens.list()[-1]
    secret = addresses[0].split("/")[-2]
    assert addresses == [
        f"https://photos.example/v1/albums/dogs/feed/{secret}/{kind}" for kind in ("rss", "atom", "json")
    ]
    assert (token.album, token.name, token.secret_hash) == ("dogs", "editors", hashed(secret))
    assert token.id in printed.err
    assert secret not in printed.err


def test_feeds_are_listed_without_their_secrets_and_without_the_tokens_of_people(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.create("dogs", "--prefix", "oss://photos/2026/", "--name", "a\x1b[2J")
    secret = capsys.readouterr().out.split("/")[-2]
    assert desk.list() == desk.list("--format", "json") == 0
    text, form = capsys.readouterr().out.strip().splitlines()
    assert "\x1b" not in text
    assert "oss://photos/2026/" in text
    assert secret not in text + form
    shown = json.loads(form)
    assert (shown["album"], shown["name"], shown["revoked_at"]) == ("dogs", "a\x1b[2J", None)


def test_a_mistyped_album_would_look_like_one_without_feeds(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.list("--album", "cats") == desk.list("--album", "cats", "--format", "json") == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("there is no album cats: `imagelabels album list` shows them")) == ("", 2)
    assert desk.list("--album", "dgos") == desk.create("dgos") == 2
    assert capsys.readouterr().err.count("there is no album dgos: did you mean dogs?") == 2
    assert desk.list("--album", "dogs") == 0
    assert "there are no feeds" in capsys.readouterr().err


def test_who_writes_the_title_of_an_album_would_not_learn_its_id(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.kept.albums.put(Album("0a1b", "Holidays\n2026"))
    assert desk.list("--album", "holidays 2026") == 2
    assert "did you mean 0a1b (Holidays\\n2026)?" in capsys.readouterr().err


def test_feeds_of_an_album_that_was_deleted_could_not_be_found_any_more(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.create("dogs")
    desk.kept.albums.delete("dogs", 1)
    capsys.readouterr()
    assert desk.list("--album", "dogs") == 0
    assert "album dogs" in capsys.readouterr().out


def test_a_revoked_feed_is_listed_as_such(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.create("dogs")
    token = desk.kept.tokens.list()[-1]
    assert desk.revoke(token.id) == 0
    assert desk.kept.tokens.list()[-1].revoked_at is not None
    capsys.readouterr()
    desk.list()
    assert "revoked" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["none", "person"])
def test_only_feeds_are_revoked(desk: Desk, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert desk.revoke(name) == 2
    assert f"there is no feed {name}" in capsys.readouterr().err
    assert all(token.revoked_at is None for token in desk.kept.tokens.list())


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("cats",), "there is no album cats"),
        (("dogs", "--name", " "), "a name has 1 to 200 characters"),
        (("dogs", "--site", "photos.example"), "is not the beginning of an address"),
        (("dogs", "--site", "https://photos.example/path"), "is not the beginning of an address"),
    ],
)
def test_a_feed_that_nobody_could_read_is_not_made(
    desk: Desk, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], why: str
) -> None:
    assert desk.create(*words) == 2
    printed = capsys.readouterr()
    assert why in printed.err
    assert printed.out == ""
    assert len(desk.kept.tokens.list()) == 1


def test_the_arguments_are_those_of_the_command_line() -> None:
    assert feed._create().parsed("dogs") == Create("dogs", "feed", (), feed.SITE, None)
    assert feed._list().parsed() == ListedOfAlbum("table", None, None)


def test_who_has_shared_no_feed_is_told_how_one_is_made(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.list() == 0
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "there are no feeds: `imagelabels feed create` makes one\n")
    assert desk.create("cats") == 2
    assert "there is no album cats: `imagelabels album list` shows them" in capsys.readouterr().err
