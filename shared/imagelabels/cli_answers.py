"""How `imagelabels detect` prints: JSON, lines for a pipe, or a table for people. Each answers the exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace

from imagelabels.domain.model import Detection
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.printing import escaped, label_json

MANY = 10
"""Pictures from which a progress bar is worth the screen."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture's labels with the keys of the JSON answer; width and height as stored in the file."""

    path: str
    width: int
    height: int
    labels: tuple[dict[str, object], ...]
    detector: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file got no labels; `reason` is of the closed list."""

    path: str
    reason: str
    message: str


Answer = Labelled | Refused


def answered(path: str, detection: Detection, taxonomy: Taxonomy, language: str) -> Labelled:
    """The embedded detector's answer, its names in `language`."""
    size = json.loads(detection.raw)
    labels = (
        replace(label, name=taxonomy.name(label.id, language) or label.name, language=language)
        for label in detection.labels
    )
    return Labelled(
        path, size["width"], size["height"], tuple(label_json(label, taxonomy) for label in labels), detection.detector
    )


def print_json(answers: Iterable[Answer]) -> int:
    """One line a picture, written at once. ASCII only, so that no terminal obeys a name."""
    status = 0
    for answer in answers:
        if isinstance(answer, Refused):
            status = 1
            line: dict[str, object] = {
                "path": answer.path,
                "error": {"reason": answer.reason, "message": answer.message},
            }
        else:
            line = {
                "path": answer.path,
                "width": answer.width,
                "height": answer.height,
                "labels": answer.labels,
                "detector": answer.detector,
            }
        print(json.dumps(line).replace("\x7f", "\\u007f"), flush=True)
    return status


def print_lines(answers: Iterable[Answer]) -> int:
    """One line a label, tabs between the cells; a picture without labels has empty ones. Refusals go to stderr."""
    status = 0
    for answer in answers:
        if isinstance(answer, Refused):
            status = 1
            print(f"{escaped(answer.path)}: {_why(answer)}", file=sys.stderr)
            continue
        for cells in _rows(answer) or [("",) * 5]:
            print("\t".join((escaped(answer.path), *cells)), flush=True)
    return status


def print_table(answers: Iterable[Answer], count: int) -> int:
    """A table when all is known; on long work a bar meanwhile, on stderr. `count` is how many answers will come."""
    from rich.console import Console
    from rich.progress import track
    from rich.table import Table
    from rich.text import Text

    progress = Console(stderr=True)
    if count > MANY and progress.is_terminal:
        answers = track(answers, "labelling", count, console=progress, transient=True)
    table = Table("picture", "label", "confidence", "centric", "level", "parent")
    status = 0
    for answer in answers:
        # Text, since square brackets in a path are not mark-up.
        name = Text(escaped(answer.path), overflow="fold")
        if isinstance(answer, Refused):
            status = 1
            table.add_row(name, Text(_why(answer), "red"))
            continue
        if not answer.labels:
            table.add_row(name, Text("nothing sure enough", "dim"))
            continue
        for row in _rows(answer):
            table.add_row(name, *(Text(cell) for cell in row))
            name = Text()
    # In a pipe nobody sees an edge that lines must be folded at.
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    return status


def _rows(answer: Labelled) -> list[tuple[str, ...]]:
    return [
        (
            escaped(str(label["LabelName"])),
            f"{label['LabelConfidence']:.3f}",
            f"{label['CentricScore']:.3f}",
            str(label["LabelLevel"]),
            escaped(str(label["ParentLabelName"])),
        )
        for label in answer.labels
    ]


def _why(answer: Refused) -> str:
    return escaped(f"{answer.reason}: {answer.message}")
