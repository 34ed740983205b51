"""These tests run the Makefile with a fake interpreter that only records its arguments."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.page import chromium

pytestmark = pytest.mark.story

ROOT = Path(__file__).parents[1]
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))

RECORDER = r"""#!/bin/sh
for argument in "$@"; do printf '[%s]' "$argument" >>"$CALLS"; done
echo >>"$CALLS"
if [ "$1 $2" = "-m venv" ]; then mkdir -p .venv/bin && cp "$0" .venv/bin/python; fi
[ -z "$UNSUPPORTED" ]
"""


class Checkout:
    """A folder with the Makefile and the files that it depends on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        self.interpreter = folder / "a python"
        folder.mkdir()
        for name in ("Makefile", "pyproject.toml", *LOCKS):
            shutil.copy(ROOT / name, folder)
        self.interpreter.write_text(RECORDER)
        self.interpreter.chmod(0o755)

    def installed(self) -> None:
        """Make everything look as if it had been set up."""
        (self.folder / ".venv" / "bin").mkdir(parents=True)
        shutil.copy(self.interpreter, self.folder / ".venv" / "bin" / "python")
        (self.folder / ".venv" / "ready").touch()

    def make(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        # The variables of a `make` that may have started the tests are left out.
        inherited = {"PATH": os.environ["PATH"], "CALLS": str(self.calls)}
        return subprocess.run(
            ["make", *arguments], cwd=self.folder, env=inherited | environment, capture_output=True, text=True
        )

    def recorded(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "it$s o'k")


ODD = ["a$b", "it$$s", "a$(b", "$(shell touch pwned)", 'it\'s "q" `id` # \\ x', "-n", "~/x y", "旅行 照片"]


@pytest.mark.parametrize("photos", ODD)
def test_a_folder_of_any_name_reaches_the_demo_as_it_was_typed(checkout: Checkout, photos: str) -> None:
    checkout.installed()
    assert checkout.make("demo", f"PHOTOS={photos}").returncode == 0
    assert checkout.make("demo", PHOTOS=photos).returncode == 0
    assert checkout.recorded() == [f"[-m][demo][--port][9000][--][{photos}]"] * 2
    assert not (checkout.folder / "pwned").exists()


def test_port_and_keep_reach_the_demo(checkout: Checkout) -> None:
    checkout.installed()
    checkout.make("demo", PORT="9001")
    checkout.make("demo", "KEEP=1")
    checkout.make("demo", "KEEP=0")
    assert checkout.recorded() == [
        "[-m][demo][--port][9001][--][photos]",
        "[-m][demo][--port][9000][--keep][--][photos]",
        "[-m][demo][--port][9000][--][photos]",
    ]


def test_a_scenario_and_a_bound_reach_the_explorer(checkout: Checkout) -> None:
    checkout.installed()
    checkout.make("explore")
    checkout.make("explore", "SCENARIO=overwrite", "BOUND=1000000")
    assert checkout.recorded() == ["[-m][tests.explorer]", "[-m][tests.explorer][overwrite][--bound][1000000]"]


def test_programs_that_tests_start_would_compile_all_their_modules_again(checkout: Checkout) -> None:
    checkout.installed()
    interpreter = checkout.folder / ".venv" / "bin" / "python"
    interpreter.write_text('#!/bin/sh\necho "writes no bytecode: $PYTHONDONTWRITEBYTECODE" >>"$CALLS"\n')
    assert checkout.make("demo", PYTHONDONTWRITEBYTECODE="1").returncode == 0
    assert checkout.recorded() == ["writes no bytecode: "]


def test_a_release_is_built_in_a_folder_of_its_own_and_holds_nothing_of_a_former_one(checkout: Checkout) -> None:
    checkout.installed()
    former, mine = checkout.folder / "dist" / "release" / "old.whl", checkout.folder / "dist" / "mine.zip"
    former.parent.mkdir(parents=True)
    former.touch()
    mine.touch()
    assert checkout.make("wheel").returncode == 0
    (call,) = checkout.recorded()
    assert call == "[-m][hatchling][build][--directory][dist/release][--target][sdist][--target][wheel]"
    assert not former.exists()
    assert mine.exists()


def test_an_unsupported_interpreter_is_refused_before_anything_is_installed(checkout: Checkout) -> None:
    ended = checkout.make("PYTHON=./a python", UNSUPPORTED="1")
    assert ended.returncode == 2
    assert "./a python is not Python 3.10, 3.11 or 3.12 with the module venv." in ended.stderr
    (call,) = checkout.recorded()
    assert call.startswith("[-c]")
    assert not (checkout.folder / ".venv").exists()


def test_where_no_interpreter_fits_the_message_says_how_to_name_one(checkout: Checkout) -> None:
    ended = checkout.make("PYTHON=")
    assert ended.returncode == 2
    assert "No Python 3.10, 3.11 or 3.12 with the module venv was found." in ended.stderr
    assert "make PYTHON=/path/to/python3.12" in ended.stderr


def test_setting_up_installs_nothing_that_no_lock_names_and_says_that_it_takes_a_while(checkout: Checkout) -> None:
    ended = checkout.make("PYTHON=./a python")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "Setting up .venv: this takes a few minutes, mostly downloads.\n"
    first, *others = [line for line in checkout.recorded() if line.startswith("[-m][pip]")]
    assert "[--require-hashes][-r][requirements-build.lock]" in first
    assert all("[--no-build-isolation]" in line for line in others)
    *locked, last = others
    assert all("[--require-hashes]" in line for line in locked)
    assert last.endswith("[install][--no-build-isolation][--no-deps][--editable][.]")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_versions_and_hashes_and_no_registry(lock: str) -> None:
    for line in (ROOT / lock).read_text().splitlines():
        assert re.fullmatch(r"[a-z0-9.-]+==[\w.]+( ; [^\\:/]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line), line


class Matrix:
    """A checkout whose `make unit` writes down its environment and interpreter, and fails on Python 3.99."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / ".ci").mkdir(parents=True)
        shutil.copy(ROOT / ".ci" / "matrix", folder / ".ci")
        (folder / "Makefile").write_text('unit:\n\t@echo "$(ENV) $(PYTHON)" && test "$(ENV)" != .venv/python3.99\n')
        (folder / "bin").mkdir()

    def has(self, version: str, at: str = "bin") -> None:
        """Let an interpreter of the version stand there: it answers whatever it is asked with where it is."""
        path = self.folder / at / f"python{version}"
        path.write_text(f"#!/bin/sh\necho /opt/python{version}\n")
        path.chmod(0o755)

    def run(self, versions: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin", "VERSIONS": versions}
        return subprocess.run([".ci/matrix"], cwd=self.folder, env=environment, capture_output=True, text=True)


@pytest.fixture
def matrix(tmp_path: Path) -> Matrix:
    return Matrix(tmp_path / "checkout")


def test_the_quick_tests_run_on_each_version_that_is_there_and_the_others_are_named(matrix: Matrix) -> None:
    matrix.has("3.97")
    ended = matrix.run("3.97 3.98")
    assert ended.stdout.splitlines() == [
        ".venv/python3.97 /opt/python3.97",
        "The quick tests passed on Python: 3.97. They failed on: none. Not found here: 3.98.",
    ]
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_version_whose_tests_fail_fails_the_whole_run_but_stops_no_other(matrix: Matrix) -> None:
    matrix.has("3.99")
    matrix.has("3.97")
    ended = matrix.run("3.99 3.97")
    assert "The quick tests passed on Python: 3.97. They failed on: 3.99. Not found here: none." in ended.stdout
    assert ended.returncode == 1


def test_the_version_that_make_test_serves_is_not_tested_twice(matrix: Matrix) -> None:
    (matrix.folder / ".venv" / "bin").mkdir(parents=True)
    served = matrix.folder / ".venv" / "bin" / "python"
    served.write_text("#!/bin/sh\necho 3.97\n")
    served.chmod(0o755)
    matrix.has("3.97")
    matrix.has("3.98")
    assert "passed on Python: 3.98. They failed on: none. Not found here: none." in matrix.run("3.97 3.98").stdout


class Machine:
    """A machine that has only the programs which `.ci/run` needs. The fake ones write down how they were called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / ".ci").mkdir(parents=True)
        shutil.copy(ROOT / ".ci" / "run", folder / ".ci")
        (folder / "bin").mkdir()
        (folder / "bin" / "dirname").symlink_to(str(shutil.which("dirname")))
        self.has("make")

    def has(self, name: str, does: str = "") -> None:
        """Put a program there that writes down how it was called, and then does something."""
        path = self.folder / "bin" / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"$CALLS"\n{does}\n')
        path.chmod(0o755)

    def run(self, user: int = 0) -> list[str]:
        """Return the calls of programs, but not the question which user this is."""
        self.has("id", f"echo {user}")
        calls = self.folder / "calls"
        environment = {"PATH": str(self.folder / "bin"), "CALLS": str(calls)}
        ended = subprocess.run(["/bin/sh", ".ci/run"], cwd=self.folder, env=environment, capture_output=True, text=True)
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
        return [call for call in calls.read_text().splitlines() if call != "id -u"]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "checkout")


