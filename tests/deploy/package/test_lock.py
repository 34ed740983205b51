"""Locks: read, written, and refused where they are not whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.deploy.package import lock
from imagelabels.deploy.package.lock import Locked
from imagelabels.domain.errors import Misconfigured
from tests.deploy.package.making import own_order

LOCKED = [Locked("oss2", "2.19.1", "1" * 64), Locked("crc32c", "2.9.post0", "2" * 64)]


def test_what_is_written_is_read_again_in_the_order_of_names() -> None:
    assert lock.parse(lock.written(LOCKED), "a.lock") == sorted(LOCKED)


def test_a_missing_lock_is_named_with_what_makes_it() -> None:
    missing = replace(own_order(), index="redis")
    with pytest.raises(Misconfigured, match=r"imm-redis\.lock is missing.*`make lock`"):
        lock.load(missing)


@pytest.mark.parametrize("line", ["oss2==2.19.1", "oss2>=2 --hash=sha256:" + "1" * 64, "oss2==2 --hash=md5:1", ""])
def test_a_line_without_a_hash_is_never_taken(line: str) -> None:
    with pytest.raises(Misconfigured, match=r"a\.lock, line 2: this is not NAME==VERSION"):
        lock.parse(f"{LOCKED[0]}\n{line}\n", "a.lock")
