"""What every handler has at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from emulator.core.parts import Change, Detect, OnChange
from emulator.objectstore.call import Call
from emulator.objectstore.refusal import Refusal
from emulator.objectstore.store import Bucket, Store, Stored


@dataclass(frozen=True, slots=True)
class Context:
    """`clock` gives seconds since the epoch."""

    store: Store
    detect: Detect | None
    on_change: OnChange | None
    region: str
    clock: Callable[[], float]
    archived: frozenset[str]
    """Storage classes whose objects must be restored before they are read."""
    check_again: Callable[[Call], None] = field(default=lambda call: None, kw_only=True)
    """Called when the body of a write of tags has come: the Refusal of one whose signature has ended by then."""

    def bucket(self, call: Call) -> Bucket:
        found = self.store.bucket(call.bucket)
        if found is None:
            raise Refusal("NoSuchBucket", details={"BucketName": call.bucket})
        return found

    def object(self, call: Call) -> Stored:
        found = self.store.object(call.bucket, call.key)
        if found is None:
            raise Refusal("NoSuchKey", details={"Key": call.key})
        return found

    def readable(self, call: Call) -> Stored:
        """The object, whose bytes are to be read: archived ones must be restored first, which is not built."""
        found = self.object(call)
        if found.storage_class in self.archived:
            raise Refusal("InvalidObjectState", details={"ObjectStatus": found.storage_class})
        return found

    def changed(self, call: Call, event: str, now: Stored | None, before: Stored | None) -> None:
        """Tell of a change that is on disk: what there is now, what there was before (one of them may be None)."""
        shown = now or before
        if self.on_change is None or shown is None:
            return
        size = now.size if now else 0
        self.on_change(
            Change(
                event=event,
                bucket=shown.bucket,
                key=shown.key,
                etag=shown.etag,
                size=size,
                delta=size - (before.size if before else 0),
                request_id=call.request_id,
                source_ip=call.remote,
                at=self.clock(),
                mime_type=shown.headers.get("content-type", ""),
                headers=shown.headers,
            )
        )


TAG_SIGNATURES = ("head", "end")
"""When the signature of a write of tags is checked: when its head has come, or once more when the whole of it has. No
page of either vendor says which it is."""


def checks_again(when: str, check: Callable[[Call], None]) -> Callable[[Call], None]:
    """What Context.check_again does, by one of TAG_SIGNATURES."""
    return check if when == "end" else lambda call: None
