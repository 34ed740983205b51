"""The pictures of a storm, each with the name of its content at its end, and the labels that they must get."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PHOTOS = Path(__file__).resolve().parent.parent.parent / "photos"
SHOWN = ("astronaut.jpg", "china.jpg", "rocket.jpg")
"""The embedded detector has labels for these. Each content is one of them."""

PART = {"oss": 100 * 1024, "cos": 1024 * 1024}
"""Each part but the last has at least so many bytes.

https://www.alibabacloud.com/help/en/oss/user-guide/multipart-upload, https://cloud.tencent.com/document/product/436/7750
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The ids of the labels of a content, and the tags that we write. None if any of the labels may be tags."""

    labels: frozenset[str]
    tags: Mapping[str, str] | None


def photo(content: str) -> str:
    """Return the name of the photo that this content is."""
    return SHOWN[zlib.crc32(content.encode()) % len(SHOWN)]


def drawn(content: str, size: int = 0) -> bytes:
    """Return the head of a JPEG, for detectors that read the content's name, with at least `size` bytes."""
    frame = b"\xff\xc0\x00\x11\x08" + (480).to_bytes(2, "big") + (640).to_bytes(2, "big")
    frame += b"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    head = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + frame
    return head + b"." * max(0, size - len(head)) + b"|" + content.encode()


def photographed(content: str, size: int = 0) -> bytes:
    """Return a photo that the embedded detector can see. The name of the content follows the end of the JPEG."""
    data = _photos()[photo(content)]
    return data + b"." * max(0, size - len(data)) + b"|" + content.encode()


@cache
def _photos() -> Mapping[str, bytes]:
    return {name: (PHOTOS / name).read_bytes() for name in SHOWN}


def seen_by_the_model() -> dict[str, frozenset[str]]:
    """Return the ids of each photo's labels, as the command line prints them."""
    paths = [str(PHOTOS / name) for name in SHOWN]
    command = [sys.executable, "-m", "imagelabels", "detect", "--format", "json", *paths]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    answers = [json.loads(line) for line in printed.splitlines()]
    return {Path(answer["path"]).name: frozenset(label["id"] for label in answer["labels"]) for answer in answers}


class Expected:
    """Tells which labels a content must get from a detector."""

    def __init__(self, detectors: Mapping[str, str]) -> None:
        """`detectors` has the name of each bucket's detector."""
        self._detectors = detectors
        self._photos = seen_by_the_model() if "embedded" in detectors.values() else {}

    def __call__(self, bucket: str, content: str) -> Wanted:
        if (detector := self._detectors[bucket]) == "embedded":
            return Wanted(self._photos[photo(content)], None)
        vocabulary = "ci" if detector == "ci" else "imm"
        label = f"{vocabulary}:pic{content}"
        return Wanted(frozenset({label}), {f"label:{label}": vocabulary})


def is_ours(tag: str) -> bool:
    """Tell whether a tag of a storm was written by the function. The clients have one that only looks like it."""
    return tag.startswith("label:") and tag != "label:mine"
