"""One side of a comparison, in a process of its own: asked on standard input, it labels a folder and tells how long.

`python -m benchmarks.labelling ours|torch`; a question is {"folder", "times", "whole"}, one JSON line each way.
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

Side = Callable[[Sequence[Path], bool], list[str]]
"""The surest class of each file, empty if it is not sure; the flag asks for decoding at full size before shrinking."""

FLOOR = 0.1
"""What a function asks the detector for unless told otherwise."""


def ours() -> Side:
    """The embedded detector with as many threads as the command line has. It never decodes a JPEG at full size."""
    detector, threads = wiring_commands.local_detector(None, FLOOR), ThreadPoolExecutor(WORKERS)

    def labels(path: Path) -> tuple[Label, ...]:
        content = path.read_bytes()
        head = ObjectHead(etag="", size=len(content), crc64=None, last_modified=0)
        picture = Picture(ObjectRef("file", "", str(path)), head, lambda start, length: content[start : start + length])
        return detector.detect(picture).labels

    def side(paths: Sequence[Path], whole: bool) -> list[str]:
        return [next((label.id for label in found if label.level == 3), "") for found in threads.map(labels, paths)]

    return side


def main(name: str) -> None:
    if name == "ours":
        side = ours()
    else:
        from benchmarks import eager

        side = eager.side()
    for line in sys.stdin:
        question = json.loads(line)
        paths = sorted(Path(question["folder"]).iterdir())
        began = time.perf_counter()
        classes = side(paths * question["times"], question["whole"])
        seconds = time.perf_counter() - began
        print(json.dumps({"pictures": len(classes), "seconds": seconds, "classes": classes[: len(paths)]}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
