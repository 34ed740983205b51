"""`imagelabels album` over rows in memory."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from imagelabels.cli import albums as work
from imagelabels.cli.command import Command
from imagelabels.cli.commands import album
from imagelabels.cli.desk import Desk
from imagelabels.cli.main import main
from imagelabels.cli.questions import question_text
from imagelabels.domain import albums as limits
from imagelabels.domain.albums import Album, Changed, Pin, Question, new_id
from imagelabels.domain.tokens import Token
from imagelabels.usecases.hook_keeping import Keeper
from tests.api.world import Site, seen
from tests.fakes_albums import FakeTokens
from tests.fakes_webhooks import fake_webhooks

EVIL = "evil\n\x1b[2J\u202egpj"


class Desktop:
    """The commands over four pictures, and what they printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.site, self.tokens, self._capsys = Site(), FakeTokens(), capsys
        for key, label in (("a.jpg", "dog"), ("b.jpg", "cat"), ("c.jpg", "dog"), ("d.jpg", "dog")):
            self.site.has(key, seen(label))
        self.hooks = Keeper(fake_webhooks(), self.site.services.changes, lambda: 1)
        self.desk = Desk(self.site.services.gallery, self.site.albums, self.tokens, self.hooks)
        self.err = ""

    def __call__(self, name: str, *words: str) -> int:
        command = album.command().commands[name]
        assert isinstance(command, Command)
        run = {"create": work.create, "list": work.list_albums, "show": work.show, "delete": work.delete}
        run |= {"pin": work.put_in_or_out, "unpin": work.leave_to_question}
        status: int = run[name](command.parsed(*words), lambda url: self.desk)  # type: ignore[operator]
        self.out, self.err = self._capsys.readouterr()
        return status

    def made(self, *words: str) -> str:
        assert self("create", *words) == 0, self.err
        return self.out.strip()

    def holds(self, album_id: str, *words: str) -> list[str]:
        assert self("show", album_id, *words, "--format", "json") == 0, self.err
        rows = [json.loads(line) for line in self.out.splitlines()]
        return [row["uri"].removeprefix("oss://photos/") for row in rows if "uri" in row]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Desktop:
    return Desktop(capsys)


def test_an_album_would_not_hold_what_its_question_finds(run: Desktop) -> None:
    made = run.made("Dogs", "dog", "--order", "uri", "--language", "zh-Hans", "--cover", "oss://photos/a.jpg")
    assert "It holds 3 pictures now" in run.err
    assert run.holds(made) == ["a.jpg", "c.jpg", "d.jpg"]
    saved = run.site.albums.there[made]
    assert (saved.title, saved.language, saved.order, saved.version) == ("Dogs", "zh-Hans", "uri", 1)
    assert (saved.cover, saved.question) == ("oss://photos/a.jpg", Question(label=("dog",)))


def test_a_damaged_album_would_hide_the_others_or_could_not_be_deleted(run: Desktop) -> None:
    damaged, other = run.made("Dogs", "dog"), run.made("Cats", "cat")
    run.site.albums.damaged.add(damaged)
    assert run("list") == 0
    assert damaged not in run.out
    assert other in run.out
    assert run("delete", damaged, "--dry-run") == 0
    assert "which cannot be read" in run.out
    assert run("delete", damaged, "--yes") == 0
    assert list(run.site.albums.there) == [other]


def test_a_dry_run_would_save_the_album(run: Desktop) -> None:
    assert run("create", "Dogs", "dog", "--dry-run") == 0
    assert "It would hold 3 pictures" in run.err
    assert "Nothing was saved" in run.err
    assert "oss://photos/a.jpg" in run.out
    assert run.site.albums.there == {}


