"""The log of requests: one line for each that was refused or that failed, or for every request, or none."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timezone

from emulator.core.parts import Key
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
    bucket: str = ""
    key: str = ""
    """The object that the request is about. Services that have no objects note what rules and lists of calls name."""
    signer: Key | None = None
    """The key whose id the request names. Its signature may be wrong."""
    content: str = ""
    """The size and the CRC-64 of the picture that a detector was asked about."""
    etag: str = ""
    detected: str = ""
    """What the detector answered: `labels`, or the reason why it gave none."""
    faults: list[str] = field(default_factory=list)
    """The rules that have spoiled the request."""


_NOTES: ContextVar[Notes | None] = ContextVar("notes", default=None)


def begin(subject: Callable[[], str]) -> Notes:
    """Return the notes of the request that the current task answers from now on. The service may change them."""
    notes = Notes(subject=subject)
    _NOTES.set(notes)
    return notes


def current() -> Notes | None:
    """Return the notes of the request that the current task answers, if it answers one."""
    return _NOTES.get()


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


def note_signer(key: Key) -> None:
    """Note the key whose id the request names."""
    if (notes := _NOTES.get()) is not None:
        notes.signer = key


def note_detection(content: str, etag: str, detected: str) -> None:
    """Note that a detector was asked about this content, and what it answered."""
    if (notes := _NOTES.get()) is not None:
        notes.content, notes.etag, notes.detected = content, etag, detected


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
    words = [_verb(status, notes), notes.service, shown(method, LONGEST_METHOD), subject, str(status)]
    reason = (shown(notes.code, LONGEST_SUBJECT), shown(notes.reason, LONGEST_REASON))
    words.append(": ".join(text for text in reason if text))
    if notes.request_id:
        words.append(f"[{notes.request_id}]")
    return " ".join(word for word in words if word)


def _verb(status: int, notes: Notes) -> str:
    """Tell a fault of the emulator from a request that it refuses, and from a fault that its user wants.

    501 is the refusal of what it does not have. A service may answer with the status 200 whatever happens.
    """
    if notes.faults:
        return "spoiled"
    if (status >= 500 and status != 501) or notes.code.startswith("InternalError"):
        return "failed"
    return "refused" if status >= 400 or notes.code else "answered"


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
