"""How `imagelabels detect` prints: JSON, lines for a pipe, or a table for people. Each answers the exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from imagelabels.domain.explain import Explained
from imagelabels.domain.model import Detection, Label
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.printing import escaped, label_json

LABELS = ("label", "confidence", "centric", "level", "parent")
EXPLAINED = ("label", "id", "confidence", "kept", "tag", "why")

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
    explained: tuple[Explained, ...] | None = None
    """Of every label of the answer, where it was asked for: then the rows say this in place of the labels."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file got no labels; `reason` is of the closed list."""

    path: str
    reason: str
    message: str


Answer = Labelled | Refused


def answered(
    path: str,
    detection: Detection,
    chosen: tuple[Label, ...],
    taxonomy: Taxonomy,
    explained: tuple[Explained, ...] | None = None,
) -> Labelled:
    """What was chosen of the embedded detector's answer."""
    size = json.loads(detection.raw)
    labels = tuple(label_json(label, taxonomy) for label in chosen)
    return Labelled(path, size["width"], size["height"], labels, detection.detector, explained)


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
            if answer.explained is not None:
                line["explained"] = [_explained_json(one) for one in answer.explained]
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
        for cells in _rows(answer) or [("",) * len(LABELS if answer.explained is None else EXPLAINED)]:
            print("\t".join((escaped(answer.path), *cells)), flush=True)
    return status


def print_table(answers: Iterable[Answer], count: int, columns: tuple[str, ...] = LABELS) -> int:
    """A table when all is known; on long work a bar meanwhile, on stderr. `count` is how many answers will come,
    `columns` are LABELS or EXPLAINED, as they have it."""
    from rich.console import Console
    from rich.progress import track
    from rich.table import Table
    from rich.text import Text

    progress = Console(stderr=True)
    if count > MANY and progress.is_terminal:
        answers = track(answers, "labelling", count, console=progress, transient=True)
    table = Table("picture", *columns)
    status = 0
    for answer in answers:
        # Text, since square brackets in a path are not mark-up.
        name = Text(escaped(answer.path), overflow="fold")
        if isinstance(answer, Refused):
            status = 1
            table.add_row(name, Text(_why(answer), "red"))
            continue
        rows = _rows(answer)
        if not rows:
            table.add_row(name, Text("nothing sure enough", "dim"))
            continue
        for row in rows:
            table.add_row(name, *(Text(cell) for cell in row))
            name = Text()
    # In a pipe nobody sees an edge that lines must be folded at.
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    return status


def _rows(answer: Labelled) -> list[tuple[str, ...]]:
    if answer.explained is not None:
        return [
            (
                escaped(one.name),
                escaped(one.id),
                f"{one.confidence:.3f}",
                "yes" if one.kept else "no",
                "=".join(one.tag or ()),
                escaped(one.why),
            )
            for one in answer.explained
        ]
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


def _explained_json(one: Explained) -> dict[str, object]:
    return {
        "LabelId": one.id,
        "AnsweredId": one.answered,
        "LabelName": one.name,
        "LabelConfidence": one.confidence,
        "Kept": one.kept,
        "Cause": one.cause,
        "Why": one.why,
        "Tag": dict([one.tag]) if one.tag else None,
    }


def _why(answer: Refused) -> str:
    return escaped(f"{answer.reason}: {answer.message}")
