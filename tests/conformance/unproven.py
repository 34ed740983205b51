"""Writes docs/unproven.md: `.venv/bin/python -m tests.conformance.unproven`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tests.conformance.marks import ROOT, Mark, all_marks, unchecked_addresses
from tests.conformance.questions import asked_by_program

PAGE = ROOT / "docs" / "unproven.md"
SECTIONS: Mapping[str, str] = {
    "emulator/objectstore": "OSS and COS",
    "emulator/aliyun/oss": "OSS",
    "emulator/tencent/cos": "COS",
    "emulator/aliyun/tablestore": "Tablestore",
    "emulator/aliyun/imm": "IMM",
    "emulator/aliyun/fc": "Function Compute",
    "emulator/aliyun/smq": "Simple Message Queue",
    "emulator/tencent/scf": "SCF",
    "emulator/functions": "Function Compute and SCF",
    "shared/imagelabels": "The product",
}
INTRODUCTION = """\
# What is not proved

The emulator answers as the vendors' pages and SDKs describe. Where no page says what a service does, somebody had to
guess. This page lists every such guess, and the request that would settle it. It is made from comments beside the
guesses in the code:

{example}

Write such a comment where you guess, and then run `.venv/bin/python -m tests.conformance.unproven`. A test fails if
this page is out of date, if a comment lacks its request, or if the code calls something a guess without such a comment.

`make conformance` sends the requests of {asked} of the {all} guesses to a real account and to the emulator, and prints
which hold ([how to run it](release.md#ask-the-real-services)). The others need a trigger, a function or something that
costs more than it is worth, so somebody has to ask them by hand.
"""
ADDRESSES = """\
## Pages that could not be checked

The code names these pages, and nobody has found a copy of them. They are marked with `(unchecked)` there.
"""
EXAMPLE = """\
```python
# Unproven most-form-fields: An HTML form may have 100 fields before its file.
# Why: no page gives a number.
# Ask: POST a signed form with 101 fields before the file: the status and the code.
MOST_FIELDS = 100
```"""


def page(marks: Sequence[Mark], asked: frozenset[str], addresses: Sequence[tuple[str, str]]) -> str:
    """Return the text of the page.

    `asked` has the names of the marks that the program asks about. `addresses` are those of pages that could not be
    checked, each with its file.
    """
    count = sum(mark.name in asked for mark in marks)
    parts = [INTRODUCTION.format(example=EXAMPLE, asked=count, all=len(marks))]
    for folder, title in SECTIONS.items():
        here = [mark for mark in marks if mark.file.startswith(f"{folder}/")]
        if here:
            parts.append("\n".join([f"## {title}", "", *_table(here, asked), ""]))
    parts.append(ADDRESSES)
    parts += [f"- <{address}>, in `{file}`" for address, file in addresses]
    return "\n".join(parts) + "\n"


def _table(marks: Iterable[Mark], asked: frozenset[str]) -> Iterable[str]:
    yield "| the guess | where | why it is one | what settles it | asked by |"
    yield "| --- | --- | --- | --- | --- |"
    for mark in marks:
        owner = f"`{mark.owner}` in " if mark.owner else ""
        by = "`make conformance`" if mark.name in asked else "hand"
        cells = (mark.guess, f"{owner}`{mark.file}`", _sentence(mark.why), _sentence(mark.ask), by)
        yield f"| `{mark.name}`: " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def current() -> str:
    return page(all_marks(), asked_by_program(), unchecked_addresses())


if __name__ == "__main__":
    PAGE.write_text(current(), encoding="utf-8")
