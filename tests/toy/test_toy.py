"""A cloud and an index that no line of the product names: once registered, everything works with them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagelabels import clouds, settings, wiring
from imagelabels.cli import main as cli
from imagelabels.cli import objects as cli_objects
from imagelabels.cli.arguments import place
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectChange, ObjectRef
from imagelabels.usecases.walk import Place
from tests.fakes import FakeObjects, jpeg
from tests.toy import cloud, index
from tests.toy.cloud.functions import invoker
from tests.toy.cloud.room import room
from tests.toy.index.shelf import shelf

TEDDY = ObjectRef("toy", "attic", "2026/teddy.jpg")
BALL = ObjectRef("toy", "attic", "2027/ball.jpg")


@pytest.fixture
def attic(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeObjects]:
    """The toy cloud's objects; cloud and index are registered while the test runs."""
    for cached in (wiring._built, room, shelf, invoker):
        cached.cache_clear()
    monkeypatch.setenv("TOY_KEY", "key")
    monkeypatch.setenv("IMAGELABELS_TOY_ROOM", "attic")
    monkeypatch.setenv("IMAGELABELS_INDEX", "shelf://attic")
    with clouds.registered([cloud.PROVIDER], [index.INDEX]):
        yield room("attic")
    wiring._built.cache_clear()


def land(ref: ObjectRef, objects: FakeObjects, shows: str) -> str:
    """Put a picture, and deliver its event; the state that came out."""
    objects.put(ref, jpeg(shows))
    change = ObjectChange(ref, "created", shows, "2026-01-01T00:00:00Z")
    (delivered,) = wiring.function("toy", "key of this event").deliver([change], time.monotonic() + 60)
    assert delivered.outcome is not None
    return delivered.outcome.state


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(list(arguments)) == 0
    return capsys.readouterr().out


def test_an_event_of_a_new_cloud_gives_labels_tags_and_a_row_in_a_new_index(attic: FakeObjects) -> None:
    assert land(TEDDY, attic, "Teddybär") == "labelled"
    (tag, value), *others = attic.there[TEDDY.uri].tags.items()
    assert (tag.partition(":")[2][:4], value, others) == ("toy:", "toy", [])
    record = shelf("attic").there[TEDDY.uri].record
    assert record is not None
    assert [label.id for label in record.labels] == ["toy:Teddybär"]
    assert record.detector == "toy"


def test_the_function_of_a_new_cloud_takes_each_events_key(attic: FakeObjects) -> None:
    wiring.function("toy", "first")
    wiring.function("toy", "second")
    _, session = wiring._built("toy")
    assert isinstance(session, cloud.ToySession)
    assert session.keys == {"key": "second"}


def test_what_a_new_cloud_labelled_is_found_explained_and_taken_back(
    attic: FakeObjects, capsys: pytest.CaptureFixture[str]
) -> None:
    land(TEDDY, attic, "Teddybär")
    land(BALL, attic, "Dogs")
    assert printed(capsys, "search", "teddybär").startswith(TEDDY.uri)
    assert printed(capsys, "search", "toy:Teddybär", "--prefix", "toy://attic/2026/").count("\n") == 1
    assert printed(capsys, "search", "mammal", "--prefix", "toy://attic/").startswith(BALL.uri)
    assert "label:toy:Teddyb=C3=A4r=toy" in printed(capsys, "why", TEDDY.uri)
    printed(capsys, "undo", "toy://attic/2026/", "--yes")
    assert attic.there[TEDDY.uri].tags == {}
    assert attic.there[BALL.uri].tags == {"label:dog": "mammal"}


