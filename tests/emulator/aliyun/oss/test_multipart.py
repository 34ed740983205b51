"""Uploads in parts through the vendor's SDK: what they make, their listings, their events and their errors."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import oss2
import pytest
from fastcrc import crc64
from oss2.models import PartInfo

from emulator.core.parts import Change
from tests.emulator.running import Running, refused, running_oss

KB = 1024
FIRST, LAST = b"a" * 100 * KB, b"the end"


def read(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a call of the SDK that also reads the answer, which the SDK leaves unread, with its connection open."""

    def called(*args: Any, **options: Any) -> Any:
        result = call(*args, **options)
        result.resp.read()
        return result

    return called


def parts_of(bucket: Any, key: str, upload: str, *contents: bytes) -> list[Any]:
    return [
        PartInfo(number, bucket.upload_part(key, upload, number, content).etag)
        for number, content in enumerate(contents, 1)
    ]


def test_the_answer_to_a_part_has_its_md5(bucket: Any) -> None:
    upload = bucket.init_multipart_upload("a").upload_id
    told = bucket.upload_part("a", upload, 1, b"hello world").headers["Content-MD5"]
    assert told == base64.b64encode(hashlib.md5(b"hello world").digest()).decode()


def test_parts_become_one_object_with_what_was_said_when_they_began(bucket: Any, changes: list[Change]) -> None:
    headers = {
        "Content-Type": "image/jpeg",
        "x-oss-meta-who": "me",
        "x-oss-tagging": "k=v",
        "x-oss-storage-class": "IA",
    }
    upload = bucket.init_multipart_upload("图/a b.jpg", headers=headers).upload_id
    assert not bucket.object_exists("图/a b.jpg")
    done = read(bucket.complete_multipart_upload)(
        "图/a b.jpg", upload, parts_of(bucket, "图/a b.jpg", upload, FIRST, LAST)
    )
    answer = bucket.get_object("图/a b.jpg")
    assert answer.read() == FIRST + LAST
    digests = b"".join(hashlib.md5(part).digest() for part in (FIRST, LAST))
    assert answer.etag == done.etag == f"{hashlib.md5(digests).hexdigest().upper()}-2"
    assert answer.server_crc == done.crc == crc64.xz(FIRST + LAST)
    assert (answer.content_type, answer.headers["x-oss-meta-who"]) == ("image/jpeg", "me")
    assert (answer.object_type, answer.headers["x-oss-storage-class"]) == ("Multipart", "IA")
    assert bucket.get_object_tagging("图/a b.jpg").tag_set.tagging_rule == {"k": "v"}
    assert bucket.list_objects().object_list[0].type == "Multipart"
    assert [(change.event, change.key, change.size) for change in changes] == [
        ("ObjectCreated:InitiateMultipartUpload", "图/a b.jpg", 0),
        ("ObjectCreated:UploadPart", "图/a b.jpg", len(FIRST)),
        ("ObjectCreated:UploadPart", "图/a b.jpg", len(LAST)),
        ("ObjectCreated:CompleteMultipartUpload", "图/a b.jpg", len(FIRST + LAST)),
    ]
    assert (changes[-1].etag, changes[-1].mime_type) == (done.etag, "image/jpeg")


