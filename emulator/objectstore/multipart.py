"""Uploads in parts, as every vendor has them: what is checked, what is stored, and which parts make the object."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from fastcrc import crc64

from emulator.core.refusal import Refusal
from emulator.objectstore import access, encryption, ranges
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.stored import Stored
from emulator.objectstore.upload_store import NoSuchUpload, Part, Upload
from emulator.objectstore.uploads import kept_headers, receive
from emulator.objectstore.writing import Content, commit, refuse_to_overwrite, storage_class_of, stored

MOST_PARTS = 10_000
"""An upload has at most so many parts: https://help.aliyun.com/en/oss/developer-reference/uploadpart,
https://cloud.tencent.com/document/product/436/7750."""
MOST_TAGS = 6 * MOST_PARTS + 10
"""The document that names all parts has so many tags: each part has an element with two others in it."""
BLOCK = 1024 * 1024


WHOLE = "content-md5"
"""The header that an object of an upload in sequence keeps. It is empty as long as the upload goes on."""


def begin(context: StoreContext, call: Call) -> Upload:
    """Begin an upload. What its object will be, except for its bytes, is settled now."""
    dialect = context.dialect
    bucket = context.bucket(call)
    acl = access.kept(call, dialect.acl)
    tags = dialect.tags_from_header(call.header(f"{dialect.headers}tagging"))
    storage_class = storage_class_of(context, call, bucket.storage_class)
    headers = kept_headers(call, dialect.metadata) | acl | encryption.kept(context, call)
    if "sequential" in call.query:
        headers[WHOLE] = ""
    refuse_to_overwrite(context, call)
    upload = context.store.uploads.begin(call.bucket, call.key, context.clock(), storage_class, headers, tags)
    context.uploading(call, dialect.events.begin, upload)
    return upload


async def put_part(context: StoreContext, call: Call) -> Part:
    """Store the body of the call as a part of an upload. One in sequence takes its parts one after the other."""
    number, upload = _number(call), context.upload(call)
    if WHOLE in upload.headers and number > len(context.store.uploads.parts(upload)) + 1:
        raise Refusal("PartNotSequential")
    file = context.store.new_file()
    try:
        size, md5, crc = await receive(call, file)
        part = Part(number, file, size, context.dialect.etag(md5), str(crc), int(context.clock()))
        _put(context, upload, part)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    context.uploading(call, context.dialect.events.part, upload, part)
    return part


async def copy_part(context: StoreContext, call: Call, source: Stored, standard: bool) -> Part:
    """Store the bytes of another object, or a range of them, as a part of an upload.

    `standard` is that of ranges.read.
    """
    number, upload = _number(call), context.upload(call)
    header = call.header(f"{context.dialect.headers}copy-source-range")
    start, length = (header and ranges.read(header, source.size, standard)) or (0, source.size)
    file = context.store.new_file()
    try:
        with context.store.pinned(source) as path:
            md5, crc = await asyncio.to_thread(_copied, path, file, start, length)
        part = Part(number, file, length, context.dialect.etag(md5), str(crc), int(context.clock()))
        _put(context, upload, part)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    context.uploading(call, context.dialect.events.part_copy, upload, part)
    return part


async def complete(context: StoreContext, call: Call, everything: bool = False) -> Stored:
    """Put parts together to the object. These are the parts that the body names, or with `everything` all of them."""
    upload, acl = context.upload(call), access.kept(call, context.dialect.acl)
    parts = context.store.uploads.parts(upload)
    if not everything:
        parts = _named(parts, await _names(call))
    if not parts:
        raise Refusal("MalformedXML", "An upload is completed with at least one part.")
    small = next((part for part in parts[:-1] if part.size < context.dialect.smallest_part), None)
    if small is not None:
        details = {"PartNumber": str(small.number), "MinSizeAllowed": str(context.dialect.smallest_part)}
        note = f"part {small.number} has {small.size} bytes, and the least is {context.dialect.smallest_part}"
        raise Refusal("EntityTooSmall", details=details | {"ProposedSize": str(small.size)}, note=note)
    refuse_to_overwrite(context, call)
    file = context.store.new_file()
    try:
        crc = await asyncio.to_thread(_joined, parts, file)
        whole = {WHOLE: await asyncio.to_thread(_md5, file)} if WHOLE in upload.headers else {}
        etag = f"{context.dialect.etag(_digest(parts))}-{len(parts)}"
        content = Content(file, sum(part.size for part in parts), etag, str(crc), "Multipart")
        headers = upload.headers | whole | acl
        new = stored(context, call, content, upload.storage_class, headers, upload.tags)
        new, old = commit(context, call, new, upload.id)
    except FileNotFoundError:
        # Another request has replaced a part, or ended the upload.
        file.unlink(missing_ok=True)
        raise Refusal("InvalidPart") from None
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    context.changed(call, context.dialect.events.complete, new, old)
    return new