def test_every_condition_of_a_search_can_be_kept_and_is_shown_as_it_was_typed(run: Desktop) -> None:
    words = ["dog", "--any", "cat", "golden retriever", "--none", "=pug", "--min-confidence", "0.5"]
    words += ["--from", "2026-01-01", "--until", "2026-02-01", "--since", "2020-01-01T08:00Z"]
    words += ["--prefix", "oss://photos/2026/", "--state", "any", "--reason", "corrupt"]
    made = run.made("All", *words)
    shown = question_text(run.site.albums.there[made].question)
    assert shown == (
        "dog --any cat 'golden retriever' --none =pug --min-confidence 0.5 --from 2026-01-01 --until 2026-02-01 "
        "--since 2020-01-01T08:00:00.000Z --prefix oss://photos/2026/ --state any --reason corrupt"
    )
    assert run("list") == 0
    assert run.out == f"{made}\tAll\t{shown}\n"


def test_a_misspelt_word_would_make_an_empty_album_that_nobody_explains(run: Desktop) -> None:
    made = run.made("Elephants", "elefant")
    assert "did you mean elephant?" in run.err
    assert run.holds(made) == []
    assert "it holds no picture" in run.err
    assert "did you mean elephant?" in run.err


def test_an_album_whose_word_was_retired_would_not_open(run: Desktop) -> None:
    run.site.albums.put(Album("retired", "Old", Question(label=("elefant",))))
    assert run("show", "retired") == 0
    assert "nothing is called elefant" in run.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["", "dog"], "no title"),
        (["x" * 201, "dog"], "200"),
        (["Dogs", "dog:7"], "0 to 1"),
        (["Dogs", *["x"] * 51], "50"),
        (["Dogs", "x" * 10_001], "10,000"),
        (["Dogs", "露" * 4_000], "10,240"),
        (["Dogs", "dog", "--cover", "oss://photos/nope.jpg"], "oss://photos/nope.jpg"),
    ],
)
def test_an_album_that_nobody_could_open_would_be_saved(run: Desktop, words: list[str], says: str) -> None:
    assert run("create", *words) == 2
    assert says in run.err
    assert (run.out, run.site.albums.there) == ("", {})


def test_pictures_are_put_in_and_taken_out_by_hand_until_they_are_left_to_the_question(run: Desktop) -> None:
    made = run.made("Dogs", "dog", "--order", "uri")
    assert run("pin", made, "oss://photos/b.jpg") == 0
    assert run.out == "1 picture put in by hand\n"
    assert run("pin", made, "oss://photos/a.jpg", "oss://photos/c.jpg", "--out") == 0
    assert run.holds(made) == ["b.jpg", "d.jpg"]
    assert "by hand 1 in, 2 out" in run.err
    assert run("unpin", made, "oss://photos/a.jpg", "oss://photos/b.jpg") == 0
    assert run.holds(made) == ["a.jpg", "d.jpg"]


def test_the_pin_of_a_picture_that_is_gone_would_stay_for_ever(run: Desktop) -> None:
    made = run.made("Dogs", "dog")
    run.site.albums.pin(made, "oss://photos/gone.jpg", "in", 0)
    assert run("unpin", made, "oss://photos/gone.jpg") == 0
    assert run.site.albums.pins(made) == ()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nobody", "oss://photos/a.jpg"], "there is no album nobody"),
        (["{}", "oss://photos/mistyped.jpg"], "the index has no picture oss://photos/mistyped.jpg"),
    ],
)
def test_a_pin_that_can_mean_nothing_would_be_set(run: Desktop, words: list[str], says: str) -> None:
    made = run.made("Dogs", "dog")
    assert run("pin", *(word.format(made) for word in words)) == 2
    assert says in run.err
    assert run.site.albums.pinned == {}


def test_more_pins_than_an_album_takes_would_be_set(run: Desktop) -> None:
    made = run.made("Dogs", "dog")
    pins = {f"oss://photos/{number}": Pin(f"oss://photos/{number}", "in", 0) for number in range(limits.MOST_PINS)}
    run.site.albums.pinned[made] = pins
    assert run("pin", made, "oss://photos/a.jpg") == 2
    assert f"{limits.MOST_PINS:,}" in run.err


