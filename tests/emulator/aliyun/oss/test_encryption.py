"""What OSS tells of server-side encryption. Nothing is encrypted here."""

from __future__ import annotations

from typing import Any

import pytest
from oss2.models import PartInfo, ServerSideEncryptionRule

from tests.emulator.running import Running, refused

SSE, KEY, DATA = (
    "x-oss-server-side-encryption",
    "x-oss-server-side-encryption-key-id",
    "x-oss-server-side-data-encryption",
)
Told = tuple[str | None, str | None, str | None]


def told(answer: Any) -> Told:
    """Return the algorithm, the key and the data algorithm in the headers of an answer."""
    return answer.headers.get(SSE), answer.headers.get(KEY), answer.headers.get(DATA)


def rule(algorithm: str, key: str = "", data: str = "") -> ServerSideEncryptionRule:
    return ServerSideEncryptionRule(algorithm, key, data)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({SSE: "AES256"}, ("AES256", None, None)),
        ({SSE: "SM4"}, ("SM4", None, None)),
        ({SSE: "AES256", DATA: "SM4"}, ("AES256", None, None)),
        ({SSE: "KMS", KEY: "mine"}, ("KMS", "mine", None)),
        ({SSE: "KMS", KEY: "mine", DATA: "SM4"}, ("KMS", "mine", "SM4")),
        ({DATA: "SM4"}, (None, None, None)),
    ],
)
def test_an_object_tells_how_its_writer_had_it_encrypted(bucket: Any, asked: dict[str, str], expected: Told) -> None:
    assert told(bucket.put_object("a", b"x", headers=asked)) == expected
    assert told(bucket.head_object("a")) == expected
    assert told(bucket.get_object("a")) == expected


def test_a_bucket_that_is_refused_for_its_encryption_would_be_there_all_the_same(oss: Running) -> None:
    assert oss.ask("PUT", "fresh", headers={SSE: "DES"})[0] == 400
    assert refused(oss.bucket("fresh").get_bucket_info).code == "NoSuchBucket"


def test_a_refused_put_of_a_bucket_would_change_how_its_objects_are_encrypted(oss: Running, bucket: Any) -> None:
    other = b"<CreateBucketConfiguration><StorageClass>IA</StorageClass></CreateBucketConfiguration>"
    assert oss.ask("PUT", headers={SSE: "SM4"}, body=other)[0] == 409
    assert told(bucket.put_object("a", b"x")) == (None, None, None)


def test_whoever_names_no_key_gets_one_of_the_store(bucket: Any) -> None:
    key = told(bucket.put_object("a", b"x", headers={SSE: "KMS"}))[1]
    assert key
    assert told(bucket.head_object("a"))[1] == key


def test_an_object_that_names_no_encryption_has_that_of_its_bucket(bucket: Any) -> None:
    bucket.put_object("before", b"x")
    bucket.put_bucket_encryption(rule("KMS", "mine", "SM4"))
    assert told(bucket.put_object("a", b"x")) == ("KMS", "mine", "SM4")
    assert told(bucket.put_object("b", b"x", headers={SSE: "AES256"})) == ("AES256", None, None)
    assert told(bucket.head_object("before")) == (None, None, None)
    bucket.delete_bucket_encryption()
    assert told(bucket.put_object("c", b"x")) == (None, None, None)
    assert told(bucket.head_object("a")) == ("KMS", "mine", "SM4")


def test_the_setting_of_a_bucket_is_read_back_and_stands_in_its_facts(bucket: Any) -> None:
    assert refused(bucket.get_bucket_encryption).code == "NoSuchServerSideEncryptionRule"
    assert bucket.get_bucket_info().bucket_encryption_rule.sse_algorithm is None
    bucket.put_bucket_encryption(rule("KMS", "mine", "SM4"))
    for shown in (bucket.get_bucket_encryption(), bucket.get_bucket_info().bucket_encryption_rule):
        assert (shown.sse_algorithm, shown.kms_master_keyid, shown.kms_data_encryption) == ("KMS", "mine", "SM4")
    bucket.put_bucket_encryption(rule("AES256", data="SM4"))
    assert bucket.get_bucket_encryption().kms_data_encryption is None


