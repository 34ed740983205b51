"""Shows the answers of `imagelabels detect`: as JSON, as lines for a pipe, or as text for people."""

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
from imagelabels.views.forms import Form, error_json, explained_json, label_json, one_line
from imagelabels.views.layout import enumerated, wrapped
from imagelabels.views.printing import cells, escaped, label_text
from imagelabels.views.vendor import vendor_answer

LABELS = ("label", "confidence", "centric", "level", "parent")
EXPLAINED = ("label", "id", "confidence", "kept", "tag", "why")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture file that was labelled; width and height are those of the stored pixels."""

    path: str
    width: int
    height: int
    labels: tuple[Form, ...]
    """Labels in the JSON form."""
    detector: str
    explained: tuple[Explained, ...] | None = None
    """Every label of the answer with its reason, where that was asked for; texts show it in place of the labels."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that got no labels; `reason` is of the closed list and says why."""

    path: str
    reason: str
    message: str

    @property
    def why(self) -> str:
        """Tells people why: it is the message alone where the reason's name adds nothing to it."""
        return escaped(self.message if self.reason == "store_error" else f"{self.reason}: {self.message}")

    @property
    def line(self) -> str:
        """Tells the path and why, in one line. It begins with the command where the message names the path."""
        if self.message.endswith(f" {self.path}"):
            return f"imagelabels detect: {self.why}"
        return f"{escaped(self.path)}: {self.why}"


Answer = Labelled | Refused


def answered(
    path: str,
    detection: Detection,
    chosen: tuple[Label, ...],
    taxonomy: Taxonomy,
    explained: tuple[Explained, ...] | None = None,
) -> Labelled:
    """Make the answer for a file of what was chosen from the embedded detector's labels."""
    size = json.loads(detection.raw)
    labels = tuple(label_json(label, taxonomy) for label in chosen)
    return Labelled(path, size["width"], size["height"], labels, detection.detector, explained)


def answer_json(answer: Answer) -> Form:
    """Show a file's answer: its labels, or the error that kept us from them."""
    if isinstance(answer, Refused):
        return {"path": answer.path, "error": error_json(answer.reason, answer.message)}
    form: Form = {
        "path": answer.path,
        "width": answer.width,
        "height": answer.height,
        "labels": list(answer.labels),
        "detector": answer.detector,
    }
    if answer.explained is not None:
        form["explained"] = [explained_json(label) for label in answer.explained]
    return form


def show_json(answer: Answer) -> None:
    """Print one line for the picture, at once."""
    print(one_line(answer_json(answer)), flush=True)


def show_vendor_json(answer: Answer) -> None:
    """Print the same line with the vendors' field names, for programs that read theirs, as an emulator does."""
    print(one_line(vendor_answer(answer_json(answer))), flush=True)


def show_lines(answer: Answer) -> None:
    """Print a line for each label, with tabs between the cells, which are empty where a picture has no labels. Refusals
    go to stderr."""
    if isinstance(answer, Refused):
        print(answer.line, file=sys.stderr)
        return
    for row in _rows(answer) or [("",) * len(LABELS if answer.explained is None else EXPLAINED)]:
        print("\t".join((escaped(answer.path), *row)), flush=True)


def show_text(answer: Answer) -> None:
    """Print the path in a line of its own, so that it can be copied whole, and below it the labels or the reasons."""
    print(_styled(escaped(answer.path), "1"))
    if isinstance(answer, Refused):
        for line in wrapped(answer.why.split(" "), "  ", _columns()):
            print(_styled(line, "31"), flush=True)
        return
    lines = _labels(answer) if answer.explained is None else _reasons(answer.explained)
    print("\n".join(lines), flush=True)


def _labels(answer: Labelled) -> list[str]:
    names = [label_text(label["name"], label["confidence"]) for label in answer.labels]
    if not names:
        return [_styled("  nothing sure enough", "2")]
    return list(wrapped(enumerated(names), "  ", _columns()))


def _reasons(explained: Iterable[Explained]) -> list[str]:
    rows = [(escaped(label.name), label) for label in explained]
    wide = max((cells(name) for name, _ in rows), default=0)
    lines = []
    for name, label in rows:
        why = label.why if label.tag is None else f"{label.why}: {'='.join(label.tag)}"
        begin = f"  {name}{' ' * (wide - cells(name))}  {label.confidence:.3f}  "
        for line in wrapped(escaped(why).split(" "), begin, _columns()):
            lines.append(line if label.kept else _styled(line, "2"))
    return lines or [_styled("  no label at all", "2")]


def _columns() -> int:
    return shutil.get_terminal_size().columns


def _styled(text: str, style: str) -> str:
    """Put the text between a terminal's codes for bold (1), faint (2) or red (31), where stdout is a terminal that has
    such codes; elsewhere it stays plain."""
    plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") in (None, "", "dumb")
    return text if plain else f"\x1b[{style}m{text}\x1b[0m"


def _rows(answer: Labelled) -> list[tuple[str, ...]]:
    if answer.explained is not None:
        return [
            (
                escaped(label.name),
                escaped(label.id),
                f"{label.confidence:.3f}",
                "yes" if label.kept else "no",
                "=".join(label.tag or ()),
                escaped(label.why),
            )
            for label in answer.explained
        ]
    return [
        (
            escaped(label["name"]),
            f"{label['confidence']:.3f}",
            f"{label['centric_score']:.3f}",
            f"{label['level']}",
            escaped(label["parent_name"] or ""),
        )
        for label in answer.labels
    ]
