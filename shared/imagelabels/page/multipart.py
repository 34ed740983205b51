"""Reads what a form with files sends: https://www.rfc-editor.org/rfc/rfc7578"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MOST_PARTS = 60
"""A form has at most so many fields and files."""

_BOUNDARY = re.compile(r'multipart/form-data;.*?\bboundary="?([^";]{1,70})"?', re.IGNORECASE | re.DOTALL)
_PARAMETER = re.compile(r'; *(name|filename)="([^"]*)"', re.IGNORECASE)
_LONGEST_HEAD = 4000


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that a browser sent."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sent."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[SentFile] = field(default_factory=list)


def read(body: bytes, content_type: str) -> Sent:
    """Return the fields and files of a form; ValueError says why the body is none of a form's.

    A file field in which nothing was chosen is left out.
    """
    boundary = _BOUNDARY.match(content_type)
    if boundary is None:
        raise ValueError("this is no form with files: its type must be multipart/form-data")
    line = b"--" + boundary[1].encode("latin-1", "replace")
    if not body.startswith(line):
        raise ValueError("the form is damaged: it does not begin with its boundary")
    parts = body[len(line) :].split(b"\r\n" + line, MOST_PARTS + 1)
    if len(parts) > MOST_PARTS + 1:
        raise ValueError(f"a form has at most {MOST_PARTS} fields and files")
    if not parts[-1].startswith(b"--"):
        raise ValueError("the form is damaged: its end is missing")
    sent = Sent()
    for part in parts[:-1]:
        _take(part, sent)
    return sent


def _take(part: bytes, sent: Sent) -> None:
    head, end, content = part.partition(b"\r\n\r\n")
    if not end or len(head) > _LONGEST_HEAD:
        raise ValueError("the form is damaged: one of its fields has no name")
    named = {key.lower(): _plain(value) for key, value in _PARAMETER.findall(head.decode("utf-8", "replace"))}
    if "filename" not in named:
        sent.fields[named.get("name", "")] = content.decode("utf-8", "replace")
    elif named["filename"] or content:
        sent.files.append(SentFile(named["filename"], content))


def _plain(value: str) -> str:
    """Undo what browsers write for a quotation mark and line breaks in a name."""
    return value.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
