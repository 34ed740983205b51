"""Reads which pictures show what, and looks at them through the detector's own eyes: its decoder and its network.

labels.txt has a section per source, `[NAME] ids ?ids`, and below it one line per picture: the first twelve digits of
the SHA-256 of its bytes, and what it shows. An id without a question mark is shown, one with it is not judged, and all
others are not shown. A line without ids has those of its section; a dash stands for none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagelabels.domain.errors import Rejected
from imagelabels.providers.onnx import artifact
from imagelabels.providers.onnx.decode import decode
from imagelabels.providers.onnx.heads import inputs_of
from imagelabels.providers.onnx.networks import LITE0_SIDE
from imagelabels.providers.onnx.session import opened
from imagelabels.providers.onnx.sight import stretched

HERE = Path(__file__).parent
DIGITS = 12


@dataclass(frozen=True, slots=True)
class Judged:
    """It says what one picture of a source shows."""

    source: str
    shown: frozenset[str]
    unjudged: frozenset[str]
    beginning: str = field(default="", compare=False)
    """The picture is known by this: the first digits of its SHA-256. A picture that is drawn has none."""

    def label(self, label_id: str) -> float:
        return float("nan") if label_id in self.unjudged else float(label_id in self.shown)


def sources() -> list[dict[str, Any]]:
    """Read the sources: name, place, commit or version, licence, use (`fit` or `test`) and number of pictures.

    SystemExit, which says what is wrong, if the file cannot be used.
    """
    file = HERE / "sources.json"
    try:
        listed: list[dict[str, Any]] = json.loads(file.read_bytes())
        for entry in listed:
            name, use, _ = entry["name"], entry["use"], entry["licence"]
            if use not in ("fit", "test"):
                raise SystemExit(f"{file}: the use of {name} is neither fit nor test: correct it")
    except (ValueError, TypeError, LookupError) as error:
        raise SystemExit(
            f"{file} cannot be used ({type(error).__name__}: {error}): each source has a name, a licence and a use"
        ) from None
    return listed


def judged(text: str) -> dict[str, Judged]:
    """Read labels.txt; what each picture shows by the beginning of its hash."""
    pictures: dict[str, Judged] = {}
    source, usual = "", [""]
    for line in filter(None, text.splitlines()):
        first, *ids = line.split()
        if first.startswith("["):
            source, usual = first.strip("[]"), ids
            continue
        ids = ids or usual
        shown = frozenset(label_id for label_id in ids if label_id != "-" and not label_id.startswith("?"))
        unjudged = frozenset(label_id.removeprefix("?") for label_id in ids if label_id.startswith("?"))
        pictures[first] = Judged(source, shown, unjudged - shown, first)
    return pictures


def files(folder: Path, wanted: Mapping[str, Judged]) -> Iterator[tuple[Path, Judged]]:
    """Yield each wanted picture below a folder once, in the order of their hashes: which pictures are drawn from and
    which ones a fit keeps must not depend on names and folders."""
    found = {_beginning(path): path for path in sorted(folder.rglob("*")) if path.is_file()}
    for beginning in sorted(found.keys() & wanted.keys()):
        yield found[beginning], wanted[beginning]


def _beginning(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:DIGITS]


def looked_at(contents: Iterable[tuple[Judged, bytes]]) -> Iterator[tuple[Judged, NDArray[np.float32]]]:
    """Yield each picture with what the heads weigh of its centre: the network's features, the surface, the colours."""
    network = opened(artifact.LITE0.load(artifact.default_path()))
    for picture, content in contents:
        try:
            pixels = decode(content, LITE0_SIDE).pixels
        except Rejected as error:
            print(f"A picture of {picture.source} is left out: {error}")
            continue
        mean = network.run(["emb"], {"image": stretched(pixels)[None]})[0][0]
        yield picture, inputs_of(mean, pixels)
