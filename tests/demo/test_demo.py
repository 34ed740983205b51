"""These tests run `python -m demo` as a user does: with awkward files, left running, continued, ended with Ctrl-C."""

from __future__ import annotations

import html
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.emulated import COS_BUCKET, HERE
from tests.page.world import BOUNDARY, form
from tests.ports import free_port

pytestmark = pytest.mark.story

PHOTOS = HERE / "photos"
LAST = "  http://127.0.0.1:"
"""The last line that a demo prints when it is left running begins with this text."""


@dataclass
class RunningDemo:
    """A demo that was left running, and the lines that it printed."""

    process: subprocess.Popen[str]
    data: Path
    lines: list[str]

    def commands(self) -> str:
        """Return the printed commands as a script that uses the command line of these tests."""
        pasted = [line for line in self.lines if line.startswith(("  export ", "  imagelabels "))]
        exports = [line for line in pasted if line.startswith("  export ")]
        path = f'PATH="{Path(sys.executable).parent}:$PATH"'
        return "\n".join([*exports, path, *pasted[len(exports) :]])


def processes_of(data: Path) -> list[int]:
    """Return the demo's processes. Each has the path of the data folder in its arguments or in its environment."""
    processes = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.fsencode(data) in (path / name).read_bytes() for name in ("cmdline", "environ")):
                processes.append(int(path.name))
        except OSError:
            continue
    return processes


