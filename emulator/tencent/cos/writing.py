"""Writing objects: PutObject, AppendObject and CopyObject."""

from __future__ import annotations

from urllib.parse import unquote

from emulator.core.refusal import Refusal
from emulator.objectstore import access, appending, conditions, encryption, times, versioning, writing, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.stored import Stored
from emulator.objectstore.uploads import kept_headers
from emulator.tencent.cos import names
from emulator.tencent.cos.dialect import ACL, COS


async def put(context: StoreContext, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/7749."""
    if not call.header(names.PROCESSING):
        return Reply(200, (await _uploaded(context, call))[1])
    from emulator.tencent.cos import upload_processing  # it loads Pillow, which an idle emulator does without

    wanted = upload_processing.wanted(context, call)
    new, headers = await _uploaded(context, call)
    return await upload_processing.reply(context, call, new, wanted, headers)


async def _uploaded(context: StoreContext, call: Call) -> tuple[Stored, dict[str, str]]:
    """Keep the object, and return it with the headers of the answer."""
    new, _ = await writing.upload(context, call)
    headers = {"ETag": f'"{new.etag}"', "x-cos-hash-crc64ecma": new.crc64}
    return new, headers | versioning.header(context, new) | encryption.shown(context, new.headers)


async def append(context: StoreContext, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/7741."""
    header = "x-cos-storage-class"
    if "INTELLIGENT_TIERING" in call.header(header).upper():
        raise invalid(header, call.header(header), "Objects of this storage class are not appendable.")
    new = await appending.append(context, call)
    position = {"x-cos-next-append-position": str(new.size)}
    told = position | encryption.shown(context, new.headers)
    return Reply(200, {"ETag": f'"{new.etag}"', "x-cos-hash-crc64ecma": new.crc64, **told})


async def copy(context: StoreContext, call: Call) -> Reply:
    """Copy an object, with its headers and tags unless the request replaces them.

    Where a GET would answer 304, a copy answers 412: https://cloud.tencent.com/document/product/436/10881.
    """
    context.bucket(call)
    acl = access.kept(call, ACL)
    source = source_of(context, call)
    writing.check_copied(context, call, source)
    if not conditions.check(call, source, "x-cos-copy-source-"):
        raise Refusal("PreconditionFailed")
    headers = _copied_headers(call, source) | acl
    tags = source.tags
    if _replaces(call, "x-cos-tagging-directive"):
        tags = COS.tags_from_header(call.header("x-cos-tagging"))
    new = writing.copy(context, call, source, headers, tags)
    facts = {"ETag": f'"{new.etag}"', "LastModified": times.iso(new.modified), "CRC64": new.crc64}
    body = xml.document("CopyObjectResult", *(xml.text(name, value) for name, value in facts.items()))
    headers = {"ETag": f'"{new.etag}"', "x-cos-hash-crc64ecma": new.crc64}
    headers |= encryption.shown(context, new.headers)
    return document(body, **headers, **writing.version_headers(context, source, new))


def source_of(context: StoreContext, call: Call) -> Stored:
    """Return the object that x-cos-copy-source names as <bucket>.cos.<region>.myqcloud.com/<key>, URL-encoded."""
    place, _, query = call.header("x-cos-copy-source").partition("?")
    host, _, path = place.removeprefix("https://").removeprefix("http://").partition("/")
    key = unquote(path, errors="surrogateescape")
    named, _, version = query.partition("=")
    if named not in ("", "versionId"):
        raise invalid("x-cos-copy-source", place, "It may name a version with ?versionId= and nothing else.")
    form = names.HOST.fullmatch(host.lower())
    if form is None or form[1] is None or not key:
        raise invalid("x-cos-copy-source", place, "It must be <bucket>.cos.<region>.myqcloud.com/<key>, URL-encoded.")
    COS.keys.check(key)
    if form[2].partition(":")[0] != f"cos.{context.region}.myqcloud.com" or context.store.bucket(form[1]) is None:
        raise Refusal("NoSuchBucket", details={"x-cos-copy-source": host})
    return writing.source(context, form[1], key, unquote(version))


def _copied_headers(call: Call, source: Stored) -> dict[str, str]:
    """Return the headers of a copy, which never include the source's ACL."""
    if _replaces(call, "x-cos-metadata-directive"):
        return kept_headers(call, COS.metadata)
    return {name: value for name, value in source.headers.items() if name != ACL}


def _replaces(call: Call, name: str) -> bool:
    directive = call.header(name)
    if directive not in ("", "Copy", "Replaced"):
        raise invalid(name, directive, f"{name} must be Copy or Replaced.")
    return directive == "Replaced"