def test_continuous_integration_would_not_look_at_the_page_in_a_browser(machine: Machine) -> None:
    machine.has("apt-get", "echo much; echo more >&2")
    install = "apt-get install -y --no-install-recommends chromium"
    assert machine.run() == ["apt-get update", install, "make setup", "make test"]


@pytest.mark.parametrize("failing", ["update", "install"])
def test_continuous_integration_would_fail_where_no_browser_can_be_installed(machine: Machine, failing: str) -> None:
    machine.has("apt-get", f'[ "$1" != {failing} ] || exit 100')
    *tried, setup, last = machine.run()
    assert (tried[-1].split()[1], setup, last) == (failing, "make setup", "make test")


@pytest.mark.parametrize("name", chromium.NAMES)
def test_continuous_integration_would_install_a_second_browser(machine: Machine, name: str) -> None:
    machine.has("apt-get")
    machine.has(name)
    assert machine.run() == ["make setup", "make test"]


def test_continuous_integration_would_install_a_browser_without_the_right_to(machine: Machine) -> None:
    machine.has("apt-get")
    assert machine.run(user=1000) == ["make setup", "make test"]


def test_continuous_integration_would_fail_on_a_system_without_packages_of_debian(machine: Machine) -> None:
    assert machine.run() == ["make setup", "make test"]


