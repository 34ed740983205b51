"""What COS tells of server-side encryption. Nothing is encrypted here."""

from __future__ import annotations

from typing import Any

from tests.emulator.running import COS_BUCKET as BUCKET
from tests.emulator.running import cos_refused

SSE, KEY = "x-cos-server-side-encryption", "x-cos-server-side-encryption-cos-kms-key-id"


def setting(element: str, **values: str) -> dict[str, Any]:
    return {"Rule": [{element: values}]}


def test_an_object_tells_how_its_writer_had_it_encrypted(client: Any) -> None:
    assert client.put_object(BUCKET, b"x", "a", ServerSideEncryption="AES256")[SSE] == "AES256"
    assert client.head_object(BUCKET, "a")[SSE] == "AES256"
    answer = client.put_object(BUCKET, b"x", "b", ServerSideEncryption="cos/kms", SSEKMSKeyId="mine")
    assert (answer[SSE], answer[KEY]) == ("cos/kms", "mine")
    assert client.head_object(BUCKET, "b")[KEY] == "mine"


def test_an_object_that_names_no_encryption_has_that_of_its_bucket(client: Any) -> None:
    assert cos_refused(client.get_bucket_encryption, BUCKET) == (404, "NoSuchEncryptionConfiguration")
    client.put_bucket_encryption(BUCKET, setting("ApplyServerSideEncryptionByDefault", SSEAlgorithm="KMS"))
    answer = client.put_object(BUCKET, b"x", "a")
    assert answer[SSE] == "cos/kms"
    assert answer[KEY]
    client.delete_bucket_encryption(BUCKET)
    assert SSE not in client.put_object(BUCKET, b"x", "b")


def test_the_sdks_own_example_of_the_setting_is_read_back_under_the_name_of_the_page(client: Any) -> None:
    client.put_bucket_encryption(BUCKET, setting("ApplySideEncryptionConfiguration", SSEAlgorithm="AES256"))
    rule = client.get_bucket_encryption(BUCKET)["Rule"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_an_unknown_algorithm_is_refused_and_leaves_nothing(client: Any) -> None:
    assert cos_refused(client.put_object, BUCKET, b"x", "a", ServerSideEncryption="DES")[0] == 400
    assert not client.object_exists(BUCKET, "a")
    wrong = setting("ApplyServerSideEncryptionByDefault", SSEAlgorithm="DES")
    assert cos_refused(client.put_bucket_encryption, BUCKET, wrong)[0] == 400


def test_every_step_of_an_upload_in_parts_tells_the_encryption_that_its_beginning_has_settled(client: Any) -> None:
    upload = client.create_multipart_upload(BUCKET, "a", ServerSideEncryption="AES256")["UploadId"]
    part = client.upload_part(BUCKET, "a", b"x", 1, upload)
    assert part[SSE] == "AES256"
    client.complete_multipart_upload(BUCKET, "a", upload, {"Part": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert client.head_object(BUCKET, "a")[SSE] == "AES256"


def test_a_copy_is_encrypted_as_its_own_request_says_and_not_as_its_source(client: Any) -> None:
    client.put_object(BUCKET, b"x", "a", ServerSideEncryption="AES256")
    source = {"Bucket": BUCKET, "Key": "a", "Region": "ap-guangzhou"}
    client.copy_object(BUCKET, "b", source)
    assert SSE not in client.head_object(BUCKET, "b")
