"""These tests check inventories as an unmodified SDK of COS configures them, and the files that the emulator writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from imagelabels import clouds
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.tencent.cos.client import CosBuckets
from imagelabels.providers.tencent.cos.objects import CosObjects
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from imagelabels.usecases.inventory import read_inventory
from tests.emulator.aging import DAY, Days, move
from tests.emulator.listing_out import ask, key_of, manifest, rows, wanted
from tests.emulator.running import COS_BUCKET, COS_REGION, ROOT, RunningCos, cos_refused, running_cos

CHINA = timezone(timedelta(hours=8))
LISTS = "lists-1250000000"
ODD = ["a b.jpg", "a+b.jpg", "a%20b.jpg", "照片/狗.jpg", 'say "hi",\nthere.jpg', "plain.jpg"]
FIELDS = [
    "Size",
    "LastModifiedDate",
    "ETag",
    "StorageClass",
    "IsMultipartUploaded",
    "ReplicationStatus",
    "Tag",
    "Crc64",
]


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def cos(tmp_path: Path, days: Days) -> Iterator[RunningCos]:
    with running_cos(tmp_path, clock=days.clock) as running:
        running.store.create_bucket(LISTS, "STANDARD")
        yield running


@pytest.fixture
def client(cos: RunningCos) -> Any:
    return cos.client()


def configuration(fields: list[str] | None = None, versions: str = "Current", **more: Any) -> dict[str, Any]:
    return {
        "Destination": {
            "COSBucketDestination": {
                "AccountId": "100000000001",
                "Bucket": f"qcs::cos:{COS_REGION}::{LISTS}",
                "Format": "CSV",
                "Prefix": "out",
            }
        },
        "IsEnabled": "true",
        "IncludedObjectVersions": versions,
        "OptionalFields": {"Field": fields or ["Size", "LastModifiedDate", "ETag", "StorageClass"]},
        "Schedule": {"Frequency": "Daily"},
        **more,
    }


def make(cos: RunningCos, **asked: Any) -> dict[str, Any]:
    return wanted(cos, **{"store": "cos", "bucket": COS_BUCKET, "id": "list1", **asked})


def read(client: Any, told: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    def get(key: str) -> bytes:
        data: bytes = client.get_object(LISTS, key)["Body"].get_raw_stream().read()
        return data

    tree = manifest(get, key_of(told["manifest"]))
    return tree, rows(get, tree)


def test_a_configuration_of_the_sdk_is_kept_shown_listed_and_removed(client: Any) -> None:
    for number in ("list1", "list2"):
        client.put_bucket_inventory(COS_BUCKET, number, configuration())
    kept = client.get_bucket_inventory(COS_BUCKET, "list1")
    assert kept["Destination"]["COSBucketDestination"]["Bucket"].endswith(LISTS)
    assert kept["OptionalFields"]["Field"] == ["Size", "LastModifiedDate", "ETag", "StorageClass"]
    listed = client.list_bucket_inventory_configurations(COS_BUCKET)
    assert [one["Id"] for one in listed["InventoryConfiguration"]] == ["list1", "list2"]
    client.delete_bucket_inventory(COS_BUCKET, "list1")
    assert cos_refused(client.get_bucket_inventory, COS_BUCKET, "list1") == (404, "NoSuchConfiguration")


def test_an_inventory_on_request_is_as_the_page_shows_it(cos: RunningCos, client: Any) -> None:
    for key in ODD:
        client.put_object(COS_BUCKET, key.encode(), key)
    client.put_bucket_inventory(COS_BUCKET, "list1", configuration(FIELDS))
    told = make(cos)
    folder = f"cos://{LISTS}/out/1250000000/photos/list1"
    assert re.fullmatch(rf"{folder}/\d{{8}}/manifest\.json", told["manifest"])
    assert all(re.fullmatch(rf"{folder}/[0-9a-f]{{32}}\.csv\.gz", uri) for uri in told["files"])
    tree, listed = read(client, told)
    named = ("sourceAppid", "sourceBucket", "destinationAppid", "destinationBucket", "fileFormat", "listObjectCount")
    assert [tree[name] for name in named] == ["1250000000", "photos", "1250000000", "lists", "CSV", str(len(ODD))]
    assert tree["fileSchema"] == "Appid, Bucket, Key, " + ", ".join(FIELDS)
    assert {(row["Appid"], row["Bucket"]) for row in listed} == {("1250000000", "photos")}
    assert {row["StorageClass"] for row in listed} == {"STANDARD"}


def test_tags_choose_objects_and_are_told(cos: RunningCos, client: Any) -> None:
    client.put_object(COS_BUCKET, b"1", "a")
    tags = [{"Key": "mood", "Value": "good"}, {"Key": "day", "Value": "1"}]
    client.put_object_tagging(COS_BUCKET, "a", {"TagSet": {"Tag": tags}})
    client.put_object(COS_BUCKET, b"1", "b")
    match = {"And": {"Prefix": "", "Tag": {"Key": "mood", "Value": "good"}}}
    client.put_bucket_inventory(COS_BUCKET, "list1", configuration(["Size", "Tag"], Filter=match))
    _, listed = read(client, make(cos))
    assert [(row["Key"], row["Tag"]) for row in listed] == [("a", "mood=good&day=1")]


def test_a_period_and_a_prefix_choose_objects(cos: RunningCos, client: Any, days: Days) -> None:
    client.put_object(COS_BUCKET, b"1", "in/a")
    client.put_object(COS_BUCKET, b"1", "out/a")
    client.put_bucket_inventory(COS_BUCKET, "list1", configuration(Filter={"Prefix": "in/"}))
    assert [row["Key"] for row in read(client, make(cos))[1]] == ["in/a"]
    later = {"Period": {"StartTime": str(int(days.now) + 60)}}
    client.put_bucket_inventory(COS_BUCKET, "list1", configuration(Filter=later))
    assert read(client, make(cos))[1] == []


def test_all_versions_are_told_with_their_markers(cos: RunningCos, client: Any) -> None:
    client.put_bucket_versioning(COS_BUCKET, "Enabled")
    client.put_object(COS_BUCKET, b"1", "a")
    client.put_object(COS_BUCKET, b"22", "a")
    client.delete_object(COS_BUCKET, "a")
    client.put_bucket_inventory(COS_BUCKET, "list1", configuration(["Size"], "All"))
    tree, listed = read(client, make(cos))
    assert tree["fileSchema"] == "Appid, Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size"
    told = [(row["IsLatest"], row["IsDeleteMarker"], row["Size"]) for row in listed]
    assert told == [("True", "True", ""), ("False", "False", "2"), ("False", "False", "1")]


def test_a_due_inventory_is_written_at_midnight_in_china(cos: RunningCos, client: Any, days: Days) -> None:
    client.put_object(COS_BUCKET, b"1", "a")
    client.put_bucket_inventory(COS_BUCKET, "list1", configuration())
    midnight = DAY - (days.now - 16 * 3600) % DAY
    assert move(cos, {"seconds": midnight - 1})["done"]["cos inventories"] == {"written": 0}
    assert move(cos, {"seconds": 1})["done"]["cos inventories"] == {"written": 1}


def test_weekly_and_monthly_inventories_follow_the_calendar_of_china(cos: RunningCos, client: Any, days: Days) -> None:
    client.put_object(COS_BUCKET, b"1", "a")
    for number, frequency in (("w", "Weekly"), ("m", "Monthly")):
        client.put_bucket_inventory(COS_BUCKET, number, configuration(Schedule={"Frequency": frequency}))
    made: dict[str, list[datetime]] = {"w": [], "m": []}
    move(cos, {"seconds": DAY - (days.now - 16 * 3600) % DAY})
    for _ in range(63):
        for number, moments in made.items():
            entries = client.list_objects(LISTS, Prefix=f"out/1250000000/photos/{number}/")
            found = [one for one in entries.get("Contents", []) if one["Key"].endswith("manifest.json")]
            if len(found) > len(moments):
                moments.append(datetime.fromtimestamp(days.now, CHINA))
        move(cos, {"days": 1})
    assert {moment.weekday() for moment in made["w"]} == {0}
    assert {moment.day for moment in made["m"]} == {1}
    assert len(made["w"]) in (9, 10)
    assert len(made["m"]) in (2, 3)


def test_cos_has_no_incremental_inventories(cos: RunningCos, client: Any) -> None:
    client.put_bucket_inventory(COS_BUCKET, "list1", configuration())
    status, told = ask(cos, store="cos", bucket=COS_BUCKET, id="list1", incremental=True)
    assert status == 400
    assert "asks for no incremental inventory" in told["error"]


def test_the_product_reads_what_the_emulator_writes_as_a_list_tells_it(cos: RunningCos, client: Any) -> None:
    for key in ODD:
        client.put_object(COS_BUCKET, key.encode(), key)
    client.put_bucket_inventory(COS_BUCKET, "list1", configuration())
    told = make(cos, rows=2)
    buckets = CosBuckets(cos.endpoint, COS_REGION, {}, TencentCredentials(TencentKeys(ROOT.id, ROOT.secret)))
    objects = CosObjects(buckets)
    cos.stack.callback(objects.close)
    ref = ObjectRef("cos", LISTS, key_of(told["manifest"]))
    found = [entry for _, entry in read_inventory(objects, ref, clouds.inventory_of("cos"), COS_BUCKET)]
    assert found == list(objects.list(COS_BUCKET))
