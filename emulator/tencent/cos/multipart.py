"""Uploads in parts: https://cloud.tencent.com/document/product/436/7746 and the pages beside it."""

from __future__ import annotations

from urllib.parse import quote

from emulator.core.refusal import Refusal
from emulator.objectstore import conditions, encryption, multipart, times, versioning, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.multipart_lists import part_page, upload_page
from emulator.objectstore.pages import encoding, key_elements, name_writer, raw
from emulator.objectstore.reply import Reply, document
from emulator.tencent.cos.owner import LISTED_INITIATOR, LISTED_OWNER
from emulator.tencent.cos.writing import source_of


async def begin(context: StoreContext, call: Call) -> Reply:
    encoded, key = key_elements(call.query, "/", call.key)
    upload = multipart.begin(context, call)
    facts = [encoded, xml.text("Bucket", call.bucket), key, xml.text("UploadId", upload.id)]
    return document(xml.document("InitiateMultipartUploadResult", *facts), **encryption.shown(context, upload.headers))


async def put_part(context: StoreContext, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/7750."""
    told = encryption.shown(context, context.upload(call).headers)
    part = await multipart.put_part(context, call)
    return Reply(200, {"ETag": f'"{part.etag}"', "x-cos-hash-crc64ecma": part.crc64, **told})


async def copy_part(context: StoreContext, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/8287."""
    told = encryption.shown(context, context.upload(call).headers)
    source = source_of(context, call)
    context.check_restored(source)
    if not conditions.check(call, source, "x-cos-copy-source-"):
        raise Refusal("PreconditionFailed")
    part = await multipart.copy_part(context, call, source, standard=True)
    facts = {"ETag": f'"{part.etag}"', "LastModified": times.iso(part.modified), "CRC64": part.crc64}
    body = xml.document("CopyPartResult", *(xml.text(name, value) for name, value in facts.items()))
    return document(body, **{"x-cos-hash-crc64ecma": part.crc64}, **told)


async def complete(context: StoreContext, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/7742."""
    encoded, key = key_elements(call.query, "/", call.key)
    new = await multipart.complete(context, call)
    location = f"{call.request.scheme}://{call.host}/{quote(raw(call.key))}"
    etag = f'"{new.etag}"'
    facts = [encoded, xml.text("Location", location), xml.text("Bucket", call.bucket), key, xml.text("ETag", etag)]
    body = xml.document("CompleteMultipartUploadResult", *facts)
    headers = {"ETag": etag, "x-cos-hash-crc64ecma": new.crc64} | encryption.shown(context, new.headers)
    return document(body, **headers, **versioning.header(context, new))


async def abort(context: StoreContext, call: Call) -> Reply:
    multipart.abort(context, call)
    return Reply(204)


async def parts(context: StoreContext, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/7747."""
    encoded, key = key_elements(call.query, "/", call.key)
    page = part_page(context, call)
    entries = (
        xml.element(
            "Part",
            xml.text("PartNumber", str(part.number)),
            xml.text("LastModified", times.iso(part.modified)),
            xml.text("ETag", f'"{part.etag}"'),
            xml.text("Size", str(part.size)),
        )
        for part in page.parts
    )
    facts = [
        xml.text("Bucket", call.bucket),
        encoded,
        key,
        xml.text("UploadId", page.upload.id),
        LISTED_INITIATOR,
        LISTED_OWNER,
        xml.text("StorageClass", page.upload.storage_class),
    ]
    return document(xml.document("ListPartsResult", *facts, *page.elements(), *entries))


async def uploads(context: StoreContext, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/7736."""
    query = call.query
    name, page = name_writer(query, safe="/"), upload_page(context, call)
    key, upload = page.last or ("", "")
    head = [
        xml.text("Bucket", call.bucket),
        xml.text("EncodingType", encoding(query)),
        name("KeyMarker", query.get("key-marker", "")),
        xml.text("UploadIdMarker", query.get("upload-id-marker", "")),
        name("NextKeyMarker", key),
        xml.text("NextUploadIdMarker", upload),
        xml.text("MaxUploads", str(page.limit)),
        xml.text("IsTruncated", str(page.last is not None).lower()),
        name("Prefix", query.get("prefix", "")),
        name("Delimiter", query.get("delimiter", "")),
    ]
    entries = (
        xml.element(
            "Upload",
            name("Key", upload.key),
            xml.text("UploadId", upload.id),
            xml.text("StorageClass", upload.storage_class),
            LISTED_INITIATOR,
            LISTED_OWNER,
            xml.text("Initiated", times.iso(upload.initiated)),
        )
        for upload in page.uploads
    )
    prefixes = (xml.element("CommonPrefixes", name("Prefix", prefix)) for prefix in page.prefixes)
    return document(xml.document("ListMultipartUploadsResult", *head, *entries, *prefixes))
