"""The log of requests: one line for each that was refused or that failed, or for every request, or none."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timezone

from emulator.core.refusal import Refusal

CHOICES = ("refused", "all", "none")
LONGEST_METHOD, LONGEST_SUBJECT, LONGEST_REASON = 20, 120, 240
"""A line shows so many characters of what a client sends, and of what it is told. A key may have 1023 bytes."""


@dataclass(slots=True)
class Notes:
    """What a service notes about the request that it answers. None of it may hold a signature or a secret."""

    service: str = ""
    subject: Callable[[], str] = str
    """Returns what the request is about, such as photos/a.jpg. It is called only if a line is written."""
    request_id: str = ""
    code: str = ""
    """The vendor's code of a refusal. It is empty if the request was not refused."""
    reason: str = ""
    """Why the answer is no success. It may stand without a code."""


_NOTES: ContextVar[Notes | None] = ContextVar("notes", default=None)


def begin(subject: Callable[[], str]) -> Notes:
    """Return the notes of the request that the current task answers from now on. The service may change them."""
    notes = Notes(subject=subject)
    _NOTES.set(notes)
    return notes


def note(service: str, subject: Callable[[], str], request_id: str) -> None:
    """Note which service answers, what the request is about, and the id that its answer has."""
    if (notes := _NOTES.get()) is not None:
        notes.service, notes.subject, notes.request_id = service, subject, request_id


def note_refusal(refusal: Refusal, reason: str) -> None:
    """Note that the request is refused, and the reason that the client is told."""
    if (notes := _NOTES.get()) is not None:
        notes.code, notes.reason = refusal.code, f"{reason} ({refusal.note})" if refusal.note else reason


def note_reason(reason: str) -> None:
    """Note why the answer is no success, if no code of the vendor says so."""
    if (notes := _NOTES.get()) is not None:
        notes.reason = reason


def note_request_id(request_id: str) -> None:
    """Note the id that the answer has, if it is another one than the service has noted before."""
    if (notes := _NOTES.get()) is not None:
        notes.request_id = request_id


def shown(text: str, longest: int) -> str:
    """Return a text of a client as it may stand in a line of a terminal.

    Characters that do not print, which could move the cursor or begin another line, are written as Python escapes them.
    Of a text that is too long the beginning is shown, and how long it is.
    """
    cut = text if len(text) <= longest else f"{text[:longest]}...({len(text)} characters)"
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in cut)


def line(method: str, status: int, notes: Notes) -> str:
    """Return what the log says of a request that was answered with this status."""
    subject = shown(notes.subject(), LONGEST_SUBJECT)
    words = [_verb(status, notes.code), notes.service, shown(method, LONGEST_METHOD), subject, str(status)]
    reason = (shown(notes.code, LONGEST_SUBJECT), shown(notes.reason, LONGEST_REASON))
    words.append(": ".join(text for text in reason if text))
    if notes.request_id:
        words.append(f"[{notes.request_id}]")
    return " ".join(word for word in words if word)


def _verb(status: int, code: str) -> str:
    """Tell a fault of the emulator from a request that it refuses.

    501 is the refusal of what it does not have. A service may answer with the status 200 whatever happens.
    """
    if (status >= 500 and status != 501) or code.startswith("InternalError"):
        return "failed"
    return "refused" if status >= 400 or code else "answered"


class RequestLog:
    """Writes a line for each request that `which`, one of CHOICES, asks for."""

    def __init__(self, which: str, write: Callable[[str], None]) -> None:
        self._which, self._write = which, write

    def answered(self, method: str, status: int, notes: Notes) -> None:
        """Tell of a request that was answered with this status."""
        refused = status >= 400 or bool(notes.code)
        if self._which == "all" or (self._which == "refused" and refused):
            now = datetime.now(timezone.utc).strftime("%H:%M:%S.%f")[:-3]
            self._write(f"{now} {line(method, status, notes)}")
