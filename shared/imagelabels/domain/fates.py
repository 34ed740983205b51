"""This module tells what a walk over a bucket has to do about each object, from its line in the list and its row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from imagelabels.domain.listing import Listed
from imagelabels.domain.model import ImageRecord, ObjectHead
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.plan import Seen, needs_no_answer


class Fate(str, Enum):
    """What is to be done about an object. All but `done` are given to reconcile, which looks at the object itself."""

    DONE = "done"
    """The row was finished for exactly this content, policy and detector setting, so nothing is to be done."""
    REPLAN = "replan"
    """The row was finished for this content by another policy. The kept answer is chosen from anew, without a call."""
    NO_CALL = "no_call"
    """The policy or the list already tells that no detector is asked; `Foretold.reason` says why."""
    ASK = "ask"
    """A detector has to be asked, or the list and the row cannot tell whether one has to be."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Foretold:
    """The fate of an object."""

    fate: Fate
    reason: Reason | None = None
    """It says why no detector is asked, also where the row says so already; None for an object with labels."""

    @property
    def may_pay(self) -> bool:
        """Return whether a call may be made after all: the kept answer of a finished row may belong to others, if
        IMAGELABELS_REUSE has changed, and a list does not tell whether an archived object was restored."""
        return self.fate in (Fate.ASK, Fate.REPLAN) or (self.fate, self.reason) == (Fate.NO_CALL, Reason.ARCHIVED)


_DECIDED = (State.LABELLED, State.SKIPPED)
"""A row in another state stands still and is tried again."""

_AT_SIGHT = frozenset(
    (
        Reason.FOLDER_MARKER,
        Reason.EMPTY,
        Reason.TOO_LARGE,
        Reason.ARCHIVED,
        Reason.UNSUPPORTED_FORMAT,
        Reason.EXCLUDED,
        Reason.SYMLINK,
    )
)
"""A row that was skipped for one of these may have no kept answer, so another policy may need a call."""


def fate(listed: Listed, seen: Seen, record: ImageRecord | None, digest: str, is_free: bool = True) -> Foretold:
    """Return what is to be done about a listed object.

    `seen` has the policy and the detector of now (Tools.seen), and its head does not matter. `record` is the row as a
    strong read shows it, and `digest` that of the policy of now. `is_free` is False where a delivery holds the lock of
    the row or left a reason beside it, so that work on the object is not done.
    """
    right = record if record is not None and is_free and _is_finished(record, listed, seen.setting) else None
    if right is not None and right.policy == digest:
        return Foretold(Fate.DONE, right.reason if isinstance(right.reason, Reason) else None)
    refusal = needs_no_answer(Seen(listed.ref, _head(listed), seen.policy, seen.taxonomy, seen.detector))
    if refusal is not None:
        return Foretold(Fate.NO_CALL, refusal.reason)
    if right is not None and right.reason not in _AT_SIGHT:
        return Foretold(Fate.REPLAN)
    return Foretold(Fate.ASK)


def _is_finished(record: ImageRecord, listed: Listed, setting: str) -> bool:
    """Return whether work on the content that is listed was finished, by whatever policy. An object that was archived
    and is not any more is not finished."""
    is_restored = record.reason == Reason.ARCHIVED and not is_archived(listed)
    is_held = holds(record, listed) or _is_same_link(record, listed)
    return record.state in _DECIDED and record.setting == setting and is_held and not is_restored


def _is_same_link(record: ImageRecord, listed: Listed) -> bool:
    """Return whether the row was written for a link that was not put anew since.

    A list shows the link itself, and HEAD shows the size and the ETag of its target, and the later one of both times:
    https://www.alibabacloud.com/help/en/oss/developer-reference/headobject
    """
    if record.reason != Reason.SYMLINK or record.head is None or listed.modified is None:
        return False
    return int(listed.modified) <= record.head.last_modified


def holds(record: ImageRecord, listed: Listed) -> bool:
    """Return whether a row was written for exactly the content that the list shows. What the list does not tell cannot
    differ, but an ETag is needed."""
    head = record.head
    if head is None or not listed.etag:
        return False
    is_same_second = listed.modified is None or int(listed.modified) == head.last_modified
    is_same_sum = listed.crc64 is None or head.crc64 is None or listed.crc64 == head.crc64
    return listed.etag.upper() == head.etag.upper() and listed.size == head.size and is_same_second and is_same_sum


def is_archived(listed: Listed) -> bool:
    """Return whether the storage class is one whose objects must be restored before they can be read.

    Those of OSS and COS are called Archive, ColdArchive, DeepColdArchive, ARCHIVE and DEEP_ARCHIVE. A list does not
    tell whether an object has been restored for some days.
    """
    return "archive" in listed.storage_class.lower()


def _head(listed: Listed) -> ObjectHead:
    """Return what HEAD would show as far as the list tells."""
    modified = int(listed.modified or 0)
    return ObjectHead(listed.etag, listed.size, listed.crc64, modified, archived=is_archived(listed))
