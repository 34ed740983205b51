"""These tests check which objects have the same content, and which of them may share an answer."""

from __future__ import annotations

from dataclasses import replace

from imagelabels.domain.content import answer_id, content_id
from imagelabels.domain.model import ObjectHead, ObjectRef, crc64

HEAD = ObjectHead("5D41402ABC4B2A76B9719D911017C592", 5, crc64("xz", "123"), 1_700_000_000)
REF = ObjectRef("oss", "photos", "a.jpg")


def test_the_same_bytes_are_the_same_content_whenever_and_wherever_they_are_put() -> None:
    assert content_id(replace(HEAD, last_modified=1, version="v2", content_type="x")) == content_id(HEAD)
    assert content_id(replace(HEAD, etag=HEAD.etag.lower())) == content_id(HEAD)


def test_other_bytes_are_another_content() -> None:
    others = [replace(HEAD, size=6), replace(HEAD, crc64=crc64("xz", "124")), replace(HEAD, etag="0" * 32)]
    assert len({content_id(head) for head in [HEAD, *others]}) == 4


def test_bytes_put_in_parts_are_told_by_size_and_crc() -> None:
    parts = replace(HEAD, etag=HEAD.etag + "-3")
    assert content_id(parts) == content_id(replace(parts, etag="0" * 32 + "-9"))
    assert content_id(parts) != content_id(HEAD)


def test_without_a_crc_the_etag_tells() -> None:
    bare = replace(HEAD, crc64=None)
    assert content_id(bare) != content_id(replace(bare, etag="0" * 32))


def test_answers_are_shared_within_their_scope_and_setting_only() -> None:
    same_bucket, elsewhere = replace(REF, key="b.jpg"), replace(REF, bucket="other")
    assert answer_id(REF, HEAD, "s", "bucket") == answer_id(same_bucket, HEAD, "s", "bucket")
    assert answer_id(REF, HEAD, "s", "bucket") != answer_id(elsewhere, HEAD, "s", "bucket")
    assert answer_id(REF, HEAD, "s", "object") != answer_id(same_bucket, HEAD, "s", "object")
    assert answer_id(REF, HEAD, "s", "all") == answer_id(elsewhere, HEAD, "s", "all")
    assert answer_id(REF, HEAD, "s", "all") != answer_id(REF, HEAD, "t", "all")
    assert answer_id(replace(REF, version="v1"), HEAD, "s", "object") == answer_id(REF, HEAD, "s", "object")


def test_two_clouds_buckets_of_one_name_share_no_answer() -> None:
    on_cos = replace(REF, store="cos")
    assert answer_id(REF, HEAD, "s", "bucket") != answer_id(on_cos, HEAD, "s", "bucket")
    assert answer_id(REF, HEAD, "s", "all") == answer_id(on_cos, HEAD, "s", "all")


def test_a_paid_answer_that_was_kept_before_an_update_is_found_after_it() -> None:
    assert content_id(HEAD) == "d8278f02ee05a7b221aae51e3120b5073f680733de73567ea0e8b973e732b65d"
    assert answer_id(REF, HEAD, "s", "bucket") == "ff6d2dffb3c7616e62bd0a92fa9c75d7e80438a8fcafddf88cda9e67c4f471c7"


def test_a_crc_of_another_polynomial_is_never_taken_for_ours() -> None:
    """Both are decimal numbers of 64 bits: only the kind tells them apart."""
    ours, theirs = replace(HEAD, crc64=crc64("xz", "123")), replace(HEAD, crc64=crc64("nvme", "123"))
    assert ours != theirs
    assert content_id(ours) != content_id(theirs)
    assert answer_id(REF, ours, "s", "all") != answer_id(REF, theirs, "s", "all")


def test_the_content_of_kept_answers_is_told_as_by_the_first_releases() -> None:
    """Else every picture would be paid for a second time."""
    known = "d8278f02ee05a7b221aae51e3120b5073f680733de73567ea0e8b973e732b65d"
    assert content_id(HEAD) == known


def test_a_store_that_tells_no_crc_has_none() -> None:
    assert crc64("xz", None) is None
