"""`imagelabels detect --output FILE`: a run goes on where the last one stopped."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imagelabels.cli import main as cli
from imagelabels.views.forms import one_line
from imagelabels.views.vendor import vendor_answer
from tests.model import PHOTOS, model_path

pytestmark = pytest.mark.story

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_path(tmp_path_factory)


@pytest.fixture
def run(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """detect(arguments) with three photos and a text in the folder photos -> exit status, stderr."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for name in ("chelsea.png", "coffee.png", "rocket.jpg"):
        shutil.copy(PHOTOS / name, tmp_path / "photos" / name)
    (tmp_path / "photos" / "text").write_text("no picture")

    def detect(*arguments: str) -> tuple[int, str]:
        status = cli.main(["detect", "--model", str(model), *(arguments or ("photos", "--output", "out.jsonl"))])
        printed = capsys.readouterr()
        assert printed.out == ""
        return status, printed.err

    return detect


def lines() -> list[dict[str, Any]]:
    text = Path("out.jsonl").read_text("ascii")
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def paths() -> list[str]:
    return [Path(line["path"]).name for line in lines()]


ALL = ["chelsea.png", "coffee.png", "rocket.jpg", "text"]


def test_the_first_run_writes_a_line_for_every_file_and_the_second_one_nothing(run: Run) -> None:
    status, err = run()
    assert status == 1
    assert "photos/text: not_image: " in err
    assert err.endswith("3 labelled, 1 refused, 0 were there already\n")
    assert paths() == ALL
    assert [label["id"] for label in lines()[0]["labels"]] == ["mammal", "cat"]
    before = Path("out.jsonl").read_bytes()
    status, err = run()
    assert (status, err) == (0, "0 labelled, 0 refused, 4 were there already\n")
    assert Path("out.jsonl").read_bytes() == before


def test_new_and_changed_files_are_labelled_and_no_path_has_two_lines(run: Run) -> None:
    run()
    shutil.copy(PHOTOS / "camera.png", "photos/camera.png")
    shutil.copy(PHOTOS / "flower.jpg", "photos/rocket.jpg")
    assert run()[1] == "2 labelled, 0 refused, 3 were there already\n"
    assert sorted(paths()) == sorted([*ALL, "camera.png"])
    (labels,) = (line["labels"] for line in lines() if line["path"] == "photos/rocket.jpg")
    assert [label["id"] for label in labels] == ["plant-and-fungus", "outdoor", "surroundings"]


def test_a_touched_file_of_the_same_size_is_labelled_again(run: Run) -> None:
    run()
    os.utime("photos/rocket.jpg", (1, 1))
    assert run()[1] == "1 labelled, 0 refused, 3 were there already\n"
    assert sorted(paths()) == ALL


@pytest.mark.parametrize("change", [("--threshold", "0.5"), ("--language", "zh-Hans"), ("--explain",)])
def test_answers_under_other_settings_are_not_taken_for_these(run: Run, change: tuple[str, ...]) -> None:
    run()
    assert "0 were there already" in run("photos", "--output", "out.jsonl", *change)[1]
    assert sorted(paths()) == ALL
    assert "4 were there already" in run("photos", "--output", "out.jsonl", *change)[1]


def test_a_file_of_an_earlier_version_is_gone_on_with_in_the_names_of_today_and_nothing_is_labelled_again(
    run: Run,
) -> None:
    run()
    today = Path("out.jsonl").read_bytes()
    Path("out.jsonl").write_text("".join(one_line(vendor_answer(line)) + "\n" for line in lines()), "ascii")
    assert b'"LabelName"' in Path("out.jsonl").read_bytes()
    assert run() == (0, "0 labelled, 0 refused, 4 were there already\n")
    assert Path("out.jsonl").read_bytes() == today


def test_lines_about_other_paths_stay(run: Run) -> None:
    run("photos/chelsea.png", "--output", "out.jsonl")
    run("photos/rocket.jpg", "--output", "out.jsonl", "--threshold", "0.5")
    assert paths() == ["chelsea.png", "rocket.jpg"]


@pytest.mark.parametrize("left", [1, 9, 10, 40, -1], ids=["{", "almost", "path", "labels", "no end"])
def test_a_line_that_was_cut_off_is_written_anew_and_the_others_stay(run: Run, left: int) -> None:
    run()
    whole = Path("out.jsonl").read_bytes().splitlines(keepends=True)
    Path("out.jsonl").write_bytes(b"".join(whole[:2]) + whole[2][:left])
    there = 3 if left == -1 else 2
    assert run()[1].endswith(f"{there} were there already\n")
    assert Path("out.jsonl").read_bytes() == b"".join(whole)