def test_the_uploader_that_goes_on_after_a_cut_sends_only_what_is_missing(
    bucket: Any, tmp_path: Path, changes: list[Change]
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(bytes(range(256)) * 4 * 1200)
    record = oss2.ResumableStore(root=str(tmp_path))

    sends = bucket.upload_part

    def cut(key: str, upload: str, number: int, data: Any, **more: Any) -> Any:
        if number == 4:
            raise ConnectionAbortedError
        return sends(key, upload, number, data, **more)

    options = {"store": record, "multipart_threshold": 200 * KB, "part_size": 200 * KB, "num_threads": 1}
    bucket.upload_part = cut
    with pytest.raises(ConnectionAbortedError):
        oss2.resumable_upload(bucket, "photo.jpg", str(photo), **options)
    bucket.upload_part = sends
    read(oss2.resumable_upload)(bucket, "photo.jpg", str(photo), **options)
    assert bucket.get_object("photo.jpg").read() == photo.read_bytes()
    events = [change.event.partition(":")[2] for change in changes]
    assert events == ["InitiateMultipartUpload", *["UploadPart"] * 6, "CompleteMultipartUpload"]


def test_a_part_may_come_out_of_order_and_twice(bucket: Any) -> None:
    upload = bucket.init_multipart_upload("a").upload_id
    last = bucket.upload_part("a", upload, 9, LAST)
    bucket.upload_part("a", upload, 2, b"x" * 100 * KB)
    first = bucket.upload_part("a", upload, 2, FIRST)
    bucket.upload_part("a", upload, 3, b"not named, so not in the object")
    read(bucket.complete_multipart_upload)("a", upload, [PartInfo(9, last.etag), PartInfo(2, first.etag)])
    assert bucket.get_object("a").read() == FIRST + LAST
    assert refused(bucket.upload_part, "a", upload, 1, b"late").code == "NoSuchUpload"
    assert refused(bucket.complete_multipart_upload, "a", upload, [PartInfo(2, first.etag)]).code == "NoSuchUpload"


def test_all_parts_are_taken_where_the_client_asks_for_it(bucket: Any) -> None:
    upload = bucket.init_multipart_upload("a").upload_id
    parts_of(bucket, "a", upload, FIRST, LAST)
    read(bucket.complete_multipart_upload)("a", upload, None, headers={"x-oss-complete-all": "yes"})
    assert bucket.get_object("a").read() == FIRST + LAST


def test_a_part_is_copied_from_an_object_or_from_a_range_of_it(bucket: Any, changes: list[Change]) -> None:
    bucket.put_object("source", FIRST + LAST)
    upload = bucket.init_multipart_upload("a").upload_id
    first = read(bucket.upload_part_copy)("photos", "source", (0, len(FIRST) - 1), "a", upload, 1)
    second = read(bucket.upload_part_copy)("photos", "source", None, "a", upload, 2)
    assert first.etag == hashlib.md5(FIRST).hexdigest().upper()
    read(bucket.complete_multipart_upload)("a", upload, [PartInfo(1, first.etag), PartInfo(2, second.etag)])
    assert bucket.get_object("a").read() == FIRST + FIRST + LAST
    assert [change.event for change in changes][2:4] == ["ObjectCreated:UploadPartCopy"] * 2
    other = bucket.init_multipart_upload("b").upload_id
    condition = {"x-oss-copy-source-if-match": "other"}
    call = refused(bucket.upload_part_copy, "photos", "source", None, "b", other, 1, headers=condition)
    assert (call.status, call.code) == (412, "PreconditionFailed")
    assert refused(bucket.upload_part_copy, "photos", "none", None, "b", other, 1).code == "NoSuchKey"


def test_an_aborted_upload_leaves_nothing(oss: Running, bucket: Any, changes: list[Change], tmp_path: Path) -> None:
    upload = bucket.init_multipart_upload("a").upload_id
    parts_of(bucket, "a", upload, FIRST)
    assert refused(bucket.delete_bucket).code == "BucketNotEmpty"
    bucket.abort_multipart_upload("a", upload)
    assert refused(bucket.abort_multipart_upload, "a", upload).code == "NoSuchUpload"
    assert refused(bucket.list_parts, "a", upload).code == "NoSuchUpload"
    assert changes[-1].event == "ObjectRemoved:AbortMultipartUpload"
    assert list((tmp_path / "objects").iterdir()) == []
    bucket.delete_bucket()


def completed(bucket: Any, upload: str, *parts: tuple[int, str]) -> oss2.exceptions.OssError:
    """Return the error of a completion, sent in exactly this order."""
    body = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag></Part>" for n, etag in parts)
    document = f"<CompleteMultipartUpload>{body}</CompleteMultipartUpload>"
    return refused(bucket._Bucket__do_object, "POST", "a", params={"uploadId": upload}, data=document)


def test_what_cannot_be_put_together_is_refused_and_stays(bucket: Any) -> None:
    upload = bucket.init_multipart_upload("a").upload_id
    first, second = (part.etag for part in parts_of(bucket, "a", upload, b"small", LAST))
    assert completed(bucket, upload, (2, second), (1, first)).code == "InvalidPartOrder"
    assert completed(bucket, upload, (1, first), (1, first)).code == "InvalidPartOrder"
    assert completed(bucket, upload, (1, second)).code == "InvalidPart"
    assert completed(bucket, upload, (1, first), (3, first)).code == "InvalidPart"
    error = completed(bucket, upload, (1, first), (2, second))
    assert (error.status, error.code, error.details["ProposedSize"]) == (400, "EntityTooSmall", "5")
    assert completed(bucket, upload).code == "MalformedXML"
    assert completed(bucket, "nothing", (1, first)).code == "NoSuchUpload"
    assert not bucket.object_exists("a")
    assert len(bucket.list_parts("a", upload).parts) == 2


@pytest.mark.parametrize("number", [0, 10_001, -1, "x", ""])
def test_the_number_of_a_part_is_1_to_10000(bucket: Any, number: object) -> None:
    upload = bucket.init_multipart_upload("a").upload_id
    error = refused(bucket.upload_part, "a", upload, number, b"x")
    assert (error.status, error.code, error.details["ArgumentName"]) == (400, "InvalidArgument", "partNumber")


def test_a_part_that_is_not_what_its_md5_says_is_not_kept(bucket: Any) -> None:
    upload = bucket.init_multipart_upload("a").upload_id
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    assert refused(bucket.upload_part, "a", upload, 1, b"x", headers={"Content-MD5": wrong}).code == "InvalidDigest"
    assert bucket.list_parts("a", upload).parts == []


def test_an_upload_in_parts_does_not_overwrite_where_the_writer_forbids_it(bucket: Any) -> None:
    forbids = {"x-oss-forbid-overwrite": "true"}
    upload = bucket.init_multipart_upload("a", headers=forbids).upload_id
    parts = parts_of(bucket, "a", upload, LAST)
    bucket.put_object("a", b"came first")
    error = refused(bucket.complete_multipart_upload, "a", upload, parts, headers=forbids)
    assert (error.status, error.code) == (409, "FileAlreadyExists")
    assert refused(bucket.init_multipart_upload, "a", headers=forbids).code == "FileAlreadyExists"
    assert bucket.get_object("a").read() == b"came first"


def test_parts_are_listed_in_pages(bucket: Any) -> None:
    key = "a&<\x01>"
    upload = bucket.init_multipart_upload(key).upload_id
    parts_of(bucket, key, upload, b"1", b"22", b"333")
    page = bucket.list_parts(key, upload, max_parts=2)
    assert [(part.part_number, part.size) for part in page.parts] == [(1, 1), (2, 2)]
    assert (page.is_truncated, page.next_marker) == (True, "2")
    rest = bucket.list_parts(key, upload, marker=page.next_marker)
    assert ([part.part_number for part in rest.parts], rest.is_truncated) == ([3], False)
    assert refused(bucket.list_parts, key, upload, max_parts=1001).code == "InvalidArgument"
    assert refused(bucket.list_parts, key, upload, marker="x").code == "InvalidArgument"
    assert refused(bucket.list_parts, "other", upload).code == "NoSuchUpload"


def listed(bucket: Any, **query: Any) -> list[str]:
    """Return the keys and prefixes of a listing of uploads, read page by page."""
    names, query = [], {"max_uploads": 1, **query}
    while True:
        page = bucket.list_multipart_uploads(**query)
        assert len(page.upload_list) + len(page.prefix_list) <= query["max_uploads"]
        names += [upload.key for upload in page.upload_list] + page.prefix_list
        if not page.is_truncated:
            return names
        query |= {"key_marker": unquote(page.next_key_marker), "upload_id_marker": page.next_upload_id_marker}


def test_uploads_are_listed_in_pages_by_key_and_then_by_id(bucket: Any) -> None:
    for key in ("b/1", "b/2", "a", "a", "a", "图", "c\x7f"):
        bucket.init_multipart_upload(key)
    everything = ["a", "a", "a", "b/1", "b/2", "c\x7f", "图"]
    assert listed(bucket) == listed(bucket, max_uploads=1000) == everything
    assert listed(bucket, delimiter="/") == ["a", "a", "a", "b/", "c\x7f", "图"]
    assert listed(bucket, prefix="b/") == ["b/1", "b/2"]
    assert listed(bucket, prefix="b/", delimiter="/") == ["b/1", "b/2"]
    assert listed(bucket, key_marker="a") == everything[3:]
    ids = [upload.upload_id for upload in bucket.list_multipart_uploads(prefix="a").upload_list]
    assert ids == sorted(ids)
    assert refused(bucket.list_multipart_uploads, max_uploads=0).code == "InvalidArgument"


def test_an_upload_survives_a_restart_and_a_lost_part_is_a_missing_one(tmp_path: Path) -> None:
    with running_oss(tmp_path) as oss:
        oss.store.create_bucket("photos")
        bucket = oss.bucket()
        upload = bucket.init_multipart_upload("a").upload_id
        parts = parts_of(bucket, "a", upload, FIRST, LAST)
        lost = oss.store.uploads.parts(oss.store.uploads.find("photos", "a", upload))[1].file
    lost.unlink()
    with running_oss(tmp_path) as oss:
        bucket = oss.bucket()
        assert refused(bucket.complete_multipart_upload, "a", upload, parts).code == "InvalidPart"
        bucket.upload_part("a", upload, 2, LAST)
        read(bucket.complete_multipart_upload)("a", upload, parts)
        assert bucket.get_object("a").read() == FIRST + LAST


def test_ten_thousand_parts_can_be_named(bucket: Any) -> None:
    upload = bucket.init_multipart_upload("a").upload_id
    parts = [PartInfo(number, "0" * 32) for number in range(1, 10_001)]
    assert refused(bucket.complete_multipart_upload, "a", upload, parts).code == "InvalidPart"


def test_an_acl_that_comes_with_the_last_request_is_that_of_the_object(bucket: Any) -> None:
    upload = bucket.init_multipart_upload("a").upload_id
    part = bucket.upload_part("a", upload, 1, b"x")
    acl = {"x-oss-object-acl": "public-read"}
    bucket.complete_multipart_upload("a", upload, [oss2.models.PartInfo(1, part.etag)], headers=acl)
    assert bucket.get_object_acl("a").acl == "public-read"


def test_a_client_that_goes_on_with_an_encrypted_upload_is_told_how_it_was_encrypted(oss: Running) -> None:
    bucket = oss.bucket()
    sealed = {"x-oss-meta-client-side-encryption-key": "k", "x-oss-meta-client-side-encryption-part-size": "102400"}
    upload = bucket.init_multipart_upload("a", headers=sealed).upload_id
    told = oss.ask("GET", "photos", "a", {"uploadId": upload})[2]
    assert b"<ClientEncryptionKey>k</ClientEncryptionKey>" in told
    assert b"<ClientEncryptionPartSize>102400</ClientEncryptionPartSize>" in told
    plain = bucket.init_multipart_upload("b").upload_id
    assert b"ClientEncryption" not in oss.ask("GET", "photos", "b", {"uploadId": plain})[2]


def test_the_object_of_an_upload_in_sequence_tells_the_md5_of_the_whole(bucket: Any) -> None:
    for params, told in (({}, None), ({"sequential": ""}, "2dr5c2H/pC5EG8INZPD5cw==")):
        upload = bucket.init_multipart_upload("a", params=params).upload_id
        parts = [PartInfo(n, bucket.upload_part("a", upload, n, b"x" * 102400).etag) for n in (1, 2)]
        bucket.complete_multipart_upload("a", upload, parts)
        assert bucket.get_object("a").headers.get("Content-MD5") == told


def test_the_version_of_a_copys_source_may_come_as_a_parameter_too(oss: Running, bucket: Any) -> None:
    bucket.put_object("a", b"x")
    assert bucket.copy_object("photos", "a", "b", params={"versionId": "null"}).status == 200
    upload = bucket.init_multipart_upload("c").upload_id
    assert bucket.upload_part_copy("photos", "a", None, "c", upload, 1, params={"versionId": "null"}).status == 200
    assert oss.ask("PUT", "photos", "d", {"versionId": "null"}, body=b"x")[0] == 501
    assert not bucket.object_exists("d")


def test_an_upload_in_sequence_takes_its_parts_one_after_the_other(bucket: Any) -> None:
    upload = bucket.init_multipart_upload("a", params={"sequential": ""}).upload_id
    assert refused(bucket.upload_part, "a", upload, 2, b"x").code == "PartNotSequential"
    bucket.upload_part("a", upload, 1, b"x")
    bucket.upload_part("a", upload, 2, b"x")
    assert bucket.upload_part("a", upload, 1, b"y").status == 200


def test_a_listing_of_uploads_takes_the_number_of_parts_that_ossutil_names(oss: Running) -> None:
    assert oss.ask("GET", "photos", params={"uploads": "", "max-parts": "1000"})[0] == 200
