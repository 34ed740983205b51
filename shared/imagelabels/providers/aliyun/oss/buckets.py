"""Asks OSS how a bucket is set up, and puts empty objects there."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Gone, NoBucket
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.aliyun.oss.client import OssBuckets, action, checked_key
from imagelabels.providers.aliyun.oss.failures import calling
from imagelabels.providers.kit.store import of_version

_UNLESS_THERE = {"x-oss-forbid-overwrite": "true"}


class OssBucketSetup:
    """This is a port Buckets."""

    def __init__(self, buckets: OssBuckets) -> None:
        self._buckets = buckets

    def region(self, bucket: str) -> str:
        return str(self._info(bucket).location).removeprefix("oss-")

    def versioning(self, bucket: str) -> str:
        return str(self._info(bucket).versioning_status or "")

    def retention(self, bucket: str) -> str:
        """A bucket has a policy for all of its objects, or one by which each object has a time of its own:
        https://help.aliyun.com/en/oss/developer-reference/getbucketobjectwormconfiguration"""
        policy = self._asked(bucket, "worm", "GetBucketWorm")
        if policy is not None:
            state, days = (policy.findtext(name) or "" for name in ("State", "RetentionPeriodInDays"))
            return f"a retention policy of {days} days ({state})"
        if self._asked(bucket, "objectWorm", "GetBucketObjectWormConfiguration") is not None:
            return "retention policies of single objects"
        return ""

    def routing_tags(self, bucket: str) -> tuple[str, ...]:
        """https://help.aliyun.com/en/oss/developer-reference/getmetaquerystatusv2: a RouteRule names a tag. The SDK's
        own method leaves it out."""
        answer = self._asked(bucket, "metaQuery", "GetMetaQueryStatus")
        rules = [] if answer is None else [element for rule in answer.iter("RouteRule") for element in rule.iter()]
        return tuple(text for element in rules if (text := (element.text or "").strip()))

    def put_empty(self, ref: ObjectRef) -> None:
        key = checked_key(ref)
        with calling(Call("PutObject", "oss:PutObject", ref.uri)):
            self._buckets[ref.bucket].put_object(key, b"", headers=_UNLESS_THERE)

    def delete(self, ref: ObjectRef) -> None:
        key = checked_key(ref)
        with calling(Call("DeleteObject", action("oss:DeleteObject", ref.version), ref.uri)):
            self._buckets[ref.bucket].delete_object(key, params=of_version(ref.version))

    def _info(self, bucket: str) -> Any:
        with calling(Call("GetBucketInfo", "oss:GetBucketInfo", f"oss://{bucket}")):
            return self._buckets[bucket].get_bucket_info()

    def _asked(self, bucket: str, subresource: str, operation: str) -> ElementTree.Element | None:
        """Return the answer to a question about the bucket; None if OSS says that there is no such thing."""
        try:
            with calling(Call(operation, f"oss:{operation}", f"oss://{bucket}")):
                answer = self._buckets[bucket]._do("GET", bucket, "", params={subresource: ""})
                return ElementTree.fromstring(answer.read())
        except NoBucket:
            raise
        except Gone:
            return None