def abort(context: StoreContext, call: Call) -> None:
    """Forget the upload and its parts."""
    upload = context.upload(call)
    try:
        context.store.uploads.abort(upload.bucket, upload.key, upload.id)
    except NoSuchUpload:
        raise Refusal("NoSuchUpload", details={"UploadId": upload.id}) from None
    context.uploading(call, context.dialect.events.abort, upload)


def _number(call: Call) -> int:
    number = call.query["partNumber"]
    if not re.fullmatch("[0-9]{1,5}", number) or not 1 <= int(number) <= MOST_PARTS:
        raise invalid("partNumber", number, f"Part number must be an integer between 1 and {MOST_PARTS}, inclusive.")
    return int(number)


def _put(context: StoreContext, upload: Upload, part: Part) -> None:
    try:
        context.store.uploads.put_part(upload, part)
    except NoSuchUpload:
        raise Refusal("NoSuchUpload", details={"UploadId": upload.id}) from None


async def _names(call: Call) -> list[tuple[int, str]]:
    """Return the numbers and ETags in the body of the request, whose numbers must rise."""
    tree = await call.document("CompleteMultipartUpload", MOST_TAGS)
    names: list[tuple[int, str]] = []
    for node in tree.findall("Part"):
        number = (node.findtext("PartNumber") or "").strip()
        if not re.fullmatch("[0-9]{1,5}", number):
            raise Refusal("MalformedXML", "A part has no number.")
        if names and int(number) <= names[-1][0]:
            raise Refusal("InvalidPartOrder", details={"PartNumber": number})
        names.append((int(number), (node.findtext("ETag") or "").strip().strip('"')))
    return names


def _named(parts: Sequence[Part], names: Sequence[tuple[int, str]]) -> list[Part]:
    by_number = {part.number: part for part in parts}
    for number, etag in names:
        part = by_number.get(number)
        if part is None or part.etag.lower() != etag.lower():
            raise Refusal("InvalidPart", details={"PartNumber": str(number), "ETag": etag})
    return [by_number[number] for number, _ in names]


# Unproven etag-of-parts: The ETag of an object of several parts is the MD5 of the MD5s of its parts, a hyphen and the
#   number of parts.
# Why: both vendors' pages say only that it is not the MD5 of the bytes.
# Ask: upload an object in one part: the ETag of the answer to CompleteMultipartUpload.
def _digest(parts: Sequence[Part]) -> bytes:
    """Return the MD5 of the MD5s of the parts."""
    return hashlib.md5(b"".join(bytes.fromhex(part.etag) for part in parts), usedforsecurity=False).digest()


def _joined(parts: Sequence[Part], file: Path) -> int:
    """Write the bytes of the parts to a new file, and return their CRC-64."""
    if len(parts) == 1:
        os.link(parts[0].file, file)
        return int(parts[0].crc64)
    crc = 0
    with file.open("xb", buffering=0) as out:
        for part in parts:
            with part.file.open("rb", buffering=0) as source:
                while block := source.read(BLOCK):
                    crc = crc64.xz(block, crc)
                    _write(out.fileno(), block)
    return crc


def _md5(file: Path) -> str:
    md5 = hashlib.md5(usedforsecurity=False)
    with file.open("rb", buffering=0) as source:
        while block := source.read(BLOCK):
            md5.update(block)
    return base64.b64encode(md5.digest()).decode()


def _copied(source: Path, file: Path, start: int, length: int) -> tuple[bytes, int]:
    """Copy a range of bytes to a new file, and return their MD5 and CRC-64."""
    md5, crc = hashlib.md5(usedforsecurity=False), 0
    with source.open("rb", buffering=0) as reader, file.open("xb", buffering=0) as out:
        reader.seek(start)
        left = length
        while left and (block := reader.read(min(left, BLOCK))):
            md5.update(block)
            crc = crc64.xz(block, crc)
            _write(out.fileno(), block)
            left -= len(block)
    return md5.digest(), crc


def _write(file: int, block: bytes) -> None:
    left = memoryview(block)
    while left:
        left = left[os.write(file, left) :]
