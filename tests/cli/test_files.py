"""`imagelabels detect --index`: folders of this machine become searchable."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from imagelabels.cli import files
from imagelabels.cli import main as cli
from tests.model import PHOTOS, model_path

Run = Callable[..., str]
URL = "sqlite:///labels.db"


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_path(tmp_path_factory)


@pytest.fixture
def run(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """imagelabels(arguments) with status 0 beside a folder of photos -> stdout."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMAGELABELS_INDEX", URL)
    monkeypatch.setenv("IMAGELABELS_MODEL", str(model))
    (tmp_path / "photos" / "狗").mkdir(parents=True)
    for name, copy in (("chelsea.png", "狗/a b [x].png"), ("coffee.png", "coffee.png"), ("rocket.jpg", "rocket.jpg")):
        shutil.copy(PHOTOS / name, tmp_path / "photos" / copy)
        os.utime(tmp_path / "photos" / copy, (1_700_000_000, 1_700_000_000))
    (tmp_path / "photos" / "text").write_text("no picture")
    os.utime(tmp_path / "photos" / "text", (1_700_000_000, 1_700_000_000))

    def imagelabels(*arguments: str, status: int = 0) -> str:
        assert cli.main(arguments) == status
        return capsys.readouterr().out

    return imagelabels


def index(run: Run, *more: str, status: int = 0) -> str:
    return run("detect", "photos", "--index", URL, *more, status=status).removeprefix(f"{URL}: ")


def found(run: Run, *words: str) -> list[str]:
    return [line.partition("\t")[0] for line in run("search", *words).splitlines()]


def test_photos_without_a_cloud_are_found_by_what_they_show(run: Run, tmp_path: Path) -> None:
    assert index(run) == "4 of 4 files: 3 labelled, 1 skipped (1 not_image)\n"
    assert found(run, "mammals") == [f"file://{tmp_path}/photos/狗/a b [x].png"]
    assert found(run, "--prefix", f"file://{tmp_path}/photos/c") == [f"file://{tmp_path}/photos/coffee.png"]
    assert found(run, "--prefix", "file:///nowhere/") == []
    assert found(run, "--state", "skipped") == [f"file://{tmp_path}/photos/text"]


def test_nothing_is_written_beside_the_photos_or_into_them(run: Run, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in (tmp_path / "photos").rglob("*") if path.is_file()}
    index(run)
    assert {path: path.read_bytes() for path in (tmp_path / "photos").rglob("*") if path.is_file()} == before


