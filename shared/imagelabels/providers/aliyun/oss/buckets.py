"""Asks OSS how a bucket is set up, and stores and removes single objects there."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from oss2.exceptions import OssError

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Gone, NoBucket
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.aliyun.oss.client import OssBuckets, action, checked_key
from imagelabels.providers.aliyun.oss.failures import calling
from imagelabels.providers.kit.store import of_version

_UNLESS_THERE = {"x-oss-forbid-overwrite": "true"}
_HOST = re.compile(r"oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com")


class OssBucketSetup:
    """This is a port Buckets."""

    def __init__(self, buckets: OssBuckets) -> None:
        self._buckets = buckets

    def region(self, bucket: str) -> str:
        with calling(_info_of(bucket)):
            try:
                return str(self._buckets[bucket].get_bucket_info().location).removeprefix("oss-")
            except OssError as error:
                region = _region_in(error)
                if not region:
                    raise
                return region

    def versioning(self, bucket: str) -> str:
        with calling(_info_of(bucket)):
            return str(self._buckets[bucket].get_bucket_info().versioning_status or "")

    def retention(self, bucket: str) -> str:
        """A bucket has a policy for all of its objects, or one by which each object has a time of its own:
        https://help.aliyun.com/en/oss/developer-reference/getbucketobjectwormconfiguration"""
        policy = self._ask(bucket, "worm", "GetBucketWorm")
        if policy is not None:
            state, days = (policy.findtext(name) or "" for name in ("State", "RetentionPeriodInDays"))
            return f"a retention policy of {days} days ({state})"
        if self._ask(bucket, "objectWorm", "GetBucketObjectWormConfiguration") is not None:
            return "retention policies of single objects"
        return ""

    def routing_tags(self, bucket: str) -> tuple[str, ...]:
        """https://help.aliyun.com/en/oss/developer-reference/getmetaquerystatusv2: a RouteRule names a tag. The SDK's
        own method leaves it out."""
        answer = self._ask(bucket, "metaQuery", "GetMetaQueryStatus")
        rules = [] if answer is None else [element for rule in answer.iter("RouteRule") for element in rule.iter()]
        return tuple(text for element in rules if (text := (element.text or "").strip()))

    def put(self, ref: ObjectRef, content: bytes) -> ObjectRef:
        key = checked_key(ref)
        with calling(Call("PutObject", "oss:PutObject", ref.uri)):
            answer = self._buckets[ref.bucket].put_object(key, content, headers=_UNLESS_THERE)
        return replace(ref, version=answer.versionid or None)

    def delete(self, ref: ObjectRef) -> None:
        key = checked_key(ref)
        with calling(Call("DeleteObject", action("oss:DeleteObject", ref.version), ref.uri)):
            self._buckets[ref.bucket].delete_object(key, params=of_version(ref.version))

    def _ask(self, bucket: str, subresource: str, operation: str) -> ElementTree.Element | None:
        """Return the answer to a question about the bucket; None if OSS says that there is no such thing."""
        try:
            with calling(Call(operation, f"oss:{operation}", f"oss://{bucket}")):
                answer = self._buckets[bucket]._do("GET", bucket, "", params={subresource: ""})
                return ElementTree.fromstring(answer.read())
        except NoBucket:
            raise
        except Gone:
            return None


def _info_of(bucket: str) -> Call:
    return Call("GetBucketInfo", "oss:GetBucketInfo", f"oss://{bucket}")


def _region_in(error: Any) -> str:
    """Return the region that OSS names when the bucket is in another one; an empty text if it names none.

    It names the region to sign for, or the endpoint to ask.
    """
    host = _HOST.search(str(error.details.get("Endpoint", "")))
    return str(error.details.get("Region", "") or (host[1] if host else ""))
