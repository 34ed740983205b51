"""What every handler has at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emulator.objectstore.call import Call
from emulator.objectstore.refusal import Refusal
from emulator.parts import Change, Detect, OnChange
from emulator.store import Bucket, Store, Stored


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
