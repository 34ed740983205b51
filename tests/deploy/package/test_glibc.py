"""Libraries that are too new for the platform are found before they are deployed."""

from __future__ import annotations

import pytest

from imagelabels.deploy.package import glibc
from imagelabels.domain.errors import Misconfigured
from tests.deploy.package.making import library

FC = (2, 28)


def test_a_planted_library_that_is_too_new_is_named_with_its_distribution_and_both_versions() -> None:
    files = {"pets/_dog.abi3.so": library("2.034"), "pets/__init__.py": b""}
    with pytest.raises(Misconfigured, match=r"pets/_dog\.abi3\.so of pets 1\.0 needs GLIBC 2\.34, but FC has 2\.28"):
        glibc.check(files, "pets 1.0", FC, "FC")


def test_a_library_may_need_the_platforms_own_version_and_no_later_one() -> None:
    glibc.check({"a.so": library("2.028")}, "pets 1.0", FC, "FC")
    with pytest.raises(Misconfigured, match=r"needs GLIBC 2\.29"):
        glibc.check({"a.so": library("2.029")}, "pets 1.0", FC, "FC")


def test_versions_are_compared_as_numbers() -> None:
    assert glibc.needed(library("2.2.5")) == (2, 2, 5)
    glibc.check({"a.so": library("2.2.9")}, "pets 1.0", FC, "FC")


def test_a_library_with_a_number_after_its_end_is_looked_at_too() -> None:
    with pytest.raises(Misconfigured, match=r"libdog\.so\.5"):
        glibc.check({"pets.libs/libdog.so.5": library("2.034")}, "pets 1.0", FC, "FC")


@pytest.mark.parametrize("content", [b"", b"MZ", b"\xcf\xfa\xed\xfe" * 20, library("2.2.5")[:100]])
def test_what_is_no_library_of_this_system_is_refused(content: bytes) -> None:
    with pytest.raises(Misconfigured, match=r"a\.so of pets 1\.0 is no library that FC can load"):
        glibc.check({"a.so": content}, "pets 1.0", FC, "FC")


def test_a_library_for_another_processor_is_refused() -> None:
    arm = bytearray(library("2.2.5"))
    arm[18:20] = (183).to_bytes(2, "little")
    with pytest.raises(Misconfigured, match="it is for EM_AARCH64"):
        glibc.check({"a.so": bytes(arm)}, "pets 1.0", FC, "FC")
