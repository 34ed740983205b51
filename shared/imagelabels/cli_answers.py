"""How `imagelabels detect` prints: JSON, lines for a pipe, or a table for people. Each answers the exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagelabels.domain.explain import Explained
from imagelabels.domain.model import Detection, Label
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.printing import escaped, label_json

if TYPE_CHECKING:
    from rich.console import Console

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


def print_table(answers: Iterable[Answer], count: int) -> int:
    """A table when all is known. `count` is how many answers will come."""
    from rich.table import Table
    from rich.text import Text

    table = Table("picture", *LABELS)
    status = 0
    for answer in _watched(answers, count):
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
    _console().print(table)
    return status


def print_reasons(answers: Iterable[Answer], count: int) -> int:
    """Each picture with what became of every label of its answer: all of them are Labelled with `explained`, or
    Refused. Narrow enough for 80 columns."""
    from rich.table import Table
    from rich.text import Text

    console = _console()
    status = 0
    for answer in _watched(answers, count):
        console.print(Text(escaped(answer.path), "bold", overflow="fold"))
        if isinstance(answer, Refused):
            status = 1
            console.print(Text(f"  {_why(answer)}", "red"))
            continue
        table = Table(box=None, show_header=False, padding=(0, 0, 0, 2))
        for one in answer.explained or ():
            why = one.why if one.tag is None else f"{one.why}: {'='.join(one.tag)}"
            style = "" if one.kept else "dim"
            table.add_row(*(Text(escaped(cell), style) for cell in (one.name, f"{one.confidence:.3f}", why)))
        console.print(table if table.row_count else Text("  no label at all", "dim"))
    return status


def _watched(answers: Iterable[Answer], count: int) -> Iterable[Answer]:
    """On long work with a bar meanwhile, on stderr."""
    from rich.console import Console
    from rich.progress import track

    progress = Console(stderr=True)
    if count > MANY and progress.is_terminal:
        return track(answers, "labelling", count, console=progress, transient=True)
    return answers


def _console() -> Console:
    from rich.console import Console

    # In a pipe nobody sees an edge that lines must be folded at.
    return Console(width=None if sys.stdout.isatty() else 200)


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
