"""Which content an object holds, and who may share its answer."""

from __future__ import annotations

import hashlib
import re
from typing import Literal

from imagelabels.domain.model import ObjectHead, ObjectRef

Reuse = Literal["object", "bucket", "all"]
"""Whose answer may be used again for the same content: the same object's, the same bucket's, anybody's."""

_MD5 = re.compile(r"[0-9A-Fa-f]{32}")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def content_id(head: ObjectHead) -> str:
    """The same for the same bytes put whole under any key; 64 hex digits.

    Size, CRC-64 with its kind, and MD5 (the ETag, when it is one) count together. A multipart ETag is no MD5, so the
    same bytes put in parts are another content. An uploader who chooses the bytes can forge the CRC of a multipart
    object: a bucket that strangers write to wants REUSE=object.
    """
    if head.crc64 is None:
        return _digest("etag", str(head.size), head.etag.upper())
    md5 = head.etag.upper() if _MD5.fullmatch(head.etag) else ""
    return _digest("crc64", str(head.size), head.crc64, md5)


def answer_id(ref: ObjectRef, head: ObjectHead, setting: str, reuse: Reuse) -> str:
    """Names the kept answer: this content, asked with this detector setting, within the scope that may share it."""
    scope = {"object": ref.uri, "bucket": f"{ref.store}://{ref.bucket}", "all": ""}[reuse]
    return _digest(scope, content_id(head), setting)
