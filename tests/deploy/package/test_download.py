"""Wheels come from the cache, or from pip by their hashes, or the message says why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from imagelabels.deploy.package import download
from imagelabels.deploy.package.lock import Locked
from imagelabels.deploy.package.target import order
from imagelabels.domain.errors import Misconfigured
from tests.deploy.package.making import wheel

ORDER = order("tencent")
NO_NETWORK = """
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError': Failed to establish a new connection
ERROR: Could not find a version that satisfies the requirement pets==1.0 (from versions: none)
ERROR: No matching distribution found for pets==1.0
"""
ALTERED = """
ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, ...
    pets==1.0 from https://index/pets-1.0-py3-none-any.whl:
        Expected sha256 11
             Got        22
"""


FULL = """
ERROR: Exception:
Traceback (most recent call last):
  File ".../pip/_internal/utils/filesystem.py", line 144, in _rename
OSError: [Errno 28] No space left on device
"""


class Pip:
    """Answers as pip: puts files into the folder, or fails with these words. It keeps what it was asked."""

    def __init__(self, files: Mapping[str, bytes] | None = None, error: str = "") -> None:
        self.files, self.error = files or {}, error
        self.asked: list[list[str]] = []
        self.requirements: list[str] = []

    def __call__(self, arguments: Sequence[str]) -> tuple[int, str]:
        self.asked.append(list(arguments))
        self.requirements += Path(arguments[-1]).read_text().splitlines()
        folder = Path(arguments[list(arguments).index("--dest") + 1])
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        return (1, self.error) if self.error else (0, "")


@pytest.fixture
def pets(tmp_path: Path) -> tuple[Locked, bytes]:
    locked, path = wheel(tmp_path, "pets", {"pets.py": b""})
    return locked, path.read_bytes()


def test_a_wheel_is_fetched_once_by_its_hash_and_then_comes_from_the_cache(
    pets: tuple[Locked, bytes], tmp_path: Path
) -> None:
    locked, content = pets
    pip = Pip({"pets-1.0-py3-none-any.whl": content})
    first = download.fetch([locked], ORDER, tmp_path / "cache", pip)
    assert first["pets"].read_bytes() == content
    assert download.fetch([locked], ORDER, tmp_path / "cache", pip) == first
    assert len(pip.asked) == 1
    assert pip.requirements == [f"pets==1.0 --hash=sha256:{locked.sha256}"]


def test_pip_is_asked_for_wheels_of_the_target_and_not_for_what_they_depend_on(
    pets: tuple[Locked, bytes], tmp_path: Path
) -> None:
    pip = Pip({"pets.whl": pets[1]})
    download.fetch([pets[0]], ORDER, tmp_path / "cache", pip)
    (asked,) = pip.asked
    text = " ".join(asked)
    for argument in (
        "--no-deps",
        "--require-hashes",
        "--only-binary :all:",
        "--python-version 3.10",
        "--platform manylinux2014_x86_64",
        "--abi abi3",
    ):
        assert argument in text
    assert "manylinux_2_18" not in text


def test_a_file_that_was_altered_in_the_cache_is_fetched_again(pets: tuple[Locked, bytes], tmp_path: Path) -> None:
    locked, content = pets
    pip = Pip({"pets.whl": content})
    path = download.fetch([locked], ORDER, tmp_path / "cache", pip)["pets"]
    path.write_bytes(b"something else")
    assert download.fetch([locked], ORDER, tmp_path / "cache", pip)["pets"].read_bytes() == content


def test_sources_are_asked_for_where_there_is_no_wheel(tmp_path: Path) -> None:
    locked, path = wheel(tmp_path, "oss2", {"oss2.py": b""})
    pip = Pip({"oss2-1.0.tar.gz": path.read_bytes()})
    download.fetch([locked], ORDER, tmp_path / "cache", pip)
    assert "--no-binary" in pip.asked[0]
    assert "--only-binary" not in pip.asked[0]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (NO_NETWORK, "pip could not reach the package index: is there a network"),
        (
            ALTERED,
            r"is not what is locked \(pets==1\.0 from https://index/pets-1\.0-py3-none-any\.whl\): do not use it",
        ),
        (FULL, "the disk is full, so pip could not fetch the wheels: make room, or name another with XDG_CACHE_HOME"),
        ("/usr/bin/python3: No module named pip", "has no pip, which fetches the wheels: .*ensurepip"),
        ("ERROR: No matching distribution found for pets==1.0", "could not fetch the wheels: No matching distribution"),
        ("", "could not fetch the wheels: it gave no reason"),
    ],
)
def test_the_reason_why_pip_failed_is_said_in_words(
    said: str, message: str, pets: tuple[Locked, bytes], tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured, match=message):
        download.fetch([pets[0]], ORDER, tmp_path / "cache", Pip(error=said or " "))


def test_a_file_with_another_hash_never_gets_into_the_cache(pets: tuple[Locked, bytes], tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"no file of pets 1\.0 with the locked hash"):
        download.fetch([pets[0]], ORDER, tmp_path / "cache", Pip({"pets.whl": b"something else"}))
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_named(pets: tuple[Locked, bytes], tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(Misconfigured, match=f"the cache of wheels {tmp_path / 'cache'} cannot be written: File exists"):
        download.fetch([pets[0]], ORDER, tmp_path / "cache", Pip())


def test_the_cache_is_where_the_user_keeps_caches() -> None:
    assert download.cache_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/imagelabels/wheels")
    assert download.cache_folder({"HOME": "/home/me"}) == Path("/home/me/.cache/imagelabels/wheels")


def test_without_a_network_the_real_pip_ends_in_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(Misconfigured, match="could not reach the package index"):
        download.fetch([Locked("pets", "1.0", "1" * 64)], ORDER, tmp_path)
