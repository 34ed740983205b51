"""This benchmark makes the dry run of a backfill over a list of a million keys, with ports in memory.

Every tenth object is a copy of another one. Each case runs in a process of its own, so that its memory is known; the
same with a thousand keys tells what is due to the number of keys.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from imagelabels.domain import taxonomy
from imagelabels.domain.content import content_id
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import DetectorTraits, ImageRecord, Look, ObjectHead, ObjectRef, crc64
from imagelabels.domain.outcomes import State
from imagelabels.domain.policy import Policy
from imagelabels.ports import StoredRow
from imagelabels.usecases.forecast import Forecast
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walk import Place

KEYS = (1_000, 1_000_000)
COPIES = 10
"""Every object of so many is a copy."""
THREADS = 16
PLACE = Place("oss", "photos", "")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x11\x08\x01\xe0\x02\x80\x03"
TRAITS = DetectorTraits("oss", "oss", 20 << 20)
SIZE, MODIFIED = 920_000, 1_780_000_000


def entry(number: int) -> Listed:
    content = number - number % COPIES if number % COPIES == 1 else number
    etag = hashlib.md5(b"%d" % content, usedforsecurity=False).hexdigest().upper()
    ref = ObjectRef("oss", "photos", f"2026/{number:07}.jpg")
    return Listed(ref, etag, SIZE, float(MODIFIED), "Standard")


class Store:
    """Objects that are made when they are looked at."""

    def head(self, ref: ObjectRef) -> Look:
        return Look(float(MODIFIED), head(entry(int(ref.key[5:12]))))

    def read(self, ref: ObjectRef, head: ObjectHead, start: int, length: int) -> bytes:
        return JPEG


class Rows:
    """Rows that say that everything is labelled, or no rows."""

    def __init__(self, labelled: bool) -> None:
        self._labelled = labelled
        self.policy = Policy().digest(taxonomy.load().version)

    def rows(self, refs: Sequence[ObjectRef]) -> tuple[StoredRow | None, ...]:
        return tuple(self._row(ref) if self._labelled else None for ref in refs)

    def answer(self, answer_id: str) -> None:
        return None

    def _row(self, ref: ObjectRef) -> StoredRow:
        seen = head(entry(int(ref.key[5:12])))
        record = ImageRecord(
            ref, State.LABELLED, None, seen, content_id(seen), TRAITS.setting, self.policy, "oss", "image/labels"
        )
        return StoredRow(record, None, None, None)


def head(listed: Listed) -> ObjectHead:
    return ObjectHead(listed.etag, listed.size, crc64("xz", str(int(listed.etag[:15], 16))), MODIFIED)


def report() -> Iterator[str]:
    """Yield each line of the report as soon as it is known."""
    for case in ("labelled", "quick", "looked at"):
        small, large = (_apart(case, keys) for keys in KEYS)
        made = ", ".join(f"{number:,} {name}" for name, number in large["requests"].items() if number)
        yield (
            f"dry run, {KEYS[1]:,} keys, {case}: {large['seconds']:.0f} s, {KEYS[1] / large['seconds']:,.0f} keys/s, "
            f"{large['calls']:,} calls foretold, requests: {made}; at most {large['memory']} MB resident, "
            f"{small['memory']} MB with {KEYS[0]:,} keys"
        )


def _apart(case: str, keys: int) -> dict[str, Any]:
    """Run a case in a process of its own, which starts anew."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(run, (case, keys))


def run(case: str, keys: int) -> dict[str, Any]:
    """Make the dry run, and tell what it took."""
    index: Any = Rows(case == "labelled")
    store: Any = Store()
    by = Tools(store, index, index, index, TRAITS, Policy(), taxonomy.load(), time)
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as executor:
        tally = Forecast(by, PLACE, executor, case == "quick").over(
            lambda position: (("", entry(number)) for number in range(keys))
        )
    return {
        "seconds": time.perf_counter() - began,
        "requests": dict(tally.requests),
        "calls": sum(number for way, number in tally.ways.items() if way == "call"),
        "memory": _most_memory(),
    }


def _most_memory() -> int:
    """Return the most megabytes that this process had. getrusage would count those of the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024
