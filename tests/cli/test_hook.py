"""`imagelabels hook`: webhooks are made, shown, changed and worked for on the command line."""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.cli.main import main
from imagelabels.domain.albums import Album, Question, new_id
from imagelabels.domain.changes import named
from imagelabels.domain.webhooks import DAY, Delivery, Hook
from imagelabels.providers.sqlite import OpenedSqlite
from imagelabels.records import left_out
from tests.contract.samples import label, put, record
from tests.webhooks.test_sending import receiving

URL = "https://example.com/hook"


class Index:
    """A SQLite index with an album."""

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}"
        self.opened = OpenedSqlite(path, {})
        self.opened.create()
        self.album = Album(new_id(), "Dogs", Question(("dog",)))
        self.opened.albums().put(self.album)
        self.kept = self.opened.webhooks()

    def ask(self, *words: str) -> int:
        return main(["hook", *words, "--index", self.url])


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index(tmp_path / "index.db")


def made(index: Index, capsys: pytest.CaptureFixture[str], url: str = URL) -> tuple[str, str]:
    """Make a webhook, and return its id and its secret."""
    assert index.ask("create", index.album.id, url) == 0
    printed = capsys.readouterr()
    (hook,) = index.kept.hooks.list()
    assert hook.id in printed.err
    return hook.id, printed.out.strip()


def test_a_script_would_not_get_the_secret_alone_or_get_it_twice(
    index: Index, capsys: pytest.CaptureFixture[str]
) -> None:
    hook, secret = made(index, capsys)
    assert secret.startswith("whsec_")
    for words in (["list"], ["list", "--format", "json"], ["show", hook], ["show", hook, "--format", "json"]):
        assert index.ask(*words) == 0
        printed = capsys.readouterr().out
        assert URL in printed
        assert secret not in printed


def test_what_waits_and_failed_is_shown_and_sent_again(index: Index, capsys: pytest.CaptureFixture[str]) -> None:
    hook, _ = made(index, capsys)
    waiting = Delivery(hook, "a", 1, "oss://photos/<a>\n.jpg", DAY, 2 * DAY, 3)
    index.kept.outbox.add([waiting, replace(waiting, number=2, failed_at=DAY, answer="the receiver answered 500")])
    assert index.ask("show", hook) == 0
    printed = capsys.readouterr().out
    assert "entered" in printed
    assert "next try 1970-01-03 00:00:00Z" in printed
    assert "failed 1970-01-02 00:00:00Z" in printed
    assert index.ask("show", hook, "--format", "json") == 0
    assert [one["state"] for one in json.loads(capsys.readouterr().out)["deliveries"]] == ["waiting", "failed"]
    assert index.ask("retry", hook) == 0
    assert "is on, and the next run sends 1 delivery again" in capsys.readouterr().out


def test_a_new_secret_is_printed_and_a_deleted_webhook_is_gone(
    index: Index, capsys: pytest.CaptureFixture[str]
) -> None:
    hook, secret = made(index, capsys)
    assert index.ask("rotate", hook) == 0
    assert capsys.readouterr().out.strip() not in ("", secret)
    assert index.ask("delete", hook) == 0
    capsys.readouterr()
    assert index.ask("list", index.album.id) == 0
    listed = capsys.readouterr()
    assert (listed.out, listed.err) == ("", "there are no webhooks: `imagelabels hook create` makes one\n")


def test_a_mistyped_album_would_look_like_one_without_webhooks(
    index: Index, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["list", "Dog"], ["list", "Dog", "--format", "json"], ["create", "Dog", URL]):
        assert index.ask(*words) == 2
        printed = capsys.readouterr()
        assert (printed.out, f"there is no album Dog: did you mean {index.album.id} (Dogs)?" in printed.err) == (
            "",
            True,
        )


@pytest.mark.parametrize("name", ["show", "delete", "retry", "rotate"])
def test_a_webhook_that_is_not_there_is_named(index: Index, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert index.ask(name, "nobody") == 2
    assert "there is no webhook nobody" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("album", "url", "why"),
    [
        ("nobody", URL, "no album nobody: `imagelabels album list` shows them"),
        ("", "http://example.com", "must begin with https://"),
    ],
)
def test_a_webhook_that_cannot_be_made_is_refused_with_a_reason(
    index: Index, capsys: pytest.CaptureFixture[str], album: str, url: str, why: str
) -> None:
    assert index.ask("create", album or index.album.id, url) == 2
    assert why in capsys.readouterr().err
    assert index.kept.hooks.list() == ()


def test_a_damaged_webhook_would_hide_the_others_or_could_not_be_deleted(
    index: Index, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    hook, _ = made(index, capsys)
    index.kept.hooks.put(Hook("damaged", index.album.id, URL, ("whsec_a",)))
    with sqlite3.connect(tmp_path / "index.db") as connection:
        connection.execute("UPDATE webhooks SET hook = '{}' WHERE id = 'damaged'")
    connection.close()
    left_out.forget()
    assert index.ask("list") == 0
    assert hook in capsys.readouterr().out
    (line,) = caplog.messages
    assert "the webhook 'damaged' in the index is damaged" in line
    assert "`imagelabels hook delete ID`" in line
    assert index.ask("delete", "damaged") == 0
    assert index.ask("deliver") == 0
    assert [one.id for one in index.kept.hooks.list()] == [hook]
    assert index.kept.hooks.get("damaged") is None


def test_one_run_sends_what_there_is_to_send_and_says_so(
    index: Index, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGELABELS_WEBHOOK_RECEIVERS", "any")
    with receiving() as (port, seen):
        hook, _ = made(index, capsys, f"http://127.0.0.1:{port}/secret-path")
        row = record(named("oss://photos/a.jpg"), (label("dog"),), updated_at=time.time_ns() // 1_000_000)
        put(index.opened.ledger(), row)
        assert index.ask("deliver") == 0
    printed = capsys.readouterr()
    assert len(seen) == 1
    assert f"{hook}  127.0.0.1  on  0 delivered, 1 failed" in printed.out  # The receiver knows another secret.
    assert f"`imagelabels hook show {hook}` tells why messages failed" in printed.err
    assert "secret-path" not in printed.out + printed.err