def test_an_index_is_made_and_brought_up_to_date_by_its_url(
    attic: FakeObjects, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(capsys, "index", "create", "--index", "shelf://other") == "the index is there\n"
    assert "0 rows were written" in printed(capsys, "index", "migrate", "--index", "shelf://other")


def test_a_policy_rules_over_a_new_cloud(attic: FakeObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[[rule]]\nprefix = "toy://attic/2026/"\nexclude = ["toy:Teddybär"]', "utf-8")
    monkeypatch.setenv("IMAGELABELS_POLICY", str(policy))
    land(TEDDY, attic, "Teddybär")
    land(BALL, attic, "Teddybär")
    assert attic.there[TEDDY.uri].tags == {}
    assert len(attic.there[BALL.uri].tags) == 1


def test_the_settings_know_a_new_clouds_variables_detector_and_index(attic: FakeObjects) -> None:
    rows = {name: description for name, _, description in settings.table()}
    assert rows["IMAGELABELS_TOY_ROOM"] == "The room that the toy cloud stands in; `toy` needs it."
    assert "`toy` (says what the toy shows)" in rows["IMAGELABELS_DETECTOR"]
    assert "`shelf://name`" in rows["IMAGELABELS_INDEX"]
    assert "0.6 for `toy`" in rows["IMAGELABELS_THRESHOLD"]
    got = settings.load({"IMAGELABELS_DETECTOR": "toy", "IMAGELABELS_INDEX": "shelf://a", "IMAGELABELS_TOY_ROOM": "a"})
    assert (got.detector, got.index) == ("toy", "shelf://a")
    with pytest.raises(Misconfigured, match="IMAGELABELS_TOY_ROM is not a setting: did you mean IMAGELABELS_TOY_ROOM"):
        settings.load({"IMAGELABELS_TOY_ROM": "a"})
    with pytest.raises(Misconfigured, match="IMAGELABELS_TOY_ROOM is not set"):
        settings.of(cloud.PROVIDER, {})
    with pytest.raises(Misconfigured, match=r"must be .*shelf://name"):
        settings.load({"IMAGELABELS_INDEX": "shelf://Name"})


def test_a_message_says_what_a_new_detector_reads(attic: FakeObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGELABELS_DETECTOR", "ci")
    with pytest.raises(Misconfigured, match="imm and oss read OSS, ci reads COS, toy reads toys, embedded reads any"):
        wiring.function("toy")


def test_the_help_says_what_a_new_cloud_and_a_new_index_need(
    attic: FakeObjects, capsys: pytest.CaptureFixture[str]
) -> None:
    for command, words in (
        (["undo"], "for toy:// TOY_KEY and IMAGELABELS_TOY_ROOM"),
        (["index", "create"], "shelf://"),
    ):
        assert words in " ".join(printed(capsys, *command, "--help").split())


def test_a_missing_module_of_a_new_cloud_names_its_extra(attic: FakeObjects) -> None:
    assert "'imagelabels[toy]'" in cli._missing("toysdk.client")


def test_an_index_that_cannot_hold_files_of_this_machine_says_which_can(attic: FakeObjects) -> None:
    with pytest.raises(Misconfigured, match="shelf://attic cannot hold files of this machine: name a SQLite file"):
        cli_objects.opened(Place("file", "", "photos/"))


def test_the_folder_of_a_new_clouds_code_is_no_place_for_an_index(
    attic: FakeObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_CODE", str(tmp_path))
    with pytest.raises(Misconfigured, match="does not last"):
        wiring.index(f"sqlite:///{tmp_path}/labels.db", {"TOY_CODE": str(tmp_path)}).ledger()


def test_a_cloud_that_nobody_registered_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="does not begin like a URI"):
        place("toy://attic/")
    with pytest.raises(Misconfigured, match="IMAGELABELS_TOY_ROOM is not a setting"):
        settings.load({"IMAGELABELS_TOY_ROOM": "attic"})


def test_the_functions_of_a_new_cloud_are_invoked_and_their_outcomes_are_shown(
    attic: FakeObjects, capsys: pytest.CaptureFixture[str]
) -> None:
    attic.put(TEDDY, jpeg("Teddybär"))
    assert printed(capsys, "invoke", "label", TEDDY.uri) == f"{TEDDY.uri}: labelled: toy:Teddyb\u00e4r\n"
    assert printed(capsys, "invoke", "label", TEDDY.uri, "--through", "toy").startswith(f"{TEDDY.uri}: unchanged")
    assert "accepted: request request-3" in printed(capsys, "invoke", "label", TEDDY.uri, "--async")
    assert "toy (a function of the toy cloud, written NAME)" in " ".join(printed(capsys, "invoke", "--help").split())
