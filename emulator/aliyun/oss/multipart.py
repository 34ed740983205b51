"""Uploads in parts: https://help.aliyun.com/en/oss/developer-reference/multipart-upload-related-operations."""

from __future__ import annotations

import base64
from urllib.parse import quote

from emulator.aliyun.oss.writing import ENCRYPTION, source_of
from emulator.core.refusal import Refusal
from emulator.objectstore import conditions, encryption, multipart, times, versioning, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.multipart_lists import part_page, upload_page
from emulator.objectstore.pages import encoding, key_elements, name_writer, raw
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply, document

# Unproven parts-of-encrypted-uploads: ListParts tells in these elements how a client has encrypted an upload.
# Why: no page has them. A client that goes on with such an upload needs them, and the vendor's own tests expect them.
# Ask: begin an upload with the SDK's client that encrypts, and list its parts: the elements of the answer.
SEALED = {
    "ClientEncryptionKey": "key",
    "ClientEncryptionStart": "start",
    "ClientEncryptionCekAlg": "cek-alg",
    "ClientEncryptionWrapAlg": "wrap-alg",
    "ClientEncryptionDataSize": "data-size",
    "ClientEncryptionPartSize": "part-size",
}
"""The elements in which ListParts tells how a client has encrypted an upload. Each has the end of the header that said
so."""


async def begin(context: StoreContext, call: Call) -> Reply:
    encoded, key = key_elements(call.query, "", call.key)
    upload = multipart.begin(context, call)
    facts = [encoded, xml.text("Bucket", call.bucket), key, xml.text("UploadId", upload.id)]
    return document(xml.document("InitiateMultipartUploadResult", *facts), **encryption.shown(context, upload.headers))


async def put_part(context: StoreContext, call: Call) -> Reply:
    told = encryption.shown(context, context.upload(call).headers)
    part = await multipart.put_part(context, call)
    md5 = base64.b64encode(bytes.fromhex(part.etag)).decode()
    return Reply(200, {"ETag": f'"{part.etag}"', "Content-MD5": md5, "x-oss-hash-crc64ecma": part.crc64, **told})


async def copy_part(context: StoreContext, call: Call) -> Reply:
    """Copy a part. A range that cannot be read, or reaches beyond the source, stands for the whole source.

    https://help.aliyun.com/en/oss/developer-reference/uploadpartcopy
    """
    told = encryption.shown(context, context.upload(call).headers)
    source = source_of(context, call)
    context.check_restored(source)
    if not conditions.check(call, source, "x-oss-copy-source-"):
        return Reply(304)
    part = await multipart.copy_part(context, call, source, standard=False)
    etag = f'"{part.etag}"'
    body = xml.document("CopyPartResult", xml.text("LastModified", times.iso(part.modified)), xml.text("ETag", etag))
    return document(body, **{"ETag": etag, "x-oss-hash-crc64ecma": part.crc64, **told})


async def complete(context: StoreContext, call: Call) -> Reply:
    """Make the object of the parts that the body names, or of all with the header x-oss-complete-all.

    https://help.aliyun.com/en/oss/developer-reference/completemultipartupload
    """
    everything = call.header("x-oss-complete-all")
    if everything not in ("", "yes"):
        raise invalid("x-oss-complete-all", everything, "x-oss-complete-all must be yes.")
    if everything and call.header("content-length") not in ("", "0"):
        raise Refusal("MalformedXML", "With x-oss-complete-all the body must be empty.")
    encoded, key = key_elements(call.query, "", call.key)
    new = await multipart.complete(context, call, everything=bool(everything))
    location = f"{call.request.scheme}://{call.host}/{quote(raw(call.key))}"
    etag = f'"{new.etag}"'
    facts = [encoded, xml.text("Location", location), xml.text("Bucket", call.bucket), key, xml.text("ETag", etag)]
    body = xml.document("CompleteMultipartUploadResult", *facts)
    headers = {"ETag": etag, "x-oss-hash-crc64ecma": new.crc64} | encryption.shown(context, new.headers)
    return document(body, **headers, **versioning.header(context, new))


async def abort(context: StoreContext, call: Call) -> Reply:
    multipart.abort(context, call)
    return Reply(204)


async def parts(context: StoreContext, call: Call) -> Reply:
    """https://help.aliyun.com/en/oss/developer-reference/listparts."""
    encoded, key = key_elements(call.query, "", call.key)
    page = part_page(context, call)
    entries = (
        xml.element(
            "Part",
            xml.text("PartNumber", str(part.number)),
            xml.text("LastModified", times.iso(part.modified)),
            xml.text("ETag", f'"{part.etag}"'),
            xml.text("HashCrc64ecma", part.crc64),
            xml.text("Size", str(part.size)),
        )
        for part in page.parts
    )
    facts = [encoded, xml.text("Bucket", call.bucket), key, xml.text("UploadId", page.upload.id)]
    facts.append(xml.text("StorageClass", page.upload.storage_class))
    told = ((element, page.upload.headers.get(f"{ENCRYPTION}{end}")) for element, end in SEALED.items())
    facts += [xml.text(element, value) for element, value in told if value is not None]
    return document(xml.document("ListPartsResult", *facts, *page.elements(), *entries))


async def uploads(context: StoreContext, call: Call) -> Reply:
    """https://help.aliyun.com/en/oss/developer-reference/listmultipartuploads."""
    query = call.query
    name, page = name_writer(query, safe=""), upload_page(context, call)
    key, upload = page.last or ("", "")
    head = [
        xml.text("Bucket", call.bucket),
        xml.text("EncodingType", "url") if encoding(query) else "",
        name("KeyMarker", query.get("key-marker", "")),
        xml.text("UploadIdMarker", query.get("upload-id-marker", "")),
        name("NextKeyMarker", key),
        xml.text("NextUploadIdMarker", upload),
        name("Delimiter", query.get("delimiter", "")),
        name("Prefix", query.get("prefix", "")),
        xml.text("MaxUploads", str(page.limit)),
        xml.text("IsTruncated", str(page.last is not None).lower()),
    ]
    entries = (
        xml.element(
            "Upload",
            name("Key", upload.key),
            xml.text("UploadId", upload.id),
            xml.text("StorageClass", upload.storage_class),
            xml.text("Initiated", times.iso(upload.initiated)),
        )
        for upload in page.uploads
    )
    prefixes = (xml.element("CommonPrefixes", name("Prefix", prefix)) for prefix in page.prefixes)
    return document(xml.document("ListMultipartUploadsResult", *head, *entries, *prefixes))
