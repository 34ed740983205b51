"""`imagelabels detect` as a stranger types it."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from imagelabels.cli import main as cli
from imagelabels.pictures.picture import MAX_BYTES
from imagelabels.views.printing import escaped
from tests.model import PHOTOS, model_path
from tests.site import Terminal

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_path(tmp_path_factory)


@pytest.fixture
def run(model: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """detect(arguments) in a pipe -> exit status, stdout, stderr."""

    def detect(*arguments: str | Path) -> tuple[int, str, str]:
        status = cli.main(["detect", "--model", str(model), *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return detect


@pytest.fixture
def on_screen(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same on a terminal of 80 columns without colours."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")

    def detect(*arguments: str | Path) -> tuple[int, str, str]:
        with redirect_stdout(Terminal()) as terminal:
            status, _, err = run(*arguments)
        return status, terminal.getvalue(), err

    return detect


def answers(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_json_has_exactly_the_keys_that_were_promised(run: Run) -> None:
    status, out, err = run(PHOTOS / "chelsea.png", "--format", "json")
    assert (status, err) == (0, "")
    (answer,) = answers(out)
    assert list(answer) == ["path", "width", "height", "labels", "detector"]
    assert (answer["path"], answer["detector"]) == (str(PHOTOS / "chelsea.png"), "embedded")
    assert (answer["width"], answer["height"]) == (451, 300)
    mammal, found = answer["labels"]
    assert (mammal["id"], mammal["parent_id"], mammal["parent_name"]) == ("mammal", None, None)
    assert found == {
        "id": "cat",
        "name": "Cats",
        "confidence": pytest.approx(0.952, abs=0.01),
        "centric_score": pytest.approx(0.933, abs=0.02),
        "level": 2,
        "parent_id": "mammal",
        "parent_name": "Mammals",
        "language": "en",
    }


def test_names_come_in_chinese_and_ids_stay(run: Run) -> None:
    _, out, _ = run(PHOTOS / "chelsea.png", "--format", "json", "--language", "zh-Hans")
    labels = answers(out)[0]["labels"]
    assert [(label["id"], label["name"], label["parent_name"]) for label in labels] == [
        ("mammal", "哺乳动物", None),
        ("cat", "猫", "哺乳动物"),
    ]
    assert {label["language"] for label in labels} == {"zh-Hans"}


def test_the_threshold_decides_how_sure_a_label_must_be(run: Run) -> None:
    def confidences(threshold: str) -> list[float]:
        _, out, _ = run(PHOTOS / "china.jpg", "--format", "json", "--threshold", threshold)
        return [label["confidence"] for label in answers(out)[0]["labels"]]

    assert len(confidences("0.4")) == 6
    assert confidences("0.995") == []
    assert min(confidences("0")) < 0.1


def test_a_pipe_gets_a_line_per_label_with_tabs_and_a_bare_one_for_a_photo_without(run: Run) -> None:
    status, out, _ = run(PHOTOS / "coffee.png", PHOTOS / "chelsea.png", "--threshold", "0.95")
    assert status == 0
    bare, mammal, found = (line.split("\t") for line in out.splitlines())
    assert bare == [str(PHOTOS / "coffee.png"), "", "", "", "", ""]
    assert mammal[1:] == ["Mammals", mammal[2], mammal[3], "1", ""]
    assert found[1:] == ["Cats", found[2], found[3], "2", "Mammals"]
    assert float(found[2]) >= 0.7


@pytest.mark.parametrize("format_option", [(), ("--format", "table"), ("--format", "text")])
def test_a_table_is_for_people_on_a_terminal_and_lines_with_tabs_in_a_pipe(
    run: Run, on_screen: Run, format_option: tuple[str, ...]
) -> None:
    photo = PHOTOS / "chelsea.png"
    assert on_screen(photo, *format_option)[1].splitlines() == [str(photo), "  Mammals 0.97, Cats 0.95"]
    assert [line.count("\t") for line in run(photo, *format_option)[1].splitlines()] == [5, 5]


def test_scripts_that_ask_for_lines_get_them_from_every_version_also_on_a_terminal(run: Run, on_screen: Run) -> None:
    lines = on_screen(PHOTOS / "chelsea.png", "--format", "lines")[1]
    assert lines == run(PHOTOS / "chelsea.png")[1] != ""


def test_people_get_each_path_whole_in_its_own_line_and_below_it_labels_or_the_whole_reason(
    on_screen: Run, tmp_path: Path
) -> None:
    long = tmp_path / ("a" * 100) / "p.heic"
    long.parent.mkdir()
    long.write_bytes(b"\0\0\0\x18ftypheic" + bytes(64))
    status, out, _ = on_screen(PHOTOS / "camera.png", long, PHOTOS / "flower.jpg", "--threshold", "0.8")
    assert status == 1
    assert out.splitlines() == [
        str(PHOTOS / "camera.png"),
        "  People 0.99, Electronics and devices 0.96, Cameras and optics 0.92,",
        "  Tripod 0.81",
        str(long),
        "  unsupported_format: heic pictures are not read: convert to one of bmp, gif,",
        "  jpeg, png, tiff, webp",
        str(PHOTOS / "flower.jpg"),
        "  Plants and fungi 0.98, Outdoors 0.91, Surroundings 0.91",
    ]


@pytest.mark.parametrize("more", [(), ("--explain",)])
def test_the_settings_count_the_same_with_and_without_reasons(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, more: tuple[str, ...]
) -> None:
    def labels(*arguments: str) -> list[str]:
        status, out, _ = run(PHOTOS / "chelsea.png", "--format", "json", *arguments, *more)
        assert status == 0
        return [label["name"] for label in answers(out)[0]["labels"]]

    monkeypatch.setenv("IMAGELABELS_THRESHOLD", "0.4")
    monkeypatch.setenv("IMAGELABELS_LANGUAGE", "zh-Hans")
    assert labels() == ["哺乳动物", "猫", "室内", "环境", "虎纹猫"]
    assert labels("--threshold", "0.97", "--language", "en") == ["Mammals"]
    assert len(labels("--threshold", "0")) > 10  # a threshold below the floor lowers it
    monkeypatch.setenv("IMAGELABELS_DETECT_FLOOR", "0.3")
    monkeypatch.setenv("IMAGELABELS_THRESHOLD", "0.3")
    assert len(labels()) == 6
    (tmp_path / "policy.toml").write_text('[[rule]]\nprefix = ""\nexclude = ["cat"]')
    monkeypatch.setenv("IMAGELABELS_POLICY", str(tmp_path / "policy.toml"))
    assert labels() == ["哺乳动物", "室内", "环境"]


@pytest.mark.parametrize("more", [(), ("--explain",)])
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("POLICY", "/nowhere.toml", "the policy file /nowhere.toml cannot be read: No such file or directory"),
        ("TRESHOLD", "0.3", "did you mean IMAGELABELS_THRESHOLD?"),
        ("THRESHOLD", "80", "IMAGELABELS_THRESHOLD: 80 is not a number from 0 to 1: did you mean 0.8?"),
        ("DETECT_FLOOR", "0.9", "IMAGELABELS_DETECT_FLOOR is above"),
    ],
)
def test_a_wrong_setting_stops_detect_with_and_without_reasons(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str, more: tuple[str, ...]
) -> None:
    monkeypatch.setenv(f"IMAGELABELS_{name}", value)
    status, out, err = run(PHOTOS / "chelsea.png", *more)
    assert (status, out) == (2, "")
    assert said in err


def test_a_folder_is_walked_in_order_and_hidden_files_are_left_out(run: Run, tmp_path: Path) -> None:
    for name in ("b.jpg", "a/z.jpg", "a/y.jpg", ".hidden.jpg", ".git/x.jpg", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(PHOTOS / "rocket.jpg", tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path)
    status, out, _ = run(tmp_path, "--format", "json")
    assert [Path(answer["path"]).relative_to(tmp_path).as_posix() for answer in answers(out)] == [
        "b.jpg",
        "notes.txt",
        "a/y.jpg",
        "a/z.jpg",
    ]
    assert answers(out)[1]["error"]["reason"] == "not_image"
    assert status == 1


def test_a_hidden_file_that_is_named_is_labelled(run: Run, tmp_path: Path) -> None:
    shutil.copy(PHOTOS / "rocket.jpg", tmp_path / ".rocket.jpg")
    assert run(tmp_path / ".rocket.jpg")[0] == 0


def test_answers_come_in_the_order_of_the_paths_though_two_are_at_work(run: Run) -> None:
    names = ["coffee.png", "rocket.jpg", "chelsea.png", "flower.jpg"] * 3
    status, out, _ = run(*(PHOTOS / name for name in names), "--format", "json")
    assert status == 0
    assert [Path(answer["path"]).name for answer in answers(out)] == names


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("text.jpg", b"It was a bright cold day in April", "not_image"),
        ("empty.jpg", b"", "empty"),
        ("half.jpg", (PHOTOS / "rocket.jpg").read_bytes()[:50_000], "corrupt"),
        ("photo.heic", b"\0\0\0\x18ftypheic" + bytes(64), "unsupported_format"),
        ("large.jpg", bytes(MAX_BYTES + 1), "too_large"),
    ],
    ids=["text", "empty", "half", "heic", "large"],
)
def test_a_refused_file_says_why_and_the_others_are_labelled(
    run: Run, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    status, out, _ = run(tmp_path / name, PHOTOS / "chelsea.png", "--format", "json")
    refused, labelled = answers(out)
    assert status == 1
    assert list(refused) == ["path", "error"]
    assert list(refused["error"]) == ["reason", "message"]
    assert refused["error"]["reason"] == reason
    assert refused["error"]["message"]
    assert labelled["labels"]


def test_a_refused_file_is_said_on_stderr_in_a_pipe(run: Run) -> None:
    status, out, err = run(PHOTOS / "LICENSES.md")
    assert (status, out) == (1, "")
    assert "LICENSES.md: not_image: " in err


@pytest.mark.parametrize("name", ["missing.jpg", "pipe", "a\0b"])
def test_what_cannot_be_opened_is_refused_and_does_not_keep_us_waiting(run: Run, tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    status, out, _ = run(tmp_path / name, "--format", "json")
    assert status == 1
    assert answers(out)[0]["error"]["reason"] in ("store_error", "not_image")


def test_a_folder_that_cannot_be_listed_is_refused_by_name(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").mkdir()
    shutil.copy(PHOTOS / "rocket.jpg", tmp_path / "rocket.jpg")
    scandir = os.scandir

    def refuse(path: str) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "secret":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    status, out, _ = run(tmp_path, "--format", "json")
    labelled, refused = answers(out)
    assert status == 1
    assert labelled["labels"]
    assert refused == {
        "path": str(tmp_path / "secret"),
        "error": {"reason": "store_error", "message": "cannot be read: Permission denied"},
    }


@pytest.mark.parametrize("format_option", [(), ("--format", "json"), ("--format", "lines")])
def test_a_path_cannot_command_the_terminal(
    run: Run, on_screen: Run, tmp_path: Path, format_option: tuple[str, ...]
) -> None:
    name = "a\x1b[31m\nb\tc\u202e[red]\x9b2J\x7f.jpg"
    shutil.copy(PHOTOS / "rocket.jpg", tmp_path / name)
    shutil.copy(PHOTOS / "LICENSES.md", tmp_path / f"text{name}")
    _, out, err = on_screen(tmp_path, *format_option)
    assert not {"\x1b", "\u202e", "\x9b", "\x7f"} & set(out + err)
    _, out, err = run(tmp_path, *format_option)
    assert not {"\x1b", "\u202e", "\x9b", "\x7f"} & set(out + err)
    if format_option == ("--format", "json"):
        assert [Path(answer["path"]).name for answer in answers(out)] == [name, f"text{name}"]
    elif not format_option:
        assert [line.count("\t") for line in out.splitlines()] == [5] * 3
        assert len(err.splitlines()) == 1


def test_a_path_that_is_no_text_comes_back_as_it_was(run: Run, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe.jpg"
    shutil.copy(os.fsencode(PHOTOS / "rocket.jpg"), path)
    status, out, _ = run(os.fsdecode(path), "--format", "json")
    assert status == 0
    assert os.fsencode(answers(out)[0]["path"]) == path
    assert run(os.fsdecode(path))[0] == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "name files or folders, or --stdin"),
        (("--stdin", "photo.jpg"), "not both"),
        (("--stdin", "--format", "table"), "--stdin answers in JSON"),
        (("--threshold", "1.1", "photo.jpg"), "1.1 is not a number from 0 to 1"),
        (("--threshold", "nan", "photo.jpg"), "nan is not a number from 0 to 1"),
        (("--threshold", "much", "photo.jpg"), "much is not a number from 0 to 1"),
        (("--threshold", "80", "photo.jpg"), "80 is not a number from 0 to 1: did you mean 0.8?"),
        (("--language", "fr", "photo.jpg"), "fr is not one of en, zh-Hans\n"),
        (("--language", "zh", "photo.jpg"), "zh is not one of en, zh-Hans: did you mean zh-Hans?"),
        (("--treshold", "0.3", "photo.jpg"), "there is no option --treshold: did you mean --threshold?"),
        (("--recursive", "photo.jpg"), "there is no option --recursive\n"),
        (("oss://bucket/photo.jpg",), "`imagelabels why URI` says what is recorded"),
        (("https://example.com/photo.jpg",), "is not on this machine: download it first"),
        (("-", "photo.jpg"), "- reads the paths from standard input"),
        (("--stdin", "--output", "x"), "--output writes JSON lines to its file"),
        (("--index", "sqlite:///x.db", "--explain", "photo.jpg"), "leave --stdin, --explain and --prefix out"),
        (("--index", "tablestore://photos", "photo.jpg"), "name a SQLite file, as sqlite:///photos.db"),
    ],
)
def test_wrong_use_is_explained(run: Run, arguments: tuple[str, ...], complaint: str) -> None:
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert complaint in err
    assert complaint.strip() in err.splitlines()[0]  # not behind a usage
    assert len(err.splitlines()) <= 2


def test_a_folder_without_files_is_said_so(run: Run, tmp_path: Path) -> None:
    status, out, err = run(tmp_path)
    assert (status, out) == (2, "")
    assert err == f"imagelabels detect: there is no file in {tmp_path}\n"


def test_a_missing_model_is_said_with_the_command_that_builds_it(run: Run, tmp_path: Path) -> None:
    status, out, err = run(PHOTOS / "chelsea.png", "--model", tmp_path / "none.onnx")
    assert (status, out) == (2, "")
    assert "python -m imagelabels.providers.onnx.build" in err


@pytest.mark.story
def test_a_long_running_detector_answers_each_line_at_once_and_ends_quietly(model: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "imagelabels",
        "detect",
        "--stdin",
        "--threshold",
        "0.5",
        "--model",
        str(model),
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stderr is not None
        expected = {
            "chelsea.png": '"LabelId": "cat", "LabelName": "Cats"',
            "LICENSES.md": "not_image",
            "missing.jpg": "store_error",
            "rocket.jpg": "rocket",
        }
        for name, word in expected.items():
            running.stdin.write(os.fsencode(PHOTOS / name) + b"\n")
            running.stdin.flush()
            line = running.stdout.readline()
            assert json.loads(line)["path"] == str(PHOTOS / name)
            assert word in line.decode()
        running.send_signal(signal.SIGINT)
        assert running.wait() == 130
        assert running.stderr.read() == b""


def test_a_missing_path_is_told_by_name(run: Run, on_screen: Run, tmp_path: Path) -> None:
    missing = tmp_path / "nope.jpg"
    status, out, err = run(missing, PHOTOS / "chelsea.png")
    assert status == 1
    assert err == f"imagelabels detect: there is no file or folder {missing}\n"
    assert "Cats" in out
    _, out, _ = on_screen(missing, "--format", "table")
    assert [line.strip() for line in out.splitlines()] == [str(missing), "there is no file or folder", str(missing)]


def test_a_picture_that_was_cut_off_is_told_in_words(run: Run, tmp_path: Path) -> None:
    (tmp_path / "half.jpg").write_bytes((PHOTOS / "rocket.jpg").read_bytes()[:50_000])
    assert run(tmp_path / "half.jpg")[2].endswith(
        "half.jpg: corrupt: the file ends before the picture does: it was cut off\n"
    )


def test_a_file_may_be_named_as_an_address(run: Run) -> None:
    status, out, _ = run(f"file://{PHOTOS / 'chelsea.png'}")
    assert status == 0
    assert out.startswith(f"{PHOTOS / 'chelsea.png'}\tMammals")


@pytest.mark.parametrize("way", ["--stdin", "-"])
def test_a_list_of_paths_may_have_blank_lines_and_ends_of_windows(
    run: Run, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    typed = io.BytesIO(os.fsencode(f"{PHOTOS / 'chelsea.png'}\r\n\n  \r\n{PHOTOS / 'rocket.jpg'}"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(typed))
    status, out, _ = run(way, "--threshold", "0")
    assert status == 0
    assert [Path(answer["path"]).name for answer in answers(out)] == ["chelsea.png", "rocket.jpg"]


def test_a_path_and_its_address_are_read_as_they_were_printed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a\nb\\c.png"
    shutil.copy(PHOTOS / "coffee.png", path)
    for printed in (escaped(str(path)), f"file://{escaped(str(path))}"):
        status, out, _ = run(printed, "--format", "json")
        assert status == 0
        assert [answer["path"] for answer in answers(out)] == [str(path)]
