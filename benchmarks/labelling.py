"""This process is one side of a comparison: it labels the photos of a folder and reports how long it took.

`python -m benchmarks.labelling ours|torch` reads requests as lines of JSON, {"folder", "times", "whole"}, and answers
each with a line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from imagelabels import wiring_commands
from imagelabels.cli.commands.detect import WORKERS
from imagelabels.domain.model import Label, ObjectHead, ObjectRef, Picture
from imagelabels.ports import LabelDetector

Side = Callable[[Sequence[Path], bool], list[str]]
"""This function returns the best class of each file, or "" below the floor. Its flag asks for decoding at full size."""

FLOOR = 0.1
"""A function calls the detector with this floor unless a setting changes it."""


def ours() -> Side:
    """Return the embedded detector with as many threads as the command line. It never decodes a JPEG at full size."""
    detector, threads = wiring_commands.local_detector(None, FLOOR), ThreadPoolExecutor(WORKERS)

    def side(paths: Sequence[Path], whole: bool) -> list[str]:
        answers = threads.map(lambda path: labels_of(detector, path), paths)
        return [next((label.id for label in answer if label.level == 3), "") for answer in answers]

    return side


def labels_of(detector: LabelDetector, path: Path) -> tuple[Label, ...]:
    """Return the labels of a file; Rejected if the detector refuses it."""
    content = path.read_bytes()
    head = ObjectHead(etag="", size=len(content), crc64=None, last_modified=0)
    picture = Picture(ObjectRef("file", "", str(path)), head, lambda start, length: content[start : start + length])
    return detector.detect(picture).labels


def main(name: str) -> None:
    if name == "ours":
        side = ours()
    else:
        from benchmarks import eager

        side = eager.side()
    for line in sys.stdin:
        request = json.loads(line)
        paths = sorted(Path(request["folder"]).iterdir())
        began = time.perf_counter()
        classes = side(paths * request["times"], request["whole"])
        seconds = time.perf_counter() - began
        print(json.dumps({"pictures": len(classes), "seconds": seconds, "classes": classes[: len(paths)]}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