def start_demo(*arguments: str, data: Path) -> subprocess.Popen[str]:
    """Start a demo in a new process. The processes that it starts inherit the path of its data folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "demo", "--data", str(data), *arguments],
        cwd=HERE,
        env=os.environ | {"DEMO_TEST": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos") / "it's $HOME"
    (folder / "旅行 照片").mkdir(parents=True)
    shutil.copy(PHOTOS / "chelsea.png", folder / "旅行 照片" / "猫 1.png")
    shutil.copy(PHOTOS / "coffee.png", folder / "new\nline.png")
    shutil.copy(PHOTOS / "rocket.jpg", folder / "\\back.jpg")
    (folder / "cut.jpg").write_bytes((PHOTOS / "china.jpg").read_bytes()[:9000])
    (folder / "empty.jpg").touch()
    for name in ("IMG_1.HEIC", "drawing.svg", "notes.txt"):
        (folder / name).write_text("no picture")
    return folder


@pytest.fixture(scope="module")
def kept(awkward: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    data = tmp_path_factory.mktemp("demo") / "data"
    with start_demo("--port", str(free_port()), "--keep", str(awkward), data=data) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith(LAST):
                break
        try:
            yield RunningDemo(process, data, lines)
        finally:
            process.terminate()


def test_every_file_is_accounted_for_with_its_reason(kept: RunningDemo) -> None:
    text = "\n".join(kept.lines)
    assert text.startswith("3 of 8 files are left out: 1 heic, 1 svg, 1 txt\n")
    for key in ("IMG_1.HEIC", "drawing.svg", "notes.txt"):
        assert kept.lines[kept.lines.index(f"  {key}") + 1].startswith("       The ")
    assert "oss  empty.jpg\n       (skipped: empty)\ncos  empty.jpg\n       (skipped: empty)" in text
    assert "oss  cut.jpg\n       (skipped: corrupt)" in text
    assert "oss  \\\\back.jpg\n       (refused by the store: InvalidObjectName: " in text
    assert "cos  new\\nline.png\n       label:beverage=drink" in text
    assert "oss  旅行 照片/猫 1.png\n       label:cat=mammal" in text
    assert "oss: 2 with labels, 1 refused by the store, 1 skipped (corrupt), 1 skipped" in text


def test_the_lines_fit_into_80_columns(kept: RunningDemo) -> None:
    # Since this is not a terminal, `imagelabels search` prints lines with tabs, which are for programs.
    assert [line for line in kept.lines if len(line) > 80 and "\t" not in line] == []


def test_the_address_at_the_end_opens_the_page_with_the_pictures_of_both_clouds(kept: RunningDemo) -> None:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    view = browser.open(kept.lines[-1].strip()).read().decode()
    assert view.count('class="tile"') >= 4
    assert "猫 1.png" in view
    assert view.count("猫 1.png") == 2, "one of the clouds is missing"
    for copy in re.findall(r'<img src="([^"]+)"', view):
        address = kept.lines[-1].strip().partition("/login")[0] + html.unescape(copy)
        with browser.open(address) as answer:
            assert answer.headers["Content-Type"] == "image/jpeg"


def test_the_commands_to_try_next_work_as_they_are_printed(kept: RunningDemo) -> None:
    ran = subprocess.run(["sh", "-ec", kept.commands()], cwd=HERE, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "://demo-photos" in ran.stdout.splitlines()[0], "the search finds nothing"
    assert "1 of them holds corrections" in ran.stdout


def test_a_photo_that_is_dropped_onto_the_page_is_labelled_by_the_emulated_cloud(kept: RunningDemo) -> None:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    address = kept.lines[-1].strip()
    browser.open(address).close()
    zone = browser.open(address.partition("/login")[0] + "/drop").read().decode()
    token = re.findall(r'name="form_token" value="(\w+)"', zone)[-1]
    photo = {"<b>cup.png": (PHOTOS / "coffee.png").read_bytes()}
    body = form({"form_token": token, "to": f"cos://{COS_BUCKET}/dropped/"}, photo)
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    sent = urllib.request.Request(address.partition("/login")[0] + "/drop", body, kind)
    with browser.open(sent) as answer:
        watched, view = answer.geturl(), answer.read().decode()
    while "data-open" in view.partition("<template")[0]:
        time.sleep(0.5)  # A browser without scripts looks again after some seconds.
        view = browser.open(watched).read().decode()
    assert "&lt;b&gt;cup.png" in view
    assert re.search(r"<bdi>(Beverages|Espresso|饮料)</bdi>", view), view


def test_a_second_demo_leaves_the_clouds_of_the_first_alone(kept: RunningDemo, awkward: Path) -> None:
    with start_demo("--port", str(free_port()), str(awkward), data=kept.data) as second:
        message = second.communicate()[1]
    assert second.returncode == 2
    assert message.startswith("demo: the clouds of an earlier demo still run in ")
    assert kept.process.poll() is None
    assert (kept.data / "emulator" / "lock").exists()


def test_ctrl_c_ends_a_kept_demo_cleanly_and_leaves_no_process(kept: RunningDemo) -> None:
    assert len(processes_of(kept.data)) > 1
    kept.process.send_signal(signal.SIGINT)
    out, err = kept.process.communicate()
    assert kept.process.returncode == 0
    assert err == ""
    assert ".venv/bin/python -m emulator up" in out
    assert processes_of(kept.data) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_amid_the_job_leaves_no_stack_trace_and_no_process(number: signal.Signals, tmp_path: Path) -> None:
    with start_demo("--port", str(free_port()), data=tmp_path / "data") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Uploading 7 photos")
        process.send_signal(number)
        _, err = process.communicate()
    assert process.returncode == 130
    assert err == "demo: interrupted\n"
    assert processes_of(tmp_path / "data") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["/no/such/folder"], "there is no file or folder /no/such/folder"),
        (["~nobody-of-this-name/photos"], "there is no file or folder ~nobody-of-this-name/photos"),
        (["--port", "99999"], "'99999' is not a port: give a number from 1 to 65535"),
        (["--data", "docs"], "docs was not made by the demo"),
        (["--data", "photos", "photos/coffee.png"], "which the demo empties: choose another folder"),
    ],
)
def test_what_the_demo_cannot_do_is_said_in_words(arguments: list[str], message: str, tmp_path: Path) -> None:
    with start_demo(*arguments, data=tmp_path / "data") as process:
        _, err = process.communicate()
    assert process.returncode == 2
    assert message in err
    assert "Traceback" not in err
    assert (PHOTOS / "coffee.png").exists()


def test_a_folder_without_anything_to_upload_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "IMG_1.HEIC").write_bytes(b"x")
    with start_demo(str(tmp_path), data=tmp_path.with_name("data")) as process:
        out, err = process.communicate()
    assert process.returncode == 2
    assert out.startswith("1 of 1 file is left out: 1 heic\n\n  IMG_1.HEIC\n")
    assert err == f"demo: nothing in {tmp_path} can be uploaded\n"


def test_an_empty_folder_is_not_said_to_hold_files_of_a_wrong_kind(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with start_demo(str(tmp_path / "photos"), data=tmp_path / "data") as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (2, "")
    assert err == f"demo: there is no file in {tmp_path / 'photos'}: name a folder of photos\n"


def test_a_terminal_without_chinese_gets_escapes_instead_of_a_stack_trace(tmp_path: Path) -> None:
    (tmp_path / "猫.txt").touch()
    command = [sys.executable, "-m", "demo", str(tmp_path)]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True)
    assert "  \\u732b.txt\n" in ended.stdout
    assert "Traceback" not in ended.stderr


def test_the_home_folder_is_meant_by_a_tilde_that_no_shell_expanded(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    command = [sys.executable, "-m", "demo", "~"]
    ended = subprocess.run(command, cwd=HERE, env=os.environ | {"HOME": str(tmp_path)}, capture_output=True, text=True)
    assert "1 of 1 file is left out: 1 txt" in ended.stdout
