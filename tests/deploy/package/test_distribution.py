"""What a function gets of a distribution, and what it does not."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from imagelabels.deploy.package import distribution
from imagelabels.domain.errors import Misconfigured
from tests.deploy.package.making import wheel

SUFFIX = ".cpython-310-x86_64-linux-gnu.so"


def sources(folder: Path, name: str, files: Mapping[str, bytes]) -> Path:
    path = folder / f"{name}-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for place, content in files.items():
            member = tarfile.TarInfo(f"{name}-1.0/{place}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_only_what_can_be_imported_or_is_data_of_it_is_kept(tmp_path: Path) -> None:
    kept = {"pets/__init__.py": b"", "pets/names.json": b"{}", "pets/_dog.abi3.so": b"", f"pets/_cat{SUFFIX}": b""}
    dropped = (
        "pets/tests/test_dog.py",
        "pets/sub/test/a.py",
        "pets/__init__.pyi",
        "pets/py.typed",
        "pets/_dog.c",
        "pets/dog.h",
        "pets/libdog.a",
        "pets/__pycache__/__init__.cpython-310.pyc",
        "pets/_cat.cpython-313-darwin.so",
        "pets/_cat.cpython-312-x86_64-linux-gnu.so",
        "pets-1.0.data/scripts/pets",
        "pets-1.0.dist-info/RECORD",
        "../outside.py",
        "/absolute.py",
    )
    _, path = wheel(tmp_path, "pets", {**kept, **dict.fromkeys(dropped, b"")})
    opened = distribution.opened("pets", path, SUFFIX)
    assert opened.files == kept
    assert opened.licence == "MIT"


def test_metadata_is_kept_where_the_distribution_reads_its_own(tmp_path: Path) -> None:
    _, path = wheel(tmp_path, "crc32c", {"crc32c/__init__.py": b"", "crc32c-1.0.dist-info/licenses/LICENSE": b""})
    assert sorted(distribution.opened("crc32c", path, SUFFIX).files) == [
        "crc32c-1.0.dist-info/METADATA",
        "crc32c/__init__.py",
    ]


def test_folders_that_no_function_imports_are_left_out(tmp_path: Path) -> None:
    _, path = wheel(tmp_path, "tablestore", {"tablestore/client.py": b"", "tablestore/ots_sdk/ots_sdk.so": b""})
    assert list(distribution.opened("tablestore", path, SUFFIX).files) == ["tablestore/client.py"]


def test_sources_become_what_their_wheel_would_hold_without_anything_of_theirs_being_run(tmp_path: Path) -> None:
    files = {
        "setup.py": b"raise SystemExit('run')",
        "PKG-INFO": b"Metadata-Version: 1.0\nName: crcmod\nLicense: MIT\n",
        "python2/crcmod/__init__.py": b"print 2",
        "python3/crcmod/__init__.py": b"print(3)",
        "python3/crcmod/test/all.py": b"",
        "python3/src/_crcfunext.c": b"int x;",
    }
    opened = distribution.opened("crcmod", sources(tmp_path, "crcmod", files), SUFFIX)
    assert opened.files == {"crcmod/__init__.py": b"print(3)"}
    assert opened.c_sources == {"crcmod/_crcfunext": b"int x;"}
    assert opened.licence == "MIT"


@pytest.mark.parametrize("name", ["pets", "oss2"])
def test_a_file_that_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    path = tmp_path / "broken"
    for content in (b"", b"PK\3\4 and no more", b"\x1f\x8b and no more"):
        path.write_bytes(content)
        with pytest.raises(Misconfigured, match=rf"{path} is no .* that can be read"):
            distribution.opened(name, path, SUFFIX)


def test_a_wheel_without_metadata_is_none(tmp_path: Path) -> None:
    path = tmp_path / "pets.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pets.py", "")
    with pytest.raises(Misconfigured, match="is no wheel of pets"):
        distribution.opened("pets", path, SUFFIX)


@pytest.mark.story
def test_what_unpacks_to_more_than_a_function_may_have_is_never_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "pets.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("pets/bomb", "w") as bomb:
        for _ in range(distribution.LARGEST // 50_000_000 + 1):
            bomb.write(bytes(50_000_000))
    with pytest.raises(Misconfigured, match="pets unpacks to 550000000 bytes"):
        distribution.opened("pets", path, SUFFIX)


def damaged(name: str) -> bytes:
    """A wheel that Python's reader finds whole, and cannot read."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr("a/__init__.py", b"x = 1\n" * 50)
        wheel.writestr("a-1.dist-info/METADATA", b"Name: a\n")
    content = bytearray(buffer.getvalue())
    directory = content.index(b"PK\x01\x02")
    changes = {
        "compression": {8: 99, directory + 10: 99},
        "encryption": {6: content[6] | 1, directory + 8: content[directory + 8] | 1},
        "stream": {30 + len("a/__init__.py"): 0xFF},
        "version": {directory + 6: 200},
    }
    for place, value in changes[name].items():
        content[place] = value
    return bytes(content)


@pytest.mark.parametrize("damage", ["compression", "encryption", "stream", "version"])
def test_a_damaged_wheel_would_end_in_a_traceback(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a-1-py3-none-any.whl"
    path.write_bytes(damaged(damage))
    with pytest.raises(Misconfigured, match="is no wheel of a that can be read"):
        distribution.opened("a", path, SUFFIX)


def test_a_file_without_a_name_would_end_in_a_traceback() -> None:
    assert not distribution.is_used("a", ".")
    assert distribution.is_used("a", "a/__init__.py")