def test_an_unknown_algorithm_is_refused_and_leaves_nothing(bucket: Any) -> None:
    refusal = refused(bucket.put_object, "a", b"x", headers={SSE: "DES"})
    assert (refusal.status, refusal.code) == (400, "InvalidEncryptionAlgorithmError")
    assert refused(bucket.put_object, "a", b"x", headers={SSE: "KMS", DATA: "DES"}).code == "InvalidArgument"
    assert not bucket.object_exists("a")
    assert refused(bucket.put_bucket_encryption, rule("DES")).code == "InvalidEncryptionAlgorithmError"
    assert refused(bucket.put_bucket_encryption, rule("AES256", "mine")).code == "InvalidArgument"
    assert refused(bucket.put_bucket_encryption, rule("KMS", data="DES")).code == "InvalidArgument"


def test_every_step_of_an_upload_in_parts_tells_the_encryption_that_its_beginning_has_settled(bucket: Any) -> None:
    bucket.put_object("source", b"y" * 10)
    begun = bucket.init_multipart_upload("a", headers={SSE: "KMS", KEY: "mine"})
    part = bucket.upload_part("a", begun.upload_id, 1, b"x" * 102400)
    copied = bucket.upload_part_copy("photos", "source", None, "a", begun.upload_id, 2)
    done = bucket.complete_multipart_upload("a", begun.upload_id, [PartInfo(1, part.etag), PartInfo(2, copied.etag)])
    assert {told(answer) for answer in (begun, part, copied, done, bucket.head_object("a"))} == {("KMS", "mine", None)}


def test_an_operation_that_encrypts_nothing_does_not_take_the_header(bucket: Any) -> None:
    begun = bucket.init_multipart_upload("a")
    for refusal in (
        refused(bucket.upload_part, "a", begun.upload_id, 1, b"x", headers={SSE: "AES256"}),
        refused(bucket.delete_object, "a", headers={SSE: "AES256"}),
    ):
        assert (refusal.status, refusal.code, refusal.details["EC"]) == (400, "InvalidArgument", "0005-00000002")


def test_a_copy_is_encrypted_as_its_own_request_says_and_not_as_its_source(bucket: Any) -> None:
    bucket.put_object("a", b"x", headers={SSE: "KMS", "x-oss-meta-a": "1"})
    bucket.copy_object("photos", "a", "b")
    assert told(bucket.head_object("b")) == (None, None, None)
    assert bucket.head_object("b").headers["x-oss-meta-a"] == "1"
    assert told(bucket.copy_object("photos", "a", "b", headers={SSE: "AES256"})) == ("AES256", None, None)
    assert told(bucket.head_object("b")) == ("AES256", None, None)


def test_what_is_appended_later_is_encrypted_as_the_beginning(bucket: Any) -> None:
    assert told(bucket.append_object("a", 0, b"12", headers={SSE: "KMS", KEY: "mine"})) == ("KMS", "mine", None)
    assert told(bucket.append_object("a", 2, b"34", headers={SSE: "AES256"})) == ("KMS", "mine", None)


def test_nothing_is_encrypted_on_disk(oss: Running, bucket: Any) -> None:
    bucket.put_object("a", b"plain", headers={SSE: "AES256"})
    stored = oss.store.object("photos", "a")
    assert stored is not None
    assert stored.file.read_bytes() == b"plain"


def test_the_encryption_with_which_a_bucket_is_created_is_its_setting(oss: Running) -> None:
    bucket = oss.bucket("sealed", "v4")
    bucket.create_bucket(headers={SSE: "KMS", KEY: "mine", DATA: "SM4"})
    shown = bucket.get_bucket_info().bucket_encryption_rule
    assert (shown.sse_algorithm, shown.kms_master_keyid, shown.kms_data_encryption) == ("KMS", "mine", "SM4")
    assert told(bucket.put_object("a", b"x")) == ("KMS", "mine", "SM4")
