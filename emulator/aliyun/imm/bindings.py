"""AttachOSSBucket, DetachOSSBucket and GetOSSBucketAttachment: which project a bucket is bound to.

https://www.alibabacloud.com/help/en/imm/developer-reference/api-imm-2020-09-30-attachossbucket and its neighbours. No
page names the errors of these operations; the codes are those of IMM in general. The emulated OSS detects labels in
every bucket, bound or not.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timezone

from emulator.aliyun.imm.errors import invalid_parameter
from emulator.core.refusal import Refusal
from emulator.objectstore.store import ObjectStore

PARAMETERS: Mapping[str, frozenset[str]] = {
    "AttachOSSBucket": frozenset({"Description", "OSSBucket", "ProjectName"}),
    "DetachOSSBucket": frozenset({"OSSBucket"}),
    "GetOSSBucketAttachment": frozenset({"OSSBucket"}),
}
LONGEST_DESCRIPTION = 128


class Bindings:
    """The bindings of the account's buckets. They last as long as the emulator runs."""

    def __init__(self, store: ObjectStore, clock: Callable[[], float]) -> None:
        self._store, self._clock, self._lock = store, clock, threading.Lock()
        self.bound: dict[str, dict[str, str]] = {}

    def answer(self, action: str, params: Mapping[str, str], request_id: str) -> bytes:
        """Return the answer to one of the three operations."""
        bucket = params.get("OSSBucket", "")
        if not bucket:
            raise invalid_parameter("OSSBucket", "is required but not provided")
        if self._store.bucket(bucket) is None:
            raise Refusal("NoSuchBucket", "The bucket does not exist.")
        with self._lock:
            facts = self._attach(bucket, params) if action == "AttachOSSBucket" else self._known(bucket)
            if action == "DetachOSSBucket":
                del self.bound[bucket]
        shown = facts if action == "GetOSSBucketAttachment" else {}
        return json.dumps({"RequestId": request_id, **shown}, ensure_ascii=False).encode()

    def _attach(self, bucket: str, params: Mapping[str, str]) -> dict[str, str]:
        if bucket in self.bound:
            raise Refusal("ResourceAlreadyExists", "The specified resource OSSBucketAttachment already exists.")
        description = params.get("Description", "")
        if len(description) > LONGEST_DESCRIPTION:
            raise invalid_parameter("Description", f"may have {LONGEST_DESCRIPTION} characters")
        now = datetime.fromtimestamp(self._clock(), timezone.utc).isoformat(timespec="milliseconds")
        facts = {"ProjectName": params["ProjectName"], "Description": description, "CreateTime": now, "UpdateTime": now}
        self.bound[bucket] = facts
        return facts

    def _known(self, bucket: str) -> dict[str, str]:
        if bucket not in self.bound:
            raise Refusal("ResourceNotFound", "The specified resource OSSBucketAttachment is not found.")
        return self.bound[bucket]
