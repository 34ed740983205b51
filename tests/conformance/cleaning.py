"""Finds and removes what questions left behind: objects, all of their versions, and uploads that are not completed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from xml.etree import ElementTree

from tests.conformance.side import Side
from tests.conformance.stores import Request

LISTS = 2
"""One look at what is there takes so many requests for each bucket."""


class CannotList(Exception):
    """What is below the prefix could not be listed. The message says why."""


@dataclass(frozen=True, slots=True)
class Leftover:
    bucket: str
    key: str
    version: str = ""
    upload: str = ""

    def removal(self) -> Request:
        query = {"uploadId": self.upload} if self.upload else {"versionId": self.version} if self.version else {}
        return Request("DELETE", self.bucket, self.key, query, {})


@dataclass(frozen=True, slots=True)
class Found:
    leftovers: tuple[Leftover, ...]
    more: bool
    """Whether there is more than one page."""


def look(side: Side) -> Found:
    """List what is below the prefix in the buckets of a side, one page each."""
    leftovers, more = list[Leftover](), False
    for bucket in filter(None, (side.bucket, side.throwaway)):
        versions = _listed(side, bucket, "versions", "max-keys")
        uploads = _listed(side, bucket, "uploads", "max-uploads")
        for element in (*versions.iterfind("Version"), *versions.iterfind("DeleteMarker")):
            version = element.findtext("VersionId") or ""
            leftovers.append(Leftover(bucket, element.findtext("Key") or "", "" if version == "null" else version))
        for element in uploads.iterfind("Upload"):
            leftovers.append(Leftover(bucket, element.findtext("Key") or "", upload=element.findtext("UploadId") or ""))
        more = more or "true" in (versions.findtext("IsTruncated"), uploads.findtext("IsTruncated"))
    return Found(tuple(leftovers), more)


def remove(side: Side, own: Collection[str]) -> tuple[list[str], list[str]]:
    """Remove what has a key that a question makes. Return which keys of these are left, and which are somebody else's.

    `own` has the keys without the prefix.
    """
    ours = {side.prefix + key for key in own}
    for leftover in look(side).leftovers:
        if leftover.key in ours:
            side.send(leftover.removal())
    found = look(side)
    if found.more:
        raise CannotList(f"more than a thousand things lie below {side.prefix}, and only the first page was cleaned up")
    still = found.leftovers
    left, others = (
        {each.key for each in still if each.key in ours},
        {each.key for each in still if each.key not in ours},
    )
    return sorted(left), sorted(others)


def _listed(side: Side, bucket: str, kind: str, limit: str) -> ElementTree.Element:
    reply = side.send(Request("GET", bucket, "", {kind: "", "prefix": side.prefix, limit: "1000"}, {}))
    try:
        tree = ElementTree.fromstring(reply.body)
    except ElementTree.ParseError:
        tree = ElementTree.Element("none")
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    if reply.status != 200:
        code = tree.findtext("Code") or "no code"
        raise CannotList(f"GET ?{kind} of the bucket {bucket} was answered with {reply.status} {code}")
    return tree
