"""Checks a template without the cloud: `python -m deploy.check_template template.yml` prints what is wrong with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deploy import permissions, properties, references, settings, triggers
from deploy.document import Unreadable, read
from deploy.resolve import stacks


def schema() -> dict[str, Any]:
    """The vendor's, by resource type: attributes, and properties with their types and limits."""
    text = Path(__file__).with_name("schema.json").read_text(encoding="utf-8")
    resources: dict[str, Any] = json.loads(text)["resources"]
    return resources


def problems(text: str) -> list[str]:
    """What is wrong, each naming resource and property and saying what to do; none if all is well.

    Names first: with one that does not exist, nothing can be said about values.
    """
    known = schema()
    try:
        template = read(text)
    except Unreadable as error:
        return [str(error)]
    found = list(dict.fromkeys(references.check(template, known)))
    if found:
        return found
    for stack in stacks(template):
        wrong: Iterable[str] = properties.check(stack, known)
        wrong = list(wrong) or [*triggers.check(stack), *permissions.check(stack), *settings.check(stack)]
        for problem in wrong:
            if problem not in found:
                found += [problem] if not stack.chosen else _new(found, problem, stack.chosen)
    return found


def _new(found: list[str], problem: str, chosen: str) -> list[str]:
    """A problem that only one choice of a parameter brings out says which."""
    told = any(one.startswith(f"{problem} (with ") for one in found)
    return [] if told else [f"{problem} (with {chosen})"]


def main(path: Path) -> int:
    try:
        found = problems(path.read_text(encoding="utf-8"))
    except OSError as error:
        found = [str(error.strerror)]
    for problem in found:
        print(f"{path}: {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
