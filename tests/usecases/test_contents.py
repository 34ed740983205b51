"""Objects that are taken for copies of each other would get each other's labels in the bill."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.listing import Listed
from imagelabels.domain.model import Corrections, ObjectHead, ObjectRef, crc64
from imagelabels.usecases.contents import MOST, Contents, Member, Piece, member
from imagelabels.usecases.walk import Place

PHOTOS = Place("oss", "photos", "")
MD5 = "0123456789ABCDEF0123456789ABCDEF"


def listed(key: str, etag: str = MD5, size: int = 10, sum_of_bytes: str | None = None) -> Listed:
    return Listed(ObjectRef("oss", "photos", key), etag, size, 5.0, crc64=crc64("xz", sum_of_bytes))


def pieces(*members: Member) -> list[Piece]:
    with Contents(PHOTOS, "bucket") as contents:
        contents.add(members)
        return list(contents.pieces())


def brought_together(*entries: Listed) -> list[set[str]]:
    return [
        {one.ref.key for one in piece.members} for piece in pieces(*(member(one, None, None, False) for one in entries))
    ]


def test_objects_of_another_size_or_etag_would_hold_the_same() -> None:
    assert brought_together(listed("a"), listed("b", etag=MD5.lower()), listed("c", size=11)) == [{"a", "b"}, {"c"}]


def test_uploads_in_parts_would_hold_the_same_without_a_checksum_that_says_so() -> None:
    two, three = f"{MD5}-2", f"{MD5}-3"
    assert len(brought_together(listed("a", two), listed("b", three))) == 2
    same = brought_together(listed("a", two, sum_of_bytes="7"), listed("b", three, sum_of_bytes="7"))
    assert same == [{"a", "b"}]
    assert len(brought_together(listed("a", two, sum_of_bytes="7"), listed("b", three, sum_of_bytes="8"))) == 2


def test_a_checksum_would_part_an_object_from_a_copy_whose_checksum_nobody_told() -> None:
    assert brought_together(listed("a", sum_of_bytes="7"), listed("b")) == [{"a", "b"}]


def test_objects_without_an_etag_would_all_hold_the_same() -> None:
    assert len(brought_together(listed("a", ""), listed("b", ""))) == 2


def test_with_answers_of_their_own_copies_would_share_one() -> None:
    with Contents(PHOTOS, "object") as contents:
        contents.add(member(listed(key), None, None, False) for key in "ab")
        assert [len(piece.members) for piece in contents.pieces()] == [1, 1]


@pytest.mark.parametrize("key", ["照片/狗 1.jpg", "line\nbreak", "\udcff.jpg", "nul\0"])
def test_what_is_known_of_an_object_would_be_lost_on_the_way_through_the_file(key: str) -> None:
    head = ObjectHead(MD5, 10, crc64("xz", "7"), 0, "v1", symlink=True)
    whole = Member(ObjectRef("oss", "photos", key), MD5, 10, head, 3, Corrections("c", ("cat",), ("dog",)), True)
    bare = replace(whole, head=None, tag_count=None, said=None, replan=False)
    unsummed = replace(whole, head=replace(head, crc64=None, version=None, symlink=False))
    assert pieces(whole, bare, unsummed) == [Piece((whole, bare, unsummed), is_first=True)]


def test_a_content_with_very_many_objects_would_fill_the_memory() -> None:
    members = [member(listed(f"{number:05}"), None, None, False) for number in range(2 * MOST + 1)]
    found = pieces(*members, member(listed("z", etag="F" * 32), None, None, False))
    assert [(len(piece.members), piece.is_first) for piece in found] == [
        (MOST, True),
        (MOST, False),
        (1, False),
        (1, True),
    ]


def test_an_answer_would_be_asked_for_twice() -> None:
    with Contents(PHOTOS, "bucket") as contents:
        assert [contents.ask(answer_id) for answer_id in ("a", "b", "a")] == [True, True, False]