@pytest.mark.parametrize(
    "content",
    [
        b"my notes",
        b'{"path": "x", "labels": ' + b"[" * 100_000 + b"\n",
        b"{",
        b'{"name": 1}\n',
        b'{"path": "x"}\n',
        b'{"path": "x", "labels": [{"LabelName": "Cats"}]}\n',
        b'{"path": "x", "labels": ["LabelName"]}\n',
        b'{"path": "x", "labels": 1, "explained": "LabelName"}\n',
        b'{"path": "x", "labels"\n',
        b"\xff\n",
        b"[]\n",
        b"\n",
    ],
    ids=lambda content: ascii(content)[:30],
)
def test_a_file_that_is_not_ours_is_never_changed(run: Run, content: bytes) -> None:
    Path("out.jsonl").write_bytes(content)
    if content == b"{":  # it may be the first byte of ours
        assert run()[0] == 1
        return
    status, err = run()
    assert status == 2
    assert "out.jsonl holds something else than answers of `imagelabels detect`: it stays as it is" in err
    assert Path("out.jsonl").read_bytes() == content


@pytest.mark.parametrize("output", ["photos", "nowhere/out.jsonl"])
def test_a_place_where_no_file_can_be_is_a_message(run: Run, output: str) -> None:
    status, err = run("photos", "--output", output)
    assert status == 2
    assert "out.jsonl cannot be written" in err or "photos is no plain file" in err


def test_the_output_itself_is_not_looked_at_though_it_lies_in_the_folder(run: Run) -> None:
    for _ in range(2):
        run("photos", "--output", "photos/out.jsonl")
    assert len(Path("photos/out.jsonl").read_text().splitlines()) == 4


def test_what_may_pass_is_tried_again(run: Run) -> None:
    assert run("missing.jpg", "--output", "out.jsonl")[0] == 1
    shutil.copy(PHOTOS / "rocket.jpg", "missing.jpg")
    assert run("missing.jpg", "--output", "out.jsonl") == (0, "1 labelled, 0 refused, 0 were there already\n")
    assert paths() == ["missing.jpg"]
    Path("missing.jpg").unlink()
    for _ in range(2):
        assert run("missing.jpg", "--output", "out.jsonl")[0] == 1
    assert paths() == ["missing.jpg"]


def test_ctrl_c_loses_nothing_says_how_far_it_was_and_the_same_command_ends_the_work(
    model: Path, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    shutil.copy(PHOTOS / "rocket.jpg", tmp_path / "photos" / "rocket.jpg")
    for number in range(400):
        (tmp_path / "photos" / f"{'x' * 200}{number}.txt").write_text("no picture")
    command = [sys.executable, "-m", "imagelabels", "detect", "--model", str(model), "photos", "--output", "out.jsonl"]
    # A pipe holds 64 KB and the refusals take more: it cannot end before they are read.
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert "not_image" in running.stderr.readline()
        running.send_signal(signal.SIGINT)
        said = running.stderr.read()
        assert running.wait() == 130
    done = len((tmp_path / "out.jsonl").read_text().splitlines())
    assert 1 < done < 401
    assert f"stopped after {done} of 401: the same command goes on with the rest" in said
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.stderr.endswith(f" refused, {done} were there already\n")
    named = [json.loads(line)["path"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(named) == len(set(named)) == 401


def test_ctrl_c_on_a_pipe_prints_what_is_known_in_whole_lines_and_says_how_to_go_on(model: Path) -> None:
    command = [sys.executable, "-m", "imagelabels", "detect", "--model", str(model), "--threshold", "0"]
    # A pipe holds 64 KB and the answers have more: it cannot end before they are read.
    photos = [str(PHOTOS / "rocket.jpg")] * 60
    with subprocess.Popen(
        [*command, "--format", "json", *photos], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        first = running.stdout.readline()
        running.send_signal(signal.SIGINT)
        rest = running.stdout.readlines()
        assert running.wait() == 130
        said = running.stderr.read()
    assert all(json.loads(line)["labels"] for line in (first, *rest))
    assert said.startswith(f"stopped after {1 + len(rest)} of 60 files\n")
    assert "--output FILE or --index URL" in said


def test_a_file_that_takes_nothing_more_would_not_be_named(run: Run) -> None:
    least, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, most))
    try:
        status, err = run()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (least, most))
    assert (status, "out.jsonl cannot be written: File too large" in err) == (2, True)
