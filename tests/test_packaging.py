"""These tests check what pyproject.toml promises about the package that pip builds."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from imagelabels import api

pytestmark = pytest.mark.story

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project


def test_every_command_and_every_extra_is_of_a_package_that_the_wheel_holds(project: dict[str, Any]) -> None:
    packages = [ROOT / folder for folder in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]]
    for name, target in project["project"]["scripts"].items():
        module, _, function = target.partition(":")
        relative = Path(*module.split(".")).with_suffix(".py")
        (file,) = [path for package in packages if (path := package.parent / relative).is_file()]
        assert f"def {function}(" in file.read_text(encoding="utf-8"), name
    # The emulator is the only extra that belongs to a separate package.
    assert "emulator" in project["project"]["optional-dependencies"]
    assert ROOT / "emulator" in packages


def test_a_package_of_the_page_that_is_missing_would_be_told_with_the_wrong_extra(project: dict[str, Any]) -> None:
    requirements = project["project"]["optional-dependencies"]["album"]
    assert {requirement.partition(">=")[0] for requirement in requirements} == api.MODULES


def test_what_builds_the_package_is_locked(project: dict[str, Any]) -> None:
    locked = {line.partition("==")[0] for line in (ROOT / "requirements-build.lock").read_text().splitlines()}
    groups = project["dependency-groups"]
    for requirement in (*project["build-system"]["requires"], *groups["build"]):
        assert requirement.partition(">=")[0] in locked
    assert {"editables", "setuptools"} <= locked


def built(source: Path, folder: Path, *targets: str) -> list[Path]:
    """Build the package from the sources in a folder, as `make wheel` does."""
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    chosen = [word for target in targets for word in ("--target", target)]
    subprocess.run([*command, *chosen], cwd=source, check=True, capture_output=True)
    return sorted(folder.iterdir())


def test_an_installed_package_can_deploy_because_its_wheel_holds_the_functions_and_the_template(tmp_path: Path) -> None:
    (wheel,) = built(ROOT, tmp_path, "wheel")
    with zipfile.ZipFile(wheel) as held:
        for name in ("template.yml", "functions/aliyun_label/index.py", "functions/tencent_label/index.py"):
            assert held.read(f"imagelabels/deploy/{name}") == (ROOT / name).read_bytes()
        assert not [name for name in held.namelist() if name.startswith(("tests", "demo", "benchmarks"))]


def test_the_sources_of_a_release_build_the_very_wheel_of_the_release(tmp_path: Path) -> None:
    wheel, sources = built(ROOT, tmp_path / "release", "sdist", "wheel")
    with tarfile.open(sources) as held:
        held.extractall(tmp_path, filter="data")
    (again,) = built(tmp_path / sources.name.removesuffix(".tar.gz"), tmp_path / "again", "wheel")
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()
    assert sources.stat().st_size < 1_500_000


def test_no_module_is_missing_in_a_clone_because_git_ignores_it() -> None:
    """The builder of the package leaves out what .gitignore names, as git does."""
    command = ["git", "ls-files", "--others", "--ignored", "--exclude-standard", "--"]
    folders = ("shared", "functions", "emulator", "tests")
    ignored = subprocess.run([*command, *folders], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [path for path in ignored.splitlines() if path.endswith((".py", ".json"))] == []
