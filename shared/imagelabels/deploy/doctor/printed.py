"""This module prints findings: for people in groups, the errors first, and for programs as one JSON list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from imagelabels.deploy.checks.finding import Finding, Severity
from imagelabels.views.forms import one_line
from imagelabels.views.layout import wrapped
from imagelabels.views.printing import escaped

WIDTH = 80
"""Text is this wide where no terminal says how wide it is."""


def json_text(findings: Iterable[Finding]) -> str:
    """Return the findings as one line of JSON, a list with one object for each. docs/doctor.md explains the fields."""
    return one_line(
        [
            {
                "check": finding.check,
                "severity": finding.severity.value,
                "where": finding.where,
                "cause": finding.cause,
                "consequence": finding.consequence,
                "cure": finding.cure,
            }
            for finding in findings
        ]
    )


def lines(findings: Sequence[Finding], width: int | None) -> Iterator[str]:
    """Yield the lines of a report. Findings that have the same consequence and the same cure share these sentences."""
    columns = width or WIDTH
    for severity in Severity:
        groups: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
        for finding in findings:
            if finding.severity is severity:
                groups[finding.check, finding.consequence, finding.cure].append(finding)
        for (check, consequence, cure), group in groups.items():
            yield f"{severity.value}: {check}"
            for finding in group:
                words = f"{finding.where}: {finding.cause}".split()
                yield from wrapped([_printable(word) for word in words], "    ", columns, "      ")
            yield from wrapped(_printable(consequence).split(), "    What follows: ", columns, "      ")
            yield from wrapped(_printable(cure).split(), "    What to do: ", columns, "      ")
            yield ""
    yield summary(findings)


def summary(findings: Sequence[Finding]) -> str:
    """Say how many findings there are."""
    if not findings:
        return "Nothing is wrong as far as these checks can see."
    numbers = []
    for severity in Severity:
        number = sum(finding.severity is severity for finding in findings)
        if number:
            numbers.append(f"{number} {severity.value}{'s' if number > 1 else ''}")
    return ", ".join(numbers)


def _printable(text: str) -> str:
    """Write what no terminal should obey as Python writes it in strings. A backslash stays as it is."""
    return "".join(char if char == "\\" else escaped(char) for char in text)