def test_pages_bring_every_picture_once_and_are_filled_across_what_was_put_in(run: Desktop) -> None:
    made = run.made("Dogs", "dog", "--order", "uri")
    run("pin", made, "oss://photos/b.jpg")
    assert run("show", made, "--limit", "2", "--format", "json") == 0
    first, second, following = (json.loads(line) for line in run.out.splitlines())
    assert [first["uri"], second["uri"]] == ["oss://photos/b.jpg", "oss://photos/a.jpg"]
    assert run.holds(made, "--page", following["next"]) == ["c.jpg", "d.jpg"]


def test_a_page_token_of_another_album_would_be_taken(run: Desktop) -> None:
    dogs, cats = run.made("Dogs", "dog"), run.made("Cats", "cat")
    run("show", dogs, "--limit", "1", "--format", "json")
    token = json.loads(run.out.splitlines()[-1])["next"]
    assert run("show", cats, "--page", token) == 2
    assert "another query" in run.err


def test_a_title_or_a_key_of_a_stranger_would_make_the_terminal_obey(run: Desktop) -> None:
    run.site.has(EVIL, seen("dog"))
    made = run.made(EVIL, EVIL)
    run.site.albums.pin(made, f"oss://photos/{EVIL}", "in", 0)
    run.site.has("z.jpg", seen("dog"))
    run.site.albums.pin(made, "oss://photos/z.jpg", "in", 0)
    for words in (["list"], ["show", made], ["show", made, "--limit", "1"], ["delete", made, "--dry-run"]):
        assert run(*words) == 0
        printed = (run.out + run.err).replace("\n", "").replace("\t", "")
        assert printed.isprintable(), words


def test_deleting_an_album_would_end_what_nobody_was_told_of(run: Desktop) -> None:
    made = run.made("Dogs", "dog")
    run("pin", made, "oss://photos/b.jpg", "oss://photos/a.jpg")
    for name, more in (("t1", {}), ("t2", {"revoked_at": 1}), ("t3", {"expires_at": 1}), ("t4", {"album": "x"})):
        run.tokens.put(replace(Token(name, "feed", "0" * 64, album=made), **more))
    for album_id in (made, made, "x"):
        run.hooks.make(album_id, "https://example.com/hook")
    assert run("delete", made, "--dry-run") == 0
    assert "with it end 2 choices by hand, 1 feed address, 2 webhooks; its pictures stay" in run.out
    assert made in run.site.albums.there
    assert len(run.hooks.hooks(made)) == 2
    assert run("delete", made, "--yes") == 0
    assert not run.site.albums.there
    assert not run.site.albums.pinned
    assert [hook.album for hook in run.hooks.hooks()] == ["x"]
    assert run("delete", made, "--yes") == 2


def test_deleting_an_album_without_a_person_to_ask_would_delete_it(run: Desktop) -> None:
    made = run.made("Dogs", "dog")
    assert run("delete", made) == 2
    assert made in run.site.albums.there


def test_an_album_that_somebody_changed_at_the_same_moment_would_be_deleted(run: Desktop) -> None:
    made = run.made("Dogs", "dog")

    def change(album_id: str, expected_version: int | None) -> None:
        raise Changed(album_id)

    run.site.albums.delete = change  # type: ignore[method-assign]
    assert run("delete", made, "--yes") == 2
    assert "somebody changed the album" in run.err


def test_the_json_of_an_album_is_that_of_the_api(run: Desktop) -> None:
    assert run("create", "Dogs", "dog", "--format", "json") == 0
    form = json.loads(run.out)
    assert run.site.get(f"/v1/albums/{form['id']}").json == form
    run("list", "--format", "json")
    assert json.loads(run.out) == form


def test_an_id_would_be_taken_for_an_option() -> None:
    assert not any(new_id().startswith("-") for _ in range(2_000))


def test_an_index_that_is_not_there_would_be_made(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["album", "list", "--index", f"sqlite:///{tmp_path}/nowhere.db"]) == 2
    assert "there is no index" in capsys.readouterr().err
