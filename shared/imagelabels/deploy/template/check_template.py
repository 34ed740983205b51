"""This command checks a template without a cloud, and prints its problems.

`python -m imagelabels.deploy.template.check_template template.yml`
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from imagelabels.deploy.checks import files
from imagelabels.deploy.checks.finding import Finding, Severity, sentence
from imagelabels.deploy.template import (
    deliveries,
    limits,
    permissions,
    properties,
    references,
    settings,
    stores,
    triggers,
)
from imagelabels.deploy.template.document import Template, Unreadable, read
from imagelabels.deploy.template.resolve import Stack, stack, stacks
from imagelabels.views.pipes import piped


@cache
def schema() -> dict[str, Any]:
    """Return the vendor's schema. For each resource type it has attributes, and properties with types and limits."""
    text = Path(__file__).with_name("schema.json").read_text(encoding="utf-8")
    resources: dict[str, Any] = json.loads(text)["resources"]
    return resources


def problems(text: str) -> list[Finding]:
    """Return what is wrong with the template in a text, whatever its parameters are."""
    try:
        template = read(text)
    except Unreadable as error:
        return [not_readable(error)]
    return problems_of(template)


def not_readable(error: Unreadable) -> Finding:
    return files.NOT_READABLE.finding("template", f"The template cannot be read: {sentence(error)}")


def problems_of(template: Template, values: Mapping[str, Any] | None = None, region: str = "") -> list[Finding]:
    """Return what is wrong with a template.

    The defaults are tried, and each other choice and limit of one parameter. `values` are parameters that have been
    chosen: the stack with these is tried instead of that with the defaults. `region` is the stack's, or "" if nobody
    says which. Names are checked first. If a name does not exist, the values cannot be checked.
    """
    try:
        return _problems(template, values, region)
    except Unreadable as error:
        return [not_readable(error)]
    except RecursionError:
        return [not_readable(Unreadable("its functions name too many others"))]


def _problems(template: Template, values: Mapping[str, Any] | None, region: str) -> list[Finding]:
    findings = list(dict.fromkeys(references.check(template, schema())))
    if any(finding.severity is Severity.ERROR for finding in findings):
        return findings
    if values:
        findings += dict.fromkeys(_of_stack(template, stack(template, values), region))
    seen = set(findings)
    for each in stacks(template):
        for finding in _of_stack(template, each, region):
            if finding not in seen:
                seen.add(finding)
                if each.chosen:
                    findings.append(replace(finding, where=f"{finding.where} (with {each.chosen})"))
                elif not values:
                    findings.append(finding)
    return findings


def unchecked(template: Template) -> list[str]:
    """Return the resources that no check knows."""
    return references.unchecked(template, schema())


def _of_stack(template: Template, stack: Stack, region: str) -> Iterator[Finding]:
    wrong = list(properties.check(stack, schema()))
    yield from wrong
    if wrong:
        return
    for room in (triggers, permissions, settings, deliveries, stores, limits):
        yield from room.check(stack)
    yield from stores.binding(template, stack)
    if not stack.chosen:  # Another choice of one parameter says nothing about the archives, the keys and the region.
        yield from limits.archives(stack)
        yield from limits.regions(stack, region)
        yield from settings.keys(template, stack)


def main(path: Path) -> int:
    """Print the findings about the template at `path`. Return the exit status, which is 1 for an error."""
    try:
        findings = problems(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        print(f"{path}: {error}")
        return 1
    for finding in findings:
        word = "warning: " if finding.severity is Severity.WARNING else ""
        print(f"{path}: {word}{finding}")
    return 1 if any(finding.severity is Severity.ERROR for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(piped(lambda: main(Path(sys.argv[1]))))
