"""Holds what every operation of an object store works with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from emulator.core.parts import Change, Detect, OnChange
from emulator.core.refusal import Refusal
from emulator.objectstore.call import Call
from emulator.objectstore.dialect import Dialect
from emulator.objectstore.store import ObjectStore
from emulator.objectstore.stored import NULL, SYMLINK, Bucket, Stored
from emulator.objectstore.upload_store import NoSuchUpload, Part, Upload

RESTORE_SECONDS = 2.0
"""The restoring of an archived object takes so long. The services take minutes or hours."""


@dataclass(frozen=True, slots=True)
class StoreContext:
    """The store and its surroundings. `clock` gives seconds since the epoch."""

    store: ObjectStore
    dialect: Dialect
    detect: Detect | None
    on_change: OnChange | None
    region: str
    clock: Callable[[], float]
    check_again: Callable[[Call], object] = field(default=lambda call: None, kw_only=True)
    """Called when the body of a write of tags has come. It may raise the Refusal of a signature that has expired."""
    restore_seconds: float = field(default=RESTORE_SECONDS, kw_only=True)
    signature_clock: Callable[[], float] = field(default=time.time, kw_only=True)
    """Gives the time by which signatures are judged. It stays with the clients' when `clock` is moved forward."""

    def bucket(self, call: Call) -> Bucket:
        bucket = self.store.bucket(call.bucket)
        if bucket is None:
            raise Refusal("NoSuchBucket", details={"BucketName": call.bucket})
        return bucket

    def object(self, call: Call) -> Stored:
        """Return the version that the call names, or the current one."""
        version = call.query.get("versionId", "")
        stored = self.store.version(call.bucket, call.key, version)
        if stored is not None and not stored.marker:
            return stored
        details, prefix = {"Key": call.key}, self.dialect.headers
        shown = {f"{prefix}delete-marker": "true", f"{prefix}version-id": stored.version} if stored else {}
        if not version:
            raise Refusal("NoSuchKey", details=details, headers=shown)
        details |= {"VersionId": version}
        if stored is None:
            raise Refusal("NoSuchVersion", details=details)
        raise Refusal("MethodNotAllowed", details=details, headers=shown)

    def readable(self, call: Call) -> Stored:
        """Return the object as `seen` does. Its bytes are to be read, so an archived one is refused unless restored."""
        stored = self.object(call)
        target = self._target(stored)
        self.check_restored(target)
        return _through(stored, target)

    def seen(self, call: Call) -> Stored:
        """Return the object as a read sees it: a link has the bytes of its target, and all else is its own.

        https://help.aliyun.com/en/oss/developer-reference/headobject: the time is the later one of the two.
        """
        stored = self.object(call)
        return _through(stored, self._target(stored))

    def check_restored(self, stored: Stored) -> None:
        """Refuse an archived object whose bytes cannot be read now."""
        if stored.storage_class not in self.dialect.archived:
            return
        restoration, now = self.store.restores.find(stored), self.clock()
        if restoration is None or not restoration.ready <= now < restoration.until:
            raise Refusal("InvalidObjectState", details={"ObjectStatus": stored.storage_class})

    def _target(self, stored: Stored) -> Stored:
        """Return the object to which a link leads, and any other object itself."""
        if stored.kind != SYMLINK:
            return stored
        target = self.store.object(stored.bucket, stored.headers[self.dialect.link_target])
        if target is None:
            raise Refusal("SymlinkTargetNotExist", details={"Key": stored.key})
        if target.kind == SYMLINK:
            raise Refusal("InvalidTargetType", details={"Key": stored.key})
        return target

    def upload(self, call: Call) -> Upload:
        """Return the upload in parts that the call names by its id."""
        upload = call.query.get("uploadId", "")
        try:
            return self.store.uploads.find(call.bucket, call.key, upload)
        except NoSuchUpload:
            raise Refusal("NoSuchUpload", details={"UploadId": upload}) from None

    # Unproven events-of-parts: The event of a part has the size and the ETag of the part.
    # Why: no page says which size and ETag such an event has.
    # Ask: upload a part of a bucket with a trigger for ObjectCreated:*, and log the event of UploadPart.
    def uploading(self, call: Call, event: str, upload: Upload, part: Part | None = None) -> None:
        """Tell of a step of an upload in parts, where the vendor has an `event` for it."""
        if self.on_change is None or not event:
            return
        self.on_change(
            Change(
                event=event,
                bucket=upload.bucket,
                key=upload.key,
                etag=part.etag if part else "",
                size=part.size if part else 0,
                delta=part.size if part else 0,
                request_id=call.request_id,
                source_ip=call.remote,
                at=self.clock(),
                mime_type=upload.headers.get("content-type", ""),
                headers=upload.headers,
            )
        )

    def changed(self, call: Call | None, event: str, new: Stored | None, old: Stored | None) -> None:
        """Tell of a change that is on disk, from what there was to what there is now. One of the two may be None.

        There is no call if time alone has brought the change. Nothing is told where the vendor has no `event` for it.
        """
        stored = new or old
        if self.on_change is None or stored is None or not event:
            return
        size, old_size = new.size if new else 0, old.size if old else 0
        self.on_change(
            Change(
                event=event,
                bucket=stored.bucket,
                key=stored.key,
                etag=stored.etag,
                size=size,
                delta=size - old_size,
                request_id=call.request_id if call else "",
                source_ip=call.remote if call else "",
                at=self.clock(),
                mime_type=stored.headers.get("content-type", ""),
                headers=stored.headers,
                version=stored.version if stored.version != NULL else "",
                position=old_size if event == self.dialect.events.append else None,
            )
        )


def _through(link: Stored, target: Stored) -> Stored:
    if link is target:
        return link
    return replace(
        link,
        file=target.file,
        size=target.size,
        etag=target.etag,
        crc64=target.crc64,
        modified=max(link.modified, target.modified),
    )


# Unproven moment-of-tag-signature: A signature that expires while the body of a write of tags arrives is still good;
#   the option --tag-signature end turns this round.
# Why: no page of either vendor says when a store checks the signature.
# Ask: PUT ?tagging with a signed URL good for 5 seconds, and send the last byte of the body after 10: the status.
TAG_SIGNATURES = ("head", "end")
"""When the signature of a write of tags is checked: when its head has come, or once more when its body has come too."""


def checks_again(when: str, check: Callable[[Call], object]) -> Callable[[Call], object]:
    """Return the `check_again` of a context for one of TAG_SIGNATURES."""
    return check if when == "end" else lambda call: None
