"""Asks COS how a bucket is set up, and stores and removes single objects there."""

from __future__ import annotations

from dataclasses import replace
from mimetypes import guess_type
from xml.etree import ElementTree

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Gone, NoBucket
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.kit.store import of_version
from imagelabels.providers.tencent.cos.client import CosBuckets, checked_key
from imagelabels.providers.tencent.cos.failures import calling

_UNLESS_THERE = {"x-cos-forbid-overwrite": "true"}


class CosBucketSetup:
    """This is a port Buckets."""

    def __init__(self, buckets: CosBuckets) -> None:
        self._buckets = buckets

    def region(self, bucket: str) -> str:
        """HEAD would tell the region too, but not why it is refused."""
        with calling(Call("GetBucketLocation", "cos:GetBucketLocation", f"cos://{bucket}")):
            answer = self._buckets[bucket].ask("GET", params={"location": ""})
            return ElementTree.fromstring(answer.content).text or ""

    def versioning(self, bucket: str) -> str:
        answer = self._ask(bucket, "versioning", "GetBucketVersioning")
        return "" if answer is None else answer.findtext("{*}Status") or ""

    def retention(self, bucket: str) -> str:
        """https://cloud.tencent.com/document/product/436/70217"""
        answer = self._ask(bucket, "object-lock", "GetBucketObjectLockConfiguration")
        if answer is None or answer.findtext("{*}ObjectLockEnabled") != "Enabled":
            return ""
        days = answer.findtext("{*}Rule/{*}DefaultRetention/{*}Days")
        return "an object lock" + (f" of {days} days" if days else "")

    def routing_tags(self, bucket: str) -> tuple[str, ...]:
        """COS has no index that sorts objects by their tags."""
        return ()

    def recognised(self, bucket: str) -> bool:
        """Tell whether Cloud Infinite lists the bucket among those with AI content recognition.

        https://www.tencentcloud.com/document/product/1045/72921
        """
        with calling(Call("GET /ai_bucket", "ci:DescribeAiProcessBucket", f"cos://{bucket}")):
            answer = self._buckets[bucket].ask_ci("ai_bucket", {"bucketNames": bucket})
            listed_ids = ElementTree.fromstring(answer.content).iterfind("{*}AiBucketList/{*}BucketId")
            return bucket in [listed_id.text for listed_id in listed_ids]

    def put(self, ref: ObjectRef, content: bytes) -> ObjectRef:
        key = checked_key(ref)
        headers = {**_UNLESS_THERE, "Content-Type": guess_type(key)[0] or "application/octet-stream"}
        with calling(Call("PutObject", "cos:PutObject", ref.uri)):
            answer = self._buckets[ref.bucket].ask("PUT", key, headers=headers, data=content)
        return replace(ref, version=answer.headers.get("x-cos-version-id") or None)

    def delete(self, ref: ObjectRef) -> None:
        key = checked_key(ref)
        with calling(Call("DeleteObject", "cos:DeleteObject", ref.uri)):
            self._buckets[ref.bucket].ask("DELETE", key, of_version(ref.version), fine=(404,))

    def _ask(self, bucket: str, subresource: str, operation: str) -> ElementTree.Element | None:
        """Return the answer to a question about the bucket; None if COS says that there is no such thing."""
        try:
            with calling(Call(operation, f"cos:{operation}", f"cos://{bucket}")):
                answer = self._buckets[bucket].ask("GET", params={subresource: ""})
                return ElementTree.fromstring(answer.content)
        except NoBucket:
            raise
        except Gone:
            return None
