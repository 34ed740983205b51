"""These tests check inventories as an unmodified oss2 configures them, and the files that the emulator writes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import oss2
import pytest
from oss2 import models

from emulator.objectstore import inventories
from imagelabels import clouds
from imagelabels.domain.listing import Listed
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.oss.objects import OssObjects
from imagelabels.usecases.inventory import read_inventory
from tests.emulator.aging import DAY, Days, move
from tests.emulator.listing_out import ask, key_of, manifest, rows, wanted
from tests.emulator.running import REGION, ROOT, Running, running_oss

ODD = ["a b.jpg", "a+b.jpg", "a%20b.jpg", "照片/狗.jpg", 'say "hi",\nthere.jpg', "plain.jpg"]
ALL_FIELDS = [
    "Size",
    "LastModifiedDate",
    "ETag",
    "StorageClass",
    "IsMultipartUploaded",
    "EncryptionStatus",
    "ObjectAcl",
    "TaggingCount",
    "ObjectType",
    "Crc64",
]


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def oss(tmp_path: Path, days: Days) -> Iterator[Running]:
    with running_oss(tmp_path, clock=days.clock) as running:
        for name in ("photos", "lists"):
            running.bucket(name).create_bucket()
        yield running


def configuration(
    number: str = "daily",
    fields: list[str] | None = None,
    prefix: str | None = "out",
    versions: str = "Current",
    frequency: str = "Daily",
    destination: str = "lists",
    enabled: bool = True,
    **chosen: Any,
) -> Any:
    target = models.InventoryBucketDestination("1000", "acs:ram::1000:role/r", destination, "CSV", prefix)
    return models.InventoryConfiguration(
        number,
        enabled,
        versions,
        models.InventoryFilter(**chosen),
        models.InventoryDestination(target),
        models.InventorySchedule(frequency),
        fields if fields is not None else ["Size", "LastModifiedDate", "ETag", "StorageClass"],
    )


def read(oss: Running, told: dict[str, Any]) -> list[dict[str, str]]:
    return rows(lambda key: oss.bucket("lists").get_object(key).read(), tree(oss, told))


def tree(oss: Running, told: dict[str, Any]) -> dict[str, Any]:
    return manifest(lambda key: oss.bucket("lists").get_object(key).read(), key_of(told["manifest"]))


def make(oss: Running, **asked: Any) -> dict[str, Any]:
    return wanted(oss, **{"store": "oss", "bucket": "photos", "id": "daily", **asked})


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_a_configuration_of_oss2_is_kept_shown_listed_and_removed(oss: Running, version: str) -> None:
    bucket = oss.bucket("photos", version)
    bucket.put_bucket_inventory_configuration(configuration("a", prefix="out", lower_size_bound=1))
    bucket.put_bucket_inventory_configuration(configuration("b"))
    kept = bucket.get_bucket_inventory_configuration("a")
    assert (kept.inventory_id, kept.is_enabled, kept.inventory_schedule.frequency) == ("a", True, "Daily")
    assert kept.inventory_destination.bucket_destination.bucket == "lists"
    assert kept.inventory_filter.lower_size_bound == "1"
    listed = bucket.list_bucket_inventory_configurations()
    assert [one.inventory_id for one in listed.inventory_configurations] == ["a", "b"]
    bucket.delete_bucket_inventory_configuration("a")
    with pytest.raises(oss2.exceptions.OssError, match="NoSuchInventory"):
        bucket.get_bucket_inventory_configuration("a")


def test_an_inventory_on_request_lies_where_the_page_says_with_every_object(oss: Running) -> None:
    bucket = oss.bucket()
    for key in ODD:
        bucket.put_object(key, key.encode())
    bucket.put_bucket_inventory_configuration(configuration())
    told = make(oss)
    assert re.fullmatch(r"oss://lists/out/photos/daily/\d{4}-\d\d-\d\dT\d\d-\d\dZ/manifest\.json", told["manifest"])
    assert all(re.fullmatch(r"oss://lists/out/photos/daily/data/[0-9a-f-]{36}\.csv\.gz", key) for key in told["files"])
    assert told["rows"] == len(ODD)
    described = tree(oss, told)
    assert (described["sourceBucket"], described["destinationBucket"]) == ("photos", "lists")
    assert described["fileSchema"] == "Bucket, Key, Size, StorageClass, LastModifiedDate, ETag"
    heads = {one.key: one for one in oss2.ObjectIterator(bucket)}
    listed = read(oss, told)
    assert [row["Bucket"] for row in listed] == ["photos"] * len(ODD)
    assert [(int(row["Size"]), row["ETag"]) for row in listed] == [
        (heads[key].size, heads[key].etag) for key in sorted(ODD, key=str.encode)
    ]


def test_a_file_has_no_more_rows_than_were_asked_for(oss: Running) -> None:
    for number in range(7):
        oss.bucket().put_object(f"{number}.jpg", b"x")
    oss.bucket().put_bucket_inventory_configuration(configuration())
    told = make(oss, rows=3)
    files = [gzip.decompress(oss.bucket("lists").get_object(key_of(uri)).read()) for uri in told["files"]]
    assert [data.count(b"\n") for data in files] == [3, 3, 1]
    assert [row["Key"] for row in read(oss, told)] == [f"{number}.jpg" for number in range(7)]


def test_every_optional_field_is_told_of_the_object(oss: Running) -> None:
    headers = {"x-oss-tagging": "a=1&b=2", "x-oss-server-side-encryption": "AES256", "x-oss-object-acl": "public-read"}
    put = oss.bucket().put_object("a.jpg", b"x", headers=headers)
    oss.bucket().put_bucket_inventory_configuration(configuration(fields=ALL_FIELDS))
    (row,) = read(oss, make(oss))
    told = [row[name] for name in ("EncryptionStatus", "ObjectAcl", "TaggingCount", "ObjectType", "Crc64")]
    assert told == ["True", "public-read", "2", "Normal", str(put.crc)]
    assert row["IsMultipartUploaded"] == "False"


def test_all_versions_are_told_with_their_markers(oss: Running) -> None:
    bucket = oss.bucket()
    bucket.put_bucket_versioning(models.BucketVersioningConfig("Enabled"))
    versions = [bucket.put_object("a", b"1").versionid, bucket.put_object("a", b"22").versionid]
    bucket.put_object("b", b"1")
    marker = bucket.delete_object("b").versionid
    bucket.put_bucket_inventory_configuration(configuration(versions="All", fields=["Size"]))
    listed = read(oss, make(oss))
    assert list(listed[0]) == ["Bucket", "Key", "VersionId", "IsLatest", "IsDeleteMarker", "Size"]
    told = [(row["Key"], row["IsLatest"], row["IsDeleteMarker"], row["Size"]) for row in listed]
    assert told == [
        ("a", "True", "False", "2"),
        ("a", "False", "False", "1"),
        ("b", "True", "True", ""),
        ("b", "False", "False", "1"),
    ]
    assert [row["VersionId"] for row in listed][:3] == [versions[1], versions[0], marker]
    bucket.put_bucket_inventory_configuration(configuration(versions="Current", fields=["Size"]))
    assert [(row["Key"], row["Size"]) for row in read(oss, make(oss))] == [("a", "2")]


def test_no_version_is_lost_or_told_twice_at_the_end_of_a_page(oss: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = oss.bucket()
    bucket.put_bucket_versioning(models.BucketVersioningConfig("Enabled"))
    written = [(key, bucket.put_object(key, b"1").versionid) for key in "aabbbccd"]
    bucket.put_bucket_inventory_configuration(configuration(versions="All", fields=[]))
    for page in (1, 2, 3, 5):
        monkeypatch.setattr(inventories, "PAGE", page)
        listed = read(oss, make(oss))
        assert sorted((row["Key"], row["VersionId"]) for row in listed) == sorted(written)
        assert [row["Key"] for row in listed if row["IsLatest"] == "True"] == ["a", "b", "c", "d"]


def test_a_filter_leaves_out_what_does_not_fit(oss: Running, days: Days) -> None:
    bucket = oss.bucket()
    for key, data in (("in/small", b"1"), ("in/right", b"123"), ("in/large", b"1" * 9), ("out/right", b"123")):
        bucket.put_object(key, data)
    bucket.put_object("in/cold", b"123", headers={"x-oss-storage-class": "IA"})

    def keys(**chosen: Any) -> list[str]:
        bucket.put_bucket_inventory_configuration(configuration(**chosen))
        return [row["Key"] for row in read(oss, make(oss))]

    assert keys(prefix="out", lower_size_bound=2, upper_size_bound=4) == ["in/cold", "in/right", "out/right"]
    assert keys(storage_class="IA") == ["in/cold"]
    assert len(keys(storage_class="All")) == 5
    now = int(days.now)
    assert keys(last_modify_begin_time_stamp=now + 60) == []
    assert len(keys(last_modify_end_time_stamp=now + 60)) == 5


def test_a_prefix_chooses_keys(oss: Running) -> None:
    for key in ("in/a", "out/a", "ina"):
        oss.bucket().put_object(key, b"1")
    wanted_keys = configuration()
    wanted_keys.inventory_filter.prefix = "in/"
    oss.bucket().put_bucket_inventory_configuration(wanted_keys)
    assert [row["Key"] for row in read(oss, make(oss))] == ["in/a"]


def test_a_bucket_that_lists_itself_leaves_out_the_files_of_the_inventory(oss: Running) -> None:
    for number in range(4):
        oss.bucket().put_object(f"{number}", b"x")
    oss.bucket().put_bucket_inventory_configuration(configuration(destination="photos", prefix="zzz"))
    told = make(oss, rows=2)
    assert (told["rows"], len(told["files"])) == (4, 2)


def test_an_inventory_of_nothing_has_a_manifest_without_files(oss: Running) -> None:
    oss.bucket().put_bucket_inventory_configuration(configuration())
    assert tree(oss, make(oss))["files"] == []


def test_a_due_inventory_is_written_when_the_clock_passes_midnight(oss: Running, days: Days) -> None:
    oss.bucket().put_object("a", b"1")
    for number, frequency, enabled in (("d", "Daily", True), ("w", "Weekly", True), ("off", "Daily", False)):
        oss.bucket().put_bucket_inventory_configuration(configuration(number, frequency=frequency, enabled=enabled))

    def written(seconds: float) -> int:
        count: int = move(oss, {"seconds": seconds})["done"]["oss inventories"]["written"]
        return count

    assert written(DAY - days.now % DAY - 1) == 0
    daily = written(1)
    assert daily in (1, 2)  # The seventh midnight is that of the weekly one too.
    assert written(60) == 0
    assert sum(written(DAY) for _ in range(7)) + daily in (9, 10)
    kept = [one.key for one in oss2.ObjectIterator(oss.bucket("lists"), prefix="out/photos/")]
    assert sum(key.startswith("out/photos/d/") and key.endswith("manifest.json") for key in kept) == 8
    assert not [key for key in kept if key.startswith("out/photos/off/")]


INCREMENTAL = (
    "<IncrementalInventory><IsEnabled>true</IsEnabled><Schedule><Frequency>600</Frequency></Schedule><OptionalFields>"
    "<Field>RecordType</Field><Field>Size</Field></OptionalFields></IncrementalInventory>"
)


def with_incremental(oss: Running) -> None:
    oss.bucket().put_bucket_inventory_configuration(configuration())
    kept = oss.store.settings.get("photos", "inventory", "daily")
    assert kept is not None
    body = kept.replace("</InventoryConfiguration>", f"{INCREMENTAL}</InventoryConfiguration>").encode()
    assert oss.ask("PUT", params={"inventory": "", "inventoryId": "daily"}, body=body)[0] == 200


def test_an_incremental_inventory_tells_exactly_what_came_since_the_last_one(oss: Running, days: Days) -> None:
    oss.bucket().put_object("old", b"1")
    days.clock.move(10)
    with_incremental(oss)
    oss.bucket().put_object("new", b"12")
    told = make(oss, incremental=True)
    assert "/daily/incremental/" in told["manifest"]
    assert read(oss, told) == [{"RecordType": "CREATE", "Bucket": "photos", "Key": "new", "Size": "2"}]
    assert make(oss, incremental=True)["rows"] == 0
    oss.bucket().put_object("newer", b"1")  # The clock stands still, so this is the second of the last inventory.
    assert [row["Key"] for row in read(oss, make(oss, incremental=True))] == ["newer"]
    oss.bucket().put_object("new", b"123")
    days.clock.move(10)
    assert [row["Key"] for row in read(oss, make(oss, incremental=True))] == ["new"]
    assert make(oss, incremental=True)["rows"] == 0


def test_an_incremental_inventory_is_due_every_ten_minutes(oss: Running) -> None:
    with_incremental(oss)
    oss.bucket().put_object("new", b"12")
    done = move(oss, {"seconds": 600})["done"]
    assert done["oss inventories"]["written"] >= 1
    kept = [one.key for one in oss2.ObjectIterator(oss.bucket("lists"), prefix="out/photos/daily/incremental/")]
    assert sum(key.endswith("manifest.json") for key in kept) == 1


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"id": "nightly"}, "has no configuration 'nightly'"),
        ({"bucket": "other"}, "has no configuration 'daily'"),
        ({"store": "s3"}, "store must be one of oss"),
        ({"rows": 0}, "rows must be 1 to 100000"),
        ({"rows": "7"}, "rows must be 1 to 100000"),
        ({"incremental": 1}, "the body must be like"),
        ({"sort": True}, "the body must be like"),
        ({"incremental": True}, "asks for no incremental inventory"),
    ],
)
def test_an_inventory_that_cannot_be_written_says_why(oss: Running, asked: dict[str, Any], words: str) -> None:
    oss.bucket().put_bucket_inventory_configuration(configuration())
    status, told = ask(oss, **{"store": "oss", "bucket": "photos", "id": "daily", **asked})
    assert status == 400
    assert words in told["error"]


@pytest.mark.parametrize("body", [b"", b"[" * 60000, b"7", b"{}", b"x" * 70000])
def test_a_body_that_asks_for_no_inventory_is_refused(oss: Running, body: bytes) -> None:
    assert oss.raw("POST", "/_emulator/inventories", body=body)[0] == 400


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"fields": ["Size", "Mood"]}, "no optional field 'Mood'"),
        ({"destination": "nowhere"}, "there is no bucket 'nowhere'"),
        ({"lower_size_bound": "many"}, "LowerSizeBound is 'many', which is not a number"),
    ],
)
def test_a_configuration_that_cannot_be_carried_out_says_why(oss: Running, chosen: dict[str, Any], words: str) -> None:
    oss.bucket().put_bucket_inventory_configuration(configuration(**chosen))
    status, told = ask(oss, store="oss", bucket="photos", id="daily")
    assert (status, words in told["error"]) == (400, True), told
    assert move(oss, {"days": 2})["done"]["oss inventories"]["written"] == 0


def test_the_product_reads_what_the_emulator_writes_as_a_list_tells_it(oss: Running) -> None:
    for key in ODD:
        oss.bucket().put_object(key, key.encode())
    oss.bucket().put_bucket_inventory_configuration(configuration())
    told = make(oss, rows=2)
    objects = OssObjects(oss.endpoint, REGION, AliyunCredentials(AliyunKeys(ROOT.id, ROOT.secret)))
    oss.stack.callback(objects.close)
    listed = list(objects.list("photos"))
    ref = type(listed[0].ref)("oss", "lists", key_of(told["manifest"]))
    found: list[Listed] = [entry for _, entry in read_inventory(objects, ref, clouds.inventory_of("oss"), "photos")]
    assert found == listed
