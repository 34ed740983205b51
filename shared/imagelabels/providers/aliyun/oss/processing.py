"""Asks OSS to make something of an object: a GetObject with x-oss-process."""

from __future__ import annotations

from imagelabels.domain.calls import Call
from imagelabels.domain.model import ObjectHead, ObjectRef
from imagelabels.providers.aliyun.oss.client import OssBuckets, checked_key
from imagelabels.providers.aliyun.oss.failures import calling
from imagelabels.providers.kit.store import of_version


def processed(buckets: OssBuckets, ref: ObjectRef, head: ObjectHead, process: str, call: Call) -> bytes:
    """Return the answer about exactly the object that `head` saw: the ETag is the object's, whatever is made of it.

    https://help.aliyun.com/zh/oss/user-guide/faq-2. One attempt. Gone if it is another object now; what other failures
    mean depends on what `call` asks for.
    """
    key = checked_key(ref)
    with calling(call):
        result = buckets[ref.bucket].get_object(
            key,
            process=process,
            headers={"If-Match": f'"{head.etag}"'},
            params=of_version(head.version or ref.version),
        )
        if call.asks == "copy":
            # A JPEG is not compressed again: what says so is the uploader's word for the object.
            result.resp.response.raw.headers.discard("content-encoding")
        answer: bytes = result.read()
    return answer