def test_a_second_run_looks_at_nothing_that_did_not_change(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    index(run)
    monkeypatch.setattr("builtins.open", _refuse)  # not one byte of a photo is read
    assert index(run) == "4 of 4 files: 4 unchanged\n"


def _refuse(*_: object) -> None:
    raise AssertionError("a file was opened")


def test_a_new_a_changed_and_a_removed_file_change_their_rows_and_no_other(run: Run) -> None:
    index(run)
    shutil.copy(PHOTOS / "chelsea.png", "photos/new.png")
    shutil.copy(PHOTOS / "astronaut.jpg", "photos/rocket.jpg")
    os.unlink("photos/coffee.png")
    told = index(run)
    assert told == "4 of 4 files: 2 labelled, 2 unchanged, 1 row of files that are gone was removed\n"
    assert len(found(run, "cat")) == 2
    assert found(run, "coffee mug") == found(run, "beverages") == []
    assert [Path(uri).name for uri in found(run, "people")] == ["rocket.jpg"]


def test_only_the_folder_that_is_walked_forgets_what_is_gone(run: Run) -> None:
    index(run)
    shutil.rmtree("photos/狗")
    os.unlink("photos/coffee.png")
    os.mkdir("other")
    shutil.copy("photos/rocket.jpg", "other/rocket.jpg")
    run("detect", "other", "--index", URL)
    assert len(found(run, "mammals")) == 1
    index(run)
    assert found(run, "mammals") == []


def test_an_empty_folder_keeps_its_rows_since_it_may_be_a_disk_that_is_not_there(run: Run) -> None:
    index(run)
    shutil.rmtree("photos")
    os.mkdir("photos")
    index(run, status=2)
    assert len(found(run)) == 3


def test_another_threshold_chooses_anew_from_the_answers_that_are_kept(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(run)
    monkeypatch.setattr("builtins.open", _refuse)
    assert index(run, "--threshold", "0.4").startswith("4 of 4 files: 3 labelled")
    assert len(found(run, "tiger cat")) == 1
    monkeypatch.setenv("IMAGELABELS_THRESHOLD", "0.4")
    assert index(run) == "4 of 4 files: 4 unchanged\n"


def test_a_touched_file_keeps_its_answer_and_what_a_person_said(run: Run, tmp_path: Path) -> None:
    index(run)
    uri = f"file://{tmp_path}/photos/狗/a b [x].png"
    assert "my boat 1.00" in run("correct", uri, "--add", "my boat")
    os.utime("photos/狗/a b [x].png", (1_800_000_000, 1_700_000_001))
    assert index(run) == "4 of 4 files: 1 labelled, 3 unchanged\n"
    assert found(run, "my boat") == [uri]


def test_a_policy_holds_below_its_folder_and_no_row_misses_a_tag(run: Run, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(
        f'[[rule]]\nprefix = "file://{tmp_path}/photos/狗/"\nexclude = ["mammal"]\ntag_limit = 3\n'
        f'[[rule]]\nprefix = "file://{tmp_path}/photos/r"\nlabel = false\n'
    )
    assert "1 excluded" in index(run, "--policy", "policy.toml")
    assert found(run, "mammals") == []
    run("undo", f"file://{tmp_path}/photos/", "--yes")
    index(run)
    told = json.loads(run("why", f"file://{tmp_path}/photos/rocket.jpg", "--format", "json"))
    assert (told["notes"], told["untagged_ids"]) == ([], [])
    assert {label["why"] for label in told["explained"] if label["kept"]} == {"kept"}


def test_why_relabel_and_undo_work_on_local_files(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(run)
    prefix = f"file://{tmp_path}/photos/"
    assert "kept, by embedded" in run("why", f"{prefix}rocket.jpg")
    monkeypatch.setenv("IMAGELABELS_THRESHOLD", "0.4")
    assert "1 picture was relabelled" in run("relabel", f"{prefix}狗", "--yes")
    assert len(found(run, "tiger cat")) == 1
    dry = json.loads(run("undo", prefix, "--dry-run", "--format", "json"))
    assert (dry["objects"], dry["rows"], dry["tags"]) == (4, 4, 0)
    run("undo", prefix, "--yes")
    assert found(run) == []


def test_relabel_by_a_policy_file_asks_for_no_tags_on_local_files(run: Run, tmp_path: Path) -> None:
    index(run)
    (tmp_path / "policy.toml").write_text('[[rule]]\nprefix = ""\nexclude = ["mammal"]\ntag_limit = 3\n')
    by_policy = ("relabel", f"file://{tmp_path}/photos/", "--policy", "policy.toml")
    told = json.loads(run(*by_policy, "--dry-run", "--format", "json"))
    assert (told["changed"], told["labels_go"], told["tags_come"]) == (1, {"cat": 1, "mammal": 1}, {})
    assert "1 picture was relabelled" in run(*by_policy, "--yes")
    assert found(run, "mammals") == []
    assert json.loads(run(*by_policy, "--dry-run", "--format", "json"))["changed"] == 0


def test_the_index_is_no_picture_though_it_lies_in_the_folder(run: Run) -> None:
    for _ in range(2):
        run("detect", "photos", "--index", "sqlite:///photos/labels.db")
    assert len(run("search", "--state", "skipped", "--index", "sqlite:///photos/labels.db").splitlines()) == 1


def test_what_cannot_be_read_is_named_keeps_its_row_and_is_tried_again(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    index(run)
    stat = os.stat

    def refuse(path: str, **options: object) -> os.stat_result:
        if str(path).endswith("rocket.jpg"):
            raise PermissionError(13, "Permission denied")
        return stat(path, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(os.path, "isfile", lambda path: True)
        patch.setattr(os, "stat", refuse)
        assert cli.main(["detect", "photos", "--index", URL, "--format", "json"]) == 1
    printed = capsys.readouterr()
    assert "photos/rocket.jpg: cannot be read: Permission denied\n" in printed.err
    assert json.loads(printed.out) == {
        "index": URL,
        "files": 4,
        "done": 4,
        "labelled": 0,
        "unchanged": 3,
        "skipped": {},
        "failed": {"store_error": 1},
        "removed": 0,
    }
    assert len(found(run)) == 3


def test_a_missing_folder_is_named_and_its_rows_stay(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    index(run)
    assert cli.main(["detect", "nowhere", "--index", URL]) == 1
    missing = os.path.abspath("nowhere")
    assert f"imagelabels detect: there is no file or folder {missing}\n" in capsys.readouterr().err
    assert len(found(run)) == 3


def test_rows_are_written_many_at_once_and_all_are(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BATCH", 3)
    assert index(run) == "4 of 4 files: 3 labelled, 1 skipped (1 not_image)\n"
    with closing(sqlite3.connect("labels.db")) as connection:
        assert connection.execute("SELECT count(*) FROM images WHERE lock IS NOT NULL").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM answers WHERE state = 'calling'").fetchone() == (0,)


@pytest.mark.story
def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(model: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for number in range(400):
        # Files that nobody may read: each is told on stderr, whose pipe is full before all are.
        (tmp_path / "photos" / f"{'x' * 200}{number}").symlink_to("/proc/self/mem")
    shutil.copy(PHOTOS / "rocket.jpg", tmp_path / "photos" / "a.jpg")
    command = [sys.executable, "-m", "imagelabels", "detect", "--model", str(model), "photos", "--index", URL]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stderr.readline()
        running.send_signal(signal.SIGINT)
        said = running.stderr.read()
        assert running.wait() == 130
        assert "1 labelled" in running.stdout.read()
    assert "of 401 files: the same command goes on with the rest" in said
    search = [sys.executable, "-m", "imagelabels", "search", "--index", URL]
    assert "a.jpg" in subprocess.run(search, cwd=tmp_path, capture_output=True, text=True, check=True).stdout


def test_a_disk_that_is_not_mounted_loses_no_correction(run: Run, tmp_path: Path) -> None:
    uri = f"file://{tmp_path}/photos/coffee.png"
    index(run)
    run("correct", uri, "--add", "my boat")
    (tmp_path / "photos").rename(tmp_path / "photos2")
    run("reconcile", f"file://{tmp_path}/photos/", "--repair", status=2)
    run("reconcile", f"file://{tmp_path}/photos", "--repair", status=2)
    (tmp_path / "photos").mkdir()
    run("reconcile", f"file://{tmp_path}/photos/", "--repair", status=2)
    run("detect", "photos", "photos2", "--index", URL)
    (tmp_path / "photos").rmdir()
    (tmp_path / "photos2").rename(tmp_path / "photos")
    index(run)
    assert found(run, "my boat") == [uri]


def test_repairing_files_removes_rows_of_files_that_are_gone_and_names_what_labels_the_others(
    run: Run, tmp_path: Path
) -> None:
    index(run)
    (tmp_path / "photos" / "coffee.png").unlink()
    shutil.copy(PHOTOS / "camera.png", tmp_path / "photos" / "camera.png")
    said = run("reconcile", f"file://{tmp_path}/photos/", "--repair", status=1).splitlines()
    assert said[-1] == "5 objects, 2 do not agree (1 no_object, 1 no_row), 1 repaired"
    assert found(run, "--state", "any", "--prefix", f"file://{tmp_path}/photos/c") == []


def test_commands_on_files_take_the_index_that_is_named_and_not_that_of_the_settings(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IMAGELABELS_INDEX")
    index(run)
    monkeypatch.setenv("IMAGELABELS_INDEX", "sqlite:///another.db")
    run("index", "create")
    folder, photo = f"file://{tmp_path}/photos/", f"file://{tmp_path}/photos/rocket.jpg"
    assert "  state     no row" in run("why", photo)
    assert "  state     labelled" in run("why", photo, "--index", URL)
    assert "my boat" in run("correct", photo, "--add", "my boat", "--index", URL)
    assert "corrected" in run("relabel", folder, "--dry-run", "--index", URL) + run("why", photo, "--index", URL)
    assert "4 objects, 0 do not agree" in run("reconcile", folder, "--index", URL)
    unknown = run("reconcile", folder, status=1)
    assert "4 do not agree (4 no_row)" in unknown
    run("undo", folder, "--yes", "--index", URL)
    assert found(run, "--index", URL) == []


def test_a_file_that_must_be_labelled_anew_is_told_with_the_index_that_was_named(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index(run)
    shutil.copy(PHOTOS / "astronaut.jpg", tmp_path / "photos" / "new.jpg")
    assert cli.main(["reconcile", f"file://{tmp_path}/photos/", "--repair", "--index", URL]) == 1
    assert f"`imagelabels detect {tmp_path}/photos/ --index {URL}` does it" in capsys.readouterr().err
    assert cli.main(["reconcile", f"file://{tmp_path}/photos/", "--repair"]) == 1
    assert "--index URL` does it, with the URL of IMAGELABELS_INDEX" in capsys.readouterr().err