def test_the_program_that_asks_a_real_account_would_send_without_being_told(checkout: Checkout) -> None:
    checkout.installed()
    asked = "[-m][tests.conformance][--endpoint][https://a][--bucket][b]"
    assert checkout.make("conformance", "ENDPOINT=https://a", "BUCKET=b").returncode == 0
    checkout.make("conformance", "ENDPOINT=https://a", "BUCKET=b", "YES=0", "CLEAN=no")
    checkout.make("conformance", "ENDPOINT=https://a", "BUCKET=b", "YES=1", "MAX_CNY=1", "PREFIX=p/", "THROWAWAY=t")
    checkout.make("conformance", "INSTANCE=https://i", "CLEAN=1", "EMULATOR=http://e", "CLOUD=aliyun")
    assert checkout.recorded() == [
        asked,
        asked,
        f"{asked}[--prefix][p/][--max-cny][1][--throwaway-bucket][t][--yes]",
        "[-m][tests.conformance][--instance][https://i][--cloud][aliyun][--emulator][http://e][--clean-up]",
    ]


def test_an_environment_that_another_checkout_uses_is_not_deleted_through_a_link(checkout: Checkout) -> None:
    shared = checkout.folder.parent / "shared"
    (shared / "bin").mkdir(parents=True)
    (checkout.folder / ".venv").symlink_to(shared)
    ended = checkout.make("setup", PYTHON="./a python")
    assert ended.returncode != 0
    assert f".venv is a link to {shared}, whose content would be deleted: remove the link first." in ended.stderr
    assert "[venv]" not in "".join(checkout.recorded())
    assert (shared / "bin").is_dir()
