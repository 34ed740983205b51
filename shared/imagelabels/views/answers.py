"""How `imagelabels detect` shows an answer: as JSON, as lines for a pipe, or as text for people."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from imagelabels.domain.explain import Explained
from imagelabels.domain.model import Detection, Label
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.views.layout import enumerated, wrapped
from imagelabels.views.printing import cells, escaped, label_json

LABELS = ("label", "confidence", "centric", "level", "parent")
EXPLAINED = ("label", "id", "confidence", "kept", "tag", "why")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture's labels with the keys of the JSON answer; width and height as stored in the file."""

    path: str
    width: int
    height: int
    labels: tuple[dict[str, object], ...]
    detector: str
    explained: tuple[Explained, ...] | None = None
    """Every label of the answer with its reason, where that was asked for; it is then shown in place of the labels."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file got no labels; `reason` is of the closed list."""

    path: str
    reason: str
    message: str

    @property
    def why(self) -> str:
        """For people: the message alone where the reason's name adds nothing to it."""
        return escaped(self.message if self.reason == "store_error" else f"{self.reason}: {self.message}")

    @property
    def line(self) -> str:
        """The path and why, in one line."""
        return self.why if self.message.endswith(f" {self.path}") else f"{escaped(self.path)}: {self.why}"


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


def json_line(answer: Answer, **more: object) -> str:
    """One line of ASCII, so that no terminal obeys a name; `more` comes behind the answer's own keys."""
    line: dict[str, object]
    if isinstance(answer, Refused):
        line = {"path": answer.path, "error": {"reason": answer.reason, "message": answer.message}}
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
    return json.dumps(line | more).replace("\x7f", "\\u007f")


def show_json(answer: Answer) -> None:
    """One line a picture, written at once."""
    print(json_line(answer), flush=True)


def show_lines(answer: Answer) -> None:
    """One line a label, tabs between the cells; a picture without labels has empty ones. Refusals go to stderr."""
    if isinstance(answer, Refused):
        print(answer.line, file=sys.stderr)
        return
    for row in _rows(answer) or [("",) * len(LABELS if answer.explained is None else EXPLAINED)]:
        print("\t".join((escaped(answer.path), *row)), flush=True)


def show_text(answer: Answer) -> None:
    """The path in a line of its own, so that it can be copied whole, and below it the labels or the reasons."""
    print(_styled(escaped(answer.path), "1"))
    if isinstance(answer, Refused):
        for line in wrapped(answer.why.split(" "), "  ", _columns()):
            print(_styled(line, "31"), flush=True)
        return
    lines = _labels(answer) if answer.explained is None else _reasons(answer.explained)
    print("\n".join(lines), flush=True)


def _labels(answer: Labelled) -> list[str]:
    names = [f"{escaped(str(label['LabelName']))} {label['LabelConfidence']:.2f}" for label in answer.labels]
    if not names:
        return [_styled("  nothing sure enough", "2")]
    return list(wrapped(enumerated(names), "  ", _columns()))


def _reasons(explained: Iterable[Explained]) -> list[str]:
    rows = [(escaped(one.name), one) for one in explained]
    wide = max((cells(name) for name, _ in rows), default=0)
    lines = []
    for name, one in rows:
        why = one.why if one.tag is None else f"{one.why}: {'='.join(one.tag)}"
        begin = f"  {name}{' ' * (wide - cells(name))}  {one.confidence:.3f}  "
        for line in wrapped(escaped(why).split(" "), begin, _columns()):
            lines.append(line if one.kept else _styled(line, "2"))
    return lines or [_styled("  no label at all", "2")]


def _columns() -> int:
    return shutil.get_terminal_size().columns


def _styled(text: str, style: str) -> str:
    """With a terminal's code for bold (1), faint (2) or red (31), where stdout is a terminal that has such codes."""
    plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") in (None, "", "dumb")
    return text if plain else f"\x1b[{style}m{text}\x1b[0m"


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
