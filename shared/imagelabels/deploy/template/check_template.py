"""This command checks a template without a cloud, and prints its problems.

`python -m imagelabels.deploy.template.check_template template.yml`
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from imagelabels.deploy.template import limits, permissions, properties, references, settings, triggers
from imagelabels.deploy.template.document import Unreadable, read
from imagelabels.deploy.template.resolve import stacks


def schema() -> dict[str, Any]:
    """Return the vendor's schema. For each resource type it has attributes, and properties with types and limits."""
    text = Path(__file__).with_name("schema.json").read_text(encoding="utf-8")
    resources: dict[str, Any] = json.loads(text)["resources"]
    return resources


def problems(text: str) -> list[str]:
    """Return what is wrong with the template. Each problem names a resource and a property, and says what to do.

    Names are checked first. If a name does not exist, the values cannot be checked.
    """
    known = schema()
    try:
        template = read(text)
    except Unreadable as error:
        return [str(error)]
    messages = list(dict.fromkeys(references.check(template, known)))
    if messages:
        return messages
    for stack in stacks(template):
        wrong: Iterable[str] = properties.check(stack, known)
        wrong = list(wrong) or [
            *triggers.check(stack),
            *permissions.check(stack),
            *settings.check(stack),
            *limits.check(stack),
        ]
        for problem in wrong:
            if problem not in messages:
                messages += [problem] if not stack.chosen else _with_choice(messages, problem, stack.chosen)
    return messages


def _with_choice(messages: list[str], problem: str, chosen: str) -> list[str]:
    """Return the problem with the choice of a parameter that causes it, unless it is among the messages already."""
    is_known = any(message.startswith(f"{problem} (with ") for message in messages)
    return [] if is_known else [f"{problem} (with {chosen})"]


def warnings(text: str) -> list[str]:
    """Return what a stack with all defaults can do in some regions only. The template must have no problem."""
    return list(limits.warnings(next(stacks(read(text)))))


def main(path: Path) -> int:
    """Print the problems and warnings of the template at `path`. Return the exit status, which is 1 for a problem."""
    try:
        text = path.read_text(encoding="utf-8")
        messages = problems(text)
    except OSError as error:
        messages = [str(error.strerror)]
    for message in messages:
        print(f"{path}: {message}")
    if messages:
        return 1
    for message in warnings(text):
        print(f"{path}: warning: {message}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
