"""The wheel works without a checkout: it is installed into an empty environment and used from PATH in another folder.

The environment gets the wheel alone, by pip. The libraries that it depends on are those of the environment that runs
the tests, which a line in a .pth file makes visible: they came from the lock with its hashes, and installing them again
would take minutes. The checkout is not visible, since nothing reads the .pth files of that other environment.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import imagelabels
from demo.clouds import CosBucket, OssBucket
from tests.model import PHOTOS
from tests.ports import free_port

pytestmark = pytest.mark.story

ROOT = Path(__file__).parents[1]
OSS, COS = "photos", "photos-1250000000"
CAT = (PHOTOS / "chelsea.png").read_bytes()


class Installation:
    """An environment with the wheel, and a user who works in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.home, self.work = folder / "env" / "bin", folder / "home", folder / "work"
        self.python = self.bin / "python"
        for path in (self.home, self.work):
            path.mkdir()
        _run(sys.executable, "-m", "venv", "--without-pip", folder / "env")
        version = "python{}.{}".format(*sys.version_info[:2])
        site = folder / "env" / "lib" / version / "site-packages"
        (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
        _run(sys.executable, "-m", "hatchling", "build", "--directory", folder, "--target", "wheel", cwd=ROOT)
        (wheel,) = folder.glob("*.whl")
        options = ("--disable-pip-version-check", "--python", self.python)
        _run(sys.executable, "-m", "pip", *options, "install", "--quiet", "--no-deps", "--no-index", wheel)
        self.environ = {"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(self.home)}

    def run(self, line: str, environ: Mapping[str, str] = {}) -> subprocess.CompletedProcess[str]:
        """Run a command line as the user types it."""
        return subprocess.run(
            shlex.split(line), cwd=self.work, env={**self.environ, **environ}, capture_output=True, text=True
        )

    def says(self, line: str, environ: Mapping[str, str] = {}) -> str:
        """Return what a command that succeeds prints."""
        ended = self.run(line, environ)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    @contextmanager
    def running(self, line: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command until the block ends, as until Ctrl-C."""
        with subprocess.Popen(
            shlex.split(line), cwd=self.work, env=self.environ, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                yield process
            finally:
                process.send_signal(signal.SIGINT)


def _run(*words: object, cwd: Path | None = None) -> None:
    ended = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("installed"))


def test_what_runs_is_the_wheel_and_not_the_checkout(user: Installation) -> None:
    program = "import emulator, imagelabels; print(emulator.__file__, imagelabels.__file__)"
    files = user.says(f"python -c {shlex.quote(program)}").split()
    assert all(Path(file).is_relative_to(user.bin.parent) for file in files)
    assert user.says("imagelabels --version") == f"imagelabels {imagelabels.__version__}\n"
    assert user.says("imagelabels-emulator --version") == f"imagelabels-emulator {imagelabels.__version__}\n"


def test_photos_are_labelled_and_found_with_a_model_that_the_first_command_makes(user: Installation) -> None:
    (user.work / "cat.png").write_bytes(CAT)
    first, second = (user.run("imagelabels detect cat.png") for _ in range(2))
    assert first.stdout == second.stdout
    assert "\tCats\t" in first.stdout
    models = user.home / ".cache" / "imagelabels" / "models"
    (line,) = first.stderr.splitlines()
    assert line.startswith(f"making the model of the embedded detector, once: {models}/")
    assert second.stderr == ""
    assert len(list(models.iterdir())) == 1
    assert os.listdir(user.home) == [".cache"]
    assert os.listdir(user.home / ".cache") == ["imagelabels"], (
        "no library keeps anything of its own, such as telemetry"
    )
    user.says("imagelabels detect . --index sqlite:///photos.db")
    assert f"file://{user.work}/cat.png" in user.says("imagelabels search cat --index sqlite:///photos.db")
    (user.work / "cat.png").unlink()


def test_a_cache_that_cannot_be_written_is_said_with_what_to_do(user: Installation) -> None:
    (user.work / "cat.png").write_bytes(CAT)
    ended = user.run("imagelabels detect cat.png", {"XDG_CACHE_HOME": str(user.work / "cat.png")})
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Set XDG_CACHE_HOME to a folder that can be written" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


def test_commands_need_no_file_of_the_checkout(user: Installation) -> None:
    assert "Siamese cat" in user.says("imagelabels labels kitten")
    for command in ("", "detect", "search", "package", "deploy tencent", "functions"):
        assert f"Usage: imagelabels {command}".strip() in user.says(f"imagelabels {command} --help")
    completed = {"_IMAGELABELS_COMPLETE": "bash_complete", "COMP_WORDS": "imagelabels det", "COMP_CWORD": "1"}
    assert user.says("imagelabels", completed) == "plain,detect\n"
    assert "_imagelabels_completion" in user.says("imagelabels completion bash")
    # The locks, the plan and the interpreter are asked for before anything is fetched.
    refused = user.run("imagelabels package aliyun --python /bin/false")
    assert "cannot be started as a Python interpreter: name another with --python" in refused.stderr
    assert "--param Region=VALUE is missing" in user.run("imagelabels deploy tencent --dry-run").stderr


def test_a_function_of_the_wheel_has_the_code_that_one_of_the_checkout_has(user: Installation) -> None:
    program = (
        "import hashlib, sys; from imagelabels.deploy.package import build, lock, target\n"
        "for order in target.orders():\n"
        "    print(order.name, hashlib.sha256(repr(sorted(build._code(order, None).items())).encode()).hexdigest(),"
        " lock.load(order))"
    )
    of_wheel = user.says(f"python -c {shlex.quote(program)}")
    environ = os.environ | {"PYTHONPATH": str(ROOT / "shared")}
    command = [sys.executable, "-c", program]
    of_checkout = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
    assert of_wheel == of_checkout
    assert len(of_wheel.splitlines()) == 16


def test_the_emulated_clouds_label_an_upload_with_the_functions_that_the_wheel_holds(user: Installation) -> None:
    port = free_port()
    described = user.run(f"imagelabels functions oss://{OSS} cos://{COS} --port {port}")
    (user.work / "functions.json").write_text(described.stdout)
    start = described.stderr.partition("start `")[2].partition("`")[0]
    exported = [line.removeprefix("  export ") for line in described.stderr.splitlines() if "  export " in line]
    environ = dict(shlex.split(line)[0].split("=", 1) for line in exported)
    with user.running(start) as emulator:
        assert emulator.stdout is not None
        assert emulator.stdout.readline().startswith(f"ready on http://127.0.0.1:{port}")
        user.says("imagelabels index create", environ)
        for bucket in (OssBucket(OSS, port), CosBucket(COS, port)):
            bucket.put("cat.png", CAT)
            bucket.close()
        _settle(port)
        found = user.says("imagelabels search cat --format json", environ)
        assert {json.loads(line)["uri"] for line in found.splitlines()} == {
            f"oss://{OSS}/cat.png",
            f"cos://{COS}/cat.png",
        }
        assert "label:cat" in user.says(f"imagelabels why oss://{OSS}/cat.png", environ)
    assert emulator.returncode == 0
    log = (user.work / "data" / "functions" / "aliyun_label.log").read_text()
    assert f"{ROOT}/shared" not in log


def _settle(port: int) -> None:
    """Wait until both functions have handled their events."""
    for name in ("aliyun_label", "tencent_label"):
        while _control(port, f"functions/{name}/queue")["pending"]:
            time.sleep(0.05)
        assert _control(port, f"functions/{name}/failures")["failures"] == []


def _control(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_emulator/{path}") as answer:
        return json.load(answer)
