"""These tests check how an inventory of a bucket is read, and what is said of one that cannot be trusted."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from imagelabels import clouds
from imagelabels.domain.errors import Gone, Misconfigured, Unavailable
from imagelabels.domain.inventory import Position
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import ObjectHead, ObjectRef, crc64
from imagelabels.usecases import inventory
from imagelabels.usecases.inventory import read_inventory, read_manifest
from tests.fakes import FakeObjects
from tests.inventories import COLUMNS, Shelf, packed, row

BOTH = pytest.mark.parametrize("dialect", ["oss", "cos"])


def read(shelf: Shelf, prefix: str = "", after: Position | None = None) -> list[tuple[Position, Listed]]:
    dialect = clouds.inventory_of(shelf.dialect)
    return list(read_inventory(shelf.objects, shelf.ref, dialect, shelf.bucket, prefix, after))


def keys(shelf: Shelf, prefix: str = "", after: Position | None = None) -> list[str]:
    return [listed.ref.key for _, listed in read(shelf, prefix, after)]


def fails(shelf: Shelf, words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        read(shelf)


@BOTH
def test_every_row_tells_what_a_list_would_tell(dialect: str) -> None:
    shelf = Shelf(dialect)
    shelf.write(packed(row("a.jpg"), row("b.jpg", "8")))
    assert read(shelf) == [
        ((0, 0), Listed(ObjectRef(dialect, shelf.bucket, "a.jpg"), "E7", 7, 1772347543.0, "Standard")),
        ((0, 1), Listed(ObjectRef(dialect, shelf.bucket, "b.jpg"), "E8", 8, 1772347543.0, "Standard")),
    ]


@BOTH
def test_the_manifest_tells_its_bucket_and_when_it_was_made(dialect: str) -> None:
    shelf = Shelf(dialect)
    shelf.write(packed(row("a.jpg")))
    manifest = read_manifest(shelf.objects, shelf.ref, clouds.inventory_of(dialect), shelf.bucket)
    assert (manifest.dialect, manifest.source_bucket, manifest.columns) == (dialect, shelf.bucket, COLUMNS)
    assert manifest.destination_bucket == shelf.ref.bucket
    assert manifest.made_at == (1772380800.0 if dialect == "oss" else None)
    assert not manifest.is_incremental


@BOTH
def test_percent_encoded_keys_are_decoded_and_a_plus_sign_stays(dialect: str) -> None:
    shelf = Shelf(dialect)
    shelf.write(packed(row("a%20b.jpg"), row("a+b.jpg"), row("a%2520b.jpg"), row("%E7%8B%97%0A%22.jpg")))
    assert keys(shelf) == ["a b.jpg", "a+b.jpg", "a%20b.jpg", '狗\n".jpg']


def test_quotes_and_newlines_in_a_key_do_not_end_its_row() -> None:
    shelf = Shelf()
    shelf.write(packed(row('say ""hi"",\nthere.jpg'), row("b.jpg")))
    assert keys(shelf) == ['say "hi",\nthere.jpg', "b.jpg"]


def test_a_resume_goes_on_behind_the_row_that_was_done_last() -> None:
    shelf = Shelf()
    shelf.write(packed(row("a"), row("b"), row("c")), packed(row("d"), row("e")))
    everything = read(shelf)
    for number, (position, _) in enumerate(everything):
        assert read(shelf, after=position) == everything[number + 1 :]


def test_a_resume_does_not_fetch_files_that_are_done() -> None:
    shelf = Shelf()
    shelf.write(packed(row("a")), packed(row("b")))
    shelf.objects.delete(shelf.at("data/0.csv.gz"))
    assert keys(shelf, after=(1, -1)) == ["b"]


def test_only_keys_with_the_prefix_are_told_and_the_numbers_of_rows_stay() -> None:
    shelf = Shelf()
    shelf.write(packed(row("a/1"), row("b/1"), row("a/2")))
    assert [(at, listed.ref.key) for at, listed in read(shelf, "a/")] == [((0, 0), "a/1"), ((0, 2), "a/2")]


VERSIONS = ("Bucket", "Key", "VersionId", "IsLatest", "IsDeleteMarker", "Size")


def test_older_versions_and_delete_markers_are_left_out() -> None:
    shelf = Shelf(columns=VERSIONS)
    shelf.write(
        packed(
            '"photos","a","v2","True","False","7"\n',
            '"photos","a","v1","False","False","6"\n',
            '"photos","b","v2","True","True",""\n',
            '"photos","b","v1","false","false","5"\n',
        )
    )
    assert [(at, listed.size) for at, listed in read(shelf)] == [((0, 0), 7)]


def test_an_inventory_of_delete_markers_alone_tells_of_nothing() -> None:
    shelf = Shelf(columns=VERSIONS)
    shelf.write(packed(*(f'"photos","{key}","v","True","True",""\n' for key in "abc")))
    assert read(shelf) == []


def test_an_inventory_without_files_tells_of_nothing() -> None:
    shelf = Shelf()
    shelf.write()
    assert read(shelf) == []


def test_an_incremental_inventory_tells_what_came_and_not_what_went() -> None:
    shelf = Shelf(columns=("RecordType", "Key", "Size"))
    shelf.write(packed("CREATE,a,1\n", "DELETE,b,\n", "UPDATE_METADATA,c,3\n"))
    assert keys(shelf) == ["a", "c"]
    assert read_manifest(shelf.objects, shelf.ref, clouds.inventory_of("oss"), "photos").is_incremental


def test_checksums_and_the_number_of_tags_are_told_where_the_inventory_has_them() -> None:
    shelf = Shelf(columns=("Key", "Size", "Crc64", "TaggingCount", "EncryptionStatus"))
    shelf.write(packed("a,1,42,3,True\n", "b,1,,,False\n"))
    told = [(listed.crc64, listed.tag_count) for _, listed in read(shelf)]
    assert told == [(crc64("xz", "42"), 3), (None, None)]


def test_an_inventory_of_another_bucket_is_refused_by_both_names() -> None:
    shelf = Shelf(fields={"sourceBucket": "acs:oss:::other"})
    shelf.write(packed(row("a")))
    fails(shelf, r"manifest.json is of the bucket 'other', not of 'photos'")


def test_a_missing_manifest_and_a_missing_data_file_are_named() -> None:
    shelf = Shelf()
    fails(shelf, r"oss://lists/lists/2026-03-01T16-00Z/manifest.json does not exist")
    shelf.write(packed(row("a")), packed(row("b")))
    shelf.objects.delete(shelf.at("data/1.csv.gz"))
    fails(shelf, r"oss://lists/data/1.csv.gz does not exist")


def test_a_data_file_of_another_size_is_not_used() -> None:
    shelf = Shelf()
    shelf.write(packed(row("a")))
    shelf.objects.put(shelf.at("data/0.csv.gz"), packed(row("a"), row("b")))
    fails(shelf, r"data/0.csv.gz has \d+ bytes, the manifest says \d+")


def test_no_row_of_a_data_file_with_another_hash_is_used() -> None:
    shelf = Shelf()
    right, wrong = packed(row("a")), packed(row("b"))
    assert len(right) == len(wrong)
    shelf.write(right)
    shelf.objects.put(shelf.at("data/0.csv.gz"), wrong)
    fails(shelf, r"data/0.csv.gz has the MD5 [0-9a-f]{32}, the manifest says [0-9a-f]{32}")


def test_an_archived_data_file_is_to_be_restored_first() -> None:
    shelf = Shelf()
    data = packed(row("a"))
    shelf.write(data)
    shelf.objects.put(shelf.at("data/0.csv.gz"), data, archived=True)
    fails(shelf, "is archived: restore it")


@pytest.mark.parametrize("missing", ["Key", "Size"])
def test_a_column_that_is_needed_is_named_when_it_is_missing(missing: str) -> None:
    shelf = Shelf(columns=tuple(name for name in COLUMNS if name != missing))
    shelf.write(packed(row("a")))
    fails(shelf, f"no column {missing}: choose the field")


def test_a_column_that_nobody_knows_is_refused_by_its_name() -> None:
    shelf = Shelf(columns=(*COLUMNS, "Mood"))
    shelf.write(packed(row("a")))
    fails(shelf, r"a column 'Mood' that is not known here")


def test_the_columns_of_users_metadata_are_known_in_cos() -> None:
    shelf = Shelf("cos", columns=("Key", "Size", "x-cos-meta-mood"))
    shelf.write(packed("a,1,good\n"))
    assert keys(shelf) == ["a"]


@pytest.mark.parametrize("form", ["ORC", "Parquet"])
def test_another_format_than_csv_is_refused_by_its_name(form: str) -> None:
    shelf = Shelf(fields={"fileFormat": form})
    shelf.write(b"ORC")
    fails(shelf, f"the data files of the inventory are '{form}', and only CSV can be read")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([row("a"), '"photos","b.jpg"\n'], "row 2 cannot be read: it has 2 columns instead of 6"),
        ([row("a"), '"photos","b.j'], "row 2 cannot be read: unexpected end of data"),
        ([row("a", "many")], "row 1 cannot be read: Size is 'many', which is not a number"),
        ([row("a", "9" * 5000)], "which is not a number"),
        ([row("%ff")], "row 1 cannot be read"),
        ([row("")], "its key is empty"),
        ([row("a").replace("2026-03-01", "yesterday")], "row 1 cannot be read: Invalid isoformat"),
        ([row("a" * 200_000)], "a line has more than 131072 bytes"),
        (['"photos","', "a\n" * 200_000], "row 1 cannot be read: (it has more than|field larger)"),
        (['a,"\n",' * 100_000], "row 1 cannot be read: it has more than 262144 bytes"),
    ],
    ids=["few columns", "cut off", "no size", "long size", "no utf-8", "no key", "no date", "long", "quote", "fields"],
)
def test_a_row_that_cannot_be_read_is_named(lines: list[str], words: str) -> None:
    shelf = Shelf()
    shelf.write(packed(*lines))
    fails(shelf, f"oss://lists/data/0.csv.gz: {words}" if words.startswith("row") else words)


@pytest.mark.parametrize(
    "data",
    [packed(row("a"))[:-9], b"no gzip at all", packed(row("a"))[:-20] + bytes(20), gzip.compress(b"\xff,\xfe\n")],
    ids=["cut off", "other bytes", "damaged", "no utf-8"],
)
def test_a_damaged_data_file_is_named(data: bytes) -> None:
    shelf = Shelf()
    shelf.write(data)
    fails(shelf, r"oss://lists/data/0.csv.gz(:| cannot be unpacked:)")


def test_a_file_that_unpacks_to_a_thousand_times_its_size_is_given_up() -> None:
    shelf = Shelf(columns=("Key", "Size"))
    shelf.write(gzip.compress((b"a" * 1000 + b",1\n") * 5000))
    told: list[tuple[Position, Listed]] = []
    with pytest.raises(Misconfigured, match="unpacks to more than 400 times its size"):
        told.extend(read_inventory(shelf.objects, shelf.ref, clouds.inventory_of("oss"), "photos"))
    assert 0 < len(told) < 5000


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xd8 a picture", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "has no list of files"),
        (b"{}", "has no list of files"),
        (b'{"files": [1], "fileFormat": "CSV", "fileSchema": "Key, Size"}', "it has no sourceBucket"),
    ],
)
def test_a_manifest_that_is_none_is_refused_with_what_to_name(data: bytes, words: str) -> None:
    shelf = Shelf()
    shelf.objects.put(shelf.ref, data)
    fails(shelf, f"manifest.json: the manifest .*{words}|{words}")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (1, "it has no md5checksum"),
        ({"key": "a", "size": 1}, "it has no md5checksum"),
        ({"key": "a", "size": 1, "MD5checksum": "1"}, "'1' is not an MD5"),
        ({"key": "a", "size": -1, "MD5checksum": "0" * 32}, "size is '-1', which is not a number"),
        (
            {"key": [], "size": 1, "MD5checksum": "0" * 32},
            "the key of a data file is not a text of 1 to 1024 characters",
        ),
        ({"size": 1, "MD5checksum": "0" * 32}, "it has no key"),
    ],
)
def test_a_manifest_whose_file_is_badly_described_is_refused(entry: Any, words: str) -> None:
    shelf = Shelf(fields={"files": [entry]})
    shelf.write()
    fails(shelf, words)


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ({"sourceBucket": "b" * 100_000}, []),
        ({"fileFormat": "b" * 100_000}, []),
        ({"fileSchema": "Key, Size, " + "b" * 100_000}, []),
        ({"creationTimestamp": "b" * 100_000}, []),
        ({"files": [{"key": "b" * 100_000, "size": 1, "MD5checksum": "0" * 32}]}, []),
        ({"files": [{"key": "b", "size": "b" * 100_000, "MD5checksum": "0" * 32}]}, []),
        ({}, [row("a").replace("2026-03-01", "b" * 100_000)]),
        ({}, [row("a", "b" * 100_000)]),
        ({}, [row("%ff" * 30_000)]),
    ],
)
def test_no_message_repeats_what_a_stranger_wrote_at_length(fields: dict[str, Any], lines: list[str]) -> None:
    shelf = Shelf(fields=fields)
    shelf.write(packed(*lines))
    with pytest.raises(Misconfigured) as caught:
        read(shelf)
    assert len(str(caught.value)) < 600


class Huge(FakeObjects):
    """Every object is said to have a gigabyte, and none of its bytes can be read."""

    def read(self, ref: ObjectRef, head: ObjectHead, start: int, length: int) -> bytes:
        raise AssertionError("nobody may read so much")


def test_a_manifest_of_a_gigabyte_is_not_read() -> None:
    shelf = Shelf()
    objects = Huge(shelf.objects.clock)
    objects.put(shelf.ref, b"{}", size=1024**3)
    with pytest.raises(Misconfigured, match="has 1073741824 bytes, and a manifest has at most"):
        read_manifest(objects, shelf.ref, clouds.inventory_of("oss"), "photos")


class Changing(FakeObjects):
    """Data files change between a look and a read."""

    def read(self, ref: ObjectRef, head: ObjectHead, start: int, length: int) -> bytes:
        if ref.key.startswith("data/"):
            raise Gone
        return super().read(ref, head, start, length)


def test_a_data_file_that_changes_while_it_is_read_is_named() -> None:
    shelf = Shelf()
    shelf.objects = Changing(shelf.objects.clock)
    shelf.write(packed(row("a")))
    fails(shelf, r"oss://lists/data/0.csv.gz has changed while it was read")


def test_a_data_file_is_read_in_pieces_of_bounded_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "CHUNK", 10)
    shelf = Shelf()
    shelf.write(packed(*(row(f"{number}.jpg") for number in range(50))))
    lengths: list[int] = []

    class Pieces(FakeObjects):
        def read(self, ref: ObjectRef, head: ObjectHead, start: int, length: int) -> bytes:
            lengths.extend([length] * ref.key.startswith("data/"))
            return super().read(ref, head, start, length)

    pieces = Pieces(shelf.objects.clock)
    pieces.there = shelf.objects.there
    shelf.objects = pieces
    assert len(keys(shelf)) == 50
    assert max(lengths) == 10


def test_ten_times_the_rows_take_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "CHUNK", 64 * 1024)

    def peak(rows: int) -> int:
        shelf = Shelf()
        shelf.write(packed(*(row(f"{number * 7919 % 104729}.jpg", str(number)) for number in range(rows))))
        tracemalloc.start()
        try:
            told = read_inventory(shelf.objects, shelf.ref, clouds.inventory_of("oss"), shelf.bucket)
            assert sum(1 for _ in told) == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)  # What is imported and kept once for all is none of it.
    assert peak(10_000) < 1.5 * peak(1_000)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ((1, 0), "has no data file with the number 1, behind which to go on: remove the checkpoint"),
        ((0, 2), "it has 2 rows, so a walk cannot go on behind the row 2: remove the checkpoint"),
    ],
)
def test_a_resume_behind_a_row_that_is_not_there_would_pass_all_objects_over(after: Position, words: str) -> None:
    shelf = Shelf()
    shelf.write(packed(row("a"), row("b")))
    assert read(shelf, after=(0, 1)) == []
    with pytest.raises(Misconfigured, match=words):
        read(shelf, after=after)


class Full(io.BytesIO):
    """A file on a disk that is full."""

    def write(self, data: object) -> int:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("opened", [lambda: _no_room(), Full], ids=["no file", "no room in it"])
def test_a_full_disk_is_told_with_what_to_set(monkeypatch: pytest.MonkeyPatch, opened: Callable[[], object]) -> None:
    monkeypatch.setattr("tempfile.TemporaryFile", opened)
    shelf = Shelf()
    shelf.write(packed(row("a")))
    with pytest.raises(Unavailable, match="set TMPDIR to a folder with more room"):
        read(shelf)


def _no_room() -> None:
    raise OSError(28, "No space left on device")


def test_the_version_that_was_looked_at_is_the_one_that_is_read() -> None:
    shelf = Shelf()
    shelf.write(packed(row("a")))
    seen: list[str | None] = []

    class Versions(FakeObjects):
        def read(self, ref: ObjectRef, head: ObjectHead, start: int, length: int) -> bytes:
            seen.append(ref.version)
            return super().read(replace(ref, version=None), head, start, length)

    versions = Versions(shelf.objects.clock)
    for uri, there in shelf.objects.there.items():
        versions.there[uri] = replace(there, head=replace(there.head, version="v7"))
    shelf.objects = versions
    assert keys(shelf) == ["a"]
    assert seen == ["v7", "v7"]
