"""Uploads in parts through the vendor's SDK: what they make, their listings, their event and their errors."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from fastcrc import crc64

from emulator.core.parts import Change
from tests.emulator.running import COS_BUCKET, RunningCos, cos_refused

MB = 1024 * 1024
FIRST, LAST = b"a" * MB, b"the end"


def begun(client: Any, key: str = "a", **options: Any) -> str:
    upload: str = client.create_multipart_upload(COS_BUCKET, key, **options)["UploadId"]
    return upload


def parts_of(client: Any, key: str, upload: str, *contents: bytes) -> dict[str, Any]:
    parts = [
        {"PartNumber": number, "ETag": client.upload_part(COS_BUCKET, key, content, number, upload)["ETag"]}
        for number, content in enumerate(contents, 1)
    ]
    return {"Part": parts}


def test_parts_become_one_object_with_what_was_said_when_they_began(client: Any, changes: list[Change]) -> None:
    said = {"ContentType": "image/jpeg", "StorageClass": "STANDARD_IA", "Metadata": {"x-cos-meta-who": "me"}}
    upload = begun(client, "图/a b.jpg", **said)
    parts = parts_of(client, "图/a b.jpg", upload, FIRST, LAST)
    done = client.complete_multipart_upload(COS_BUCKET, "图/a b.jpg", upload, parts)
    answer = client.get_object(COS_BUCKET, "图/a b.jpg")
    assert answer["Body"].get_raw_stream().read() == FIRST + LAST
    digests = b"".join(hashlib.md5(part).digest() for part in (FIRST, LAST))
    assert answer["ETag"] == done["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-2"'
    assert answer["x-cos-hash-crc64ecma"] == str(crc64.xz(FIRST + LAST))
    assert (answer["Content-Type"], answer["x-cos-meta-who"]) == ("image/jpeg", "me")
    assert answer["x-cos-storage-class"] == "STANDARD_IA"
    assert [(change.event, change.key, change.size) for change in changes] == [
        ("ObjectCreated:CompleteMultipartUpload", "图/a b.jpg", len(FIRST + LAST))
    ]


def test_the_uploader_sends_a_photo_of_three_megabytes_in_parts(
    client: Any, tmp_path: Path, changes: list[Change]
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(bytes(range(256)) * 4 * 1024 * 3)
    client.upload_file(COS_BUCKET, "photo.jpg", str(photo), PartSize=1, EnableMD5=True)
    assert client.get_object(COS_BUCKET, "photo.jpg")["Body"].get_raw_stream().read() == photo.read_bytes()
    assert [change.event for change in changes] == ["ObjectCreated:CompleteMultipartUpload"]


def test_a_part_is_copied_from_a_range_of_an_object(client: Any, cos: RunningCos) -> None:
    client.put_object(COS_BUCKET, FIRST + LAST, "source")
    upload = begun(client)
    source = {"Bucket": COS_BUCKET, "Key": "source", "Region": "ap-guangzhou"}
    copied = client.upload_part_copy(COS_BUCKET, "a", 1, upload, source, CopySourceRange=f"bytes=0-{MB - 1}")
    whole = client.upload_part_copy(COS_BUCKET, "a", 2, upload, source)
    assert copied["ETag"] == f'"{hashlib.md5(FIRST).hexdigest()}"'
    parts = [{"PartNumber": 1, "ETag": copied["ETag"]}, {"PartNumber": 2, "ETag": whole["ETag"]}]
    client.complete_multipart_upload(COS_BUCKET, "a", upload, {"Part": parts})
    assert client.get_object(COS_BUCKET, "a")["Body"].get_raw_stream().read() == FIRST + FIRST + LAST
    other = {**source, "Key": "none"}
    assert cos_refused(client.upload_part_copy, COS_BUCKET, "a", 1, begun(client), other) == (404, "NoSuchKey")
    beyond = {"CopySourceRange": f"bytes={2 * MB}-{3 * MB}"}
    refusal = cos_refused(client.upload_part_copy, COS_BUCKET, "a", 1, begun(client), source, **beyond)
    assert refusal == (416, "InvalidRange")


def test_an_aborted_upload_leaves_nothing(client: Any, changes: list[Change], tmp_path: Path) -> None:
    upload = begun(client)
    parts = parts_of(client, "a", upload, FIRST)
    assert cos_refused(client.delete_bucket, COS_BUCKET) == (409, "BucketNotEmpty")
    client.abort_multipart_upload(COS_BUCKET, "a", upload)
    assert cos_refused(client.abort_multipart_upload, COS_BUCKET, "a", upload) == (404, "NoSuchUpload")
    assert cos_refused(client.complete_multipart_upload, COS_BUCKET, "a", upload, parts) == (404, "NoSuchUpload")
    assert cos_refused(client.upload_part, COS_BUCKET, "a", b"x", 1, upload) == (404, "NoSuchUpload")
    assert changes == []
    assert list((tmp_path / "cos" / "objects").iterdir()) == []


def test_what_cannot_be_put_together_is_refused_and_stays(client: Any) -> None:
    upload = begun(client)
    first, second = parts_of(client, "a", upload, b"small", LAST)["Part"]

    def completed(*parts: dict[str, Any]) -> tuple[int, str]:
        return cos_refused(client.complete_multipart_upload, COS_BUCKET, "a", upload, {"Part": list(parts)})

    assert completed(second, first) == (400, "InvalidPartOrder")
    assert completed({**first, "ETag": second["ETag"]}) == (400, "InvalidPart")
    assert completed(first, second) == (400, "EntityTooSmall")
    assert cos_refused(client.head_object, COS_BUCKET, "a")[0] == 404
    assert len(client.list_parts(COS_BUCKET, "a", upload)["Part"]) == 2


@pytest.mark.parametrize("number", [0, 10_001, "x"])
def test_the_number_of_a_part_is_1_to_10000(client: Any, number: object) -> None:
    upload = begun(client)
    assert cos_refused(client.upload_part, COS_BUCKET, "a", b"x", number, upload) == (400, "InvalidArgument")


def test_parts_are_listed_in_pages(client: Any) -> None:
    upload = begun(client, "a&<b>")
    parts_of(client, "a&<b>", upload, b"1", b"22", b"333")
    page = client.list_parts(COS_BUCKET, "a&<b>", upload, MaxParts=2)
    assert [(part["PartNumber"], part["Size"]) for part in page["Part"]] == [("1", "1"), ("2", "2")]
    assert (page["IsTruncated"], page["NextPartNumberMarker"], page["Key"]) == ("true", "2", "a&<b>")
    rest = client.list_parts(COS_BUCKET, "a&<b>", upload, PartNumberMarker=2)
    assert ([part["PartNumber"] for part in rest["Part"]], rest["IsTruncated"]) == (["3"], "false")


def test_uploads_are_listed_in_pages(client: Any) -> None:
    ids = {key: begun(client, key) for key in ("b/1", "b/2", "a", "图")}
    page = client.list_multipart_uploads(COS_BUCKET, MaxUploads=2)
    assert [upload["Key"] for upload in page["Upload"]] == ["a", "b/1"]
    assert (page["IsTruncated"], page["NextKeyMarker"], page["NextUploadIdMarker"]) == ("true", "b/1", ids["b/1"])
    rest = client.list_multipart_uploads(COS_BUCKET, KeyMarker="b/1", UploadIdMarker=ids["b/1"])
    assert [upload["Key"] for upload in rest["Upload"]] == ["b/2", "图"]
    folded = client.list_multipart_uploads(COS_BUCKET, Delimiter="/")
    assert [prefix["Prefix"] for prefix in folded["CommonPrefixes"]] == ["b/"]
