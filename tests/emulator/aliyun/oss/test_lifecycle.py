"""The lifecycle of objects on OSS, through the vendor's SDK, on a clock that the tests move."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from oss2.models import RestoreConfiguration

from emulator.core.parts import Change
from emulator.objectstore import aging
from tests.emulator.aging import DAY, Days
from tests.emulator.aliyun.oss.posting import post, signed_v1
from tests.emulator.aliyun.oss.test_versions import keep, put
from tests.emulator.forms import by_hand
from tests.emulator.running import Running, refused, running_oss

NONE_DONE = {"removed": 0, "moved": 0, "aborted": 0}


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def oss(tmp_path: Path, changes: list[Change], days: Days) -> Iterator[Running]:
    with running_oss(tmp_path, on_change=changes.append, clock=days.clock) as running:
        running.store.create_bucket("photos")
        yield running


def rule(*actions: str, prefix: str = "", more: str = "", status: str = "Enabled") -> str:
    return f"<Rule><Prefix>{prefix}</Prefix><Status>{status}</Status>{more}{''.join(actions)}</Rule>"


def expire(days: int) -> str:
    return f"<Expiration><Days>{days}</Days></Expiration>"


def to(storage_class: str, days: int, more: str = "") -> str:
    return f"<Transition><Days>{days}</Days><StorageClass>{storage_class}</StorageClass>{more}</Transition>"


def older(storage_class: str, days: int) -> str:
    return (
        f"<NoncurrentVersionTransition><NoncurrentDays>{days}</NoncurrentDays>"
        f"<StorageClass>{storage_class}</StorageClass></NoncurrentVersionTransition>"
    )


def keep_rules(bucket: Any, *rules: str, overlap: bool = False) -> None:
    headers = {"x-oss-allow-same-action-overlap": "true"} if overlap else {}
    bucket.put_bucket_lifecycle(f"<LifecycleConfiguration>{''.join(rules)}</LifecycleConfiguration>", headers)


def keys(bucket: Any) -> list[str]:
    return [listed.key for listed in bucket.list_objects_v2().object_list]


def shown(bucket: Any, key: str = "a") -> str:
    name: str = bucket.head_object(key).headers["x-oss-storage-class"]
    return name


def test_an_object_neither_outlives_its_rule_nor_dies_before(oss: Running, bucket: Any, days: Days) -> None:
    keep_rules(bucket, rule(expire(2), prefix="logs/"))
    put(bucket, "logs/a", b"x")
    put(bucket, "photos/a", b"x")
    due = days.due(2)
    assert days.go_to(oss, due - 1) == NONE_DONE
    assert keys(bucket) == ["logs/a", "photos/a"]
    assert days.go_to(oss, due) == NONE_DONE | {"removed": 1}
    assert keys(bucket) == ["photos/a"]
    put(bucket, "logs/a", b"new")
    assert days.later(oss, 1) == NONE_DONE


def test_a_rule_would_remove_a_version_that_somebody_holds(oss: Running, bucket: Any, days: Days) -> None:
    keep(bucket)
    worm = b"<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled></ObjectWormConfiguration>"
    assert oss.ask("PUT", params={"objectWorm": ""}, body=worm)[0] == 200
    keep_rules(
        bucket, rule("<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>")
    )
    held = put(bucket, "a", b"held")
    hold(oss, "ON")
    put(bucket, "a", b"older")
    put(bucket, "a", b"new")
    assert days.later(oss, 3) == NONE_DONE | {"removed": 1}
    assert bucket.get_object("a", params={"versionId": held}).read() == b"held"
    hold(oss, "OFF", {"versionId": held})
    assert days.later(oss, 1) == NONE_DONE | {"removed": 1}


def hold(oss: Running, status: str, version: Mapping[str, str] | None = None) -> None:
    body = f"<LegalHold><Status>{status}</Status></LegalHold>".encode()
    assert oss.ask("PUT", "photos", "a", {"legalHold": "", **(version or {})}, body=body)[0] == 200


def test_an_expired_object_tells_of_its_end(oss: Running, bucket: Any, days: Days, changes: list[Change]) -> None:
    keep_rules(bucket, rule(expire(1)))
    put(bucket, "a", b"four")
    days.later(oss, 2)
    assert [(change.event, change.key, change.size, change.delta) for change in changes] == [
        ("ObjectCreated:PutObject", "a", 4, 4),
        ("ObjectRemoved:DeleteObject", "a", 0, -4),
    ]
    assert changes[1].at == days.now


def test_clients_that_sign_with_the_real_time_are_let_in_after_the_clock_was_moved(
    oss: Running, bucket: Any, days: Days
) -> None:
    days.later(oss, 400)
    put(bucket, "a", b"x")
    assert bucket.head_object("a").last_modified == days.now
    assert oss.raw("GET", bucket.sign_url("GET", "a", 60).partition(oss.address)[2])[0] == 200
    assert post(oss, by_hand([("key", "form"), *signed_v1([]).items()], b"x"))[0] == 204


def test_a_date_ends_all_objects_and_a_creation_date_those_before_it_alone(
    oss: Running, bucket: Any, days: Days
) -> None:
    tomorrow = datetime.datetime.fromtimestamp(days.due(0), datetime.timezone.utc)
    text = tomorrow.strftime("%Y-%m-%dT00:00:00.000Z")
    keep_rules(
        bucket,
        rule(f"<Expiration><CreatedBeforeDate>{text}</CreatedBeforeDate></Expiration>", prefix="before/"),
        rule(f"<Expiration><Date>{text}</Date></Expiration>", prefix="date/"),
    )
    for key in ("before/a", "date/a"):
        put(bucket, key, b"x")
    assert days.go_to(oss, days.now) == NONE_DONE | {"removed": 1}
    assert keys(bucket) == ["date/a"]
    days.go_to(oss, tomorrow.timestamp())
    for key in ("before/new", "date/new"):
        put(bucket, key, b"x")
    assert days.later(oss, 0) == NONE_DONE | {"removed": 1}
    assert keys(bucket) == ["before/new"]


def test_tags_exceptions_and_sizes_choose_what_a_rule_is_for(oss: Running, bucket: Any, days: Days) -> None:
    tags = "<Tag><Key>k</Key><Value>1</Value></Tag><Tag><Key>who</Key><Value></Value></Tag>"
    other = "<Not><Prefix>n/keep</Prefix></Not><Not><Prefix>n/</Prefix><Tag><Key>k</Key><Value>1</Value></Tag></Not>"
    sizes = "<ObjectSizeGreaterThan>2</ObjectSizeGreaterThan><ObjectSizeLessThan>5</ObjectSizeLessThan>"
    keep_rules(
        bucket,
        rule(expire(1), prefix="t/", more=tags),
        rule(expire(1), prefix="n/", more=f"<Filter>{other}</Filter>"),
        rule(expire(1), prefix="s/", more=f"<Filter>{sizes}</Filter>"),
    )
    for key, header in (("t/both", "k=1&who&z=1"), ("t/one", "k=1"), ("t/none", ""), ("n/tagged", "k=1")):
        bucket.put_object(key, b"x", headers={"x-oss-tagging": header} if header else {}).resp.read()
    for key, size in (("n/keep/a", 1), ("n/a", 1), ("s/2", 2), ("s/3", 3), ("s/4", 4), ("s/5", 5)):
        put(bucket, key, b"x" * size)
    days.later(oss, 2)
    assert keys(bucket) == ["n/keep/a", "n/tagged", "s/2", "s/5", "t/none", "t/one"]


def test_a_disabled_rule_does_nothing(oss: Running, bucket: Any, days: Days) -> None:
    keep_rules(bucket, rule(expire(1), status="Disabled"))
    put(bucket, "a", b"x")
    assert days.later(oss, 50) == NONE_DONE


def test_an_object_becomes_colder_step_by_step_and_must_then_be_restored(
    oss: Running, bucket: Any, days: Days, changes: list[Change]
) -> None:
    keep_rules(bucket, rule(to("IA", 1), to("Archive", 3), to("ColdArchive", 5)))
    put(bucket, "a", b"x")
    written = bucket.head_object("a").last_modified
    assert days.later(oss, 2) == NONE_DONE | {"moved": 1}
    assert (shown(bucket), bucket.get_object("a").read()) == ("IA", b"x")
    days.later(oss, 2)
    assert shown(bucket) == "Archive"
    assert refused(bucket.get_object, "a").code == "InvalidObjectState"
    assert bucket.restore_object("a").status == 202
    days.go_to(oss, days.now + 10)
    assert bucket.get_object("a").read() == b"x"
    assert days.later(oss, 0) == NONE_DONE
    days.later(oss, 2)
    assert shown(bucket) == "ColdArchive"
    assert refused(bucket.get_object, "a").code == "InvalidObjectState"
    assert bucket.head_object("a").last_modified == written
    assert len(changes) == 1


def test_a_restored_object_that_becomes_colder_must_be_restored_again(oss: Running, bucket: Any, days: Days) -> None:
    keep_rules(bucket, rule(to("ColdArchive", 2)))
    bucket.put_object("a", b"x", headers={"x-oss-storage-class": "Archive"}).resp.read()
    bucket.restore_object("a", input=RestoreConfiguration(7)).resp.read()
    days.later(oss, 1)
    assert bucket.get_object("a").read() == b"x"
    days.later(oss, 2)
    assert refused(bucket.get_object, "a").code == "InvalidObjectState"


def test_a_rule_neither_warms_an_object_nor_moves_a_small_file_that_it_leaves_alone(
    oss: Running, bucket: Any, days: Days
) -> None:
    small = "<AllowSmallFile>false</AllowSmallFile>"
    keep_rules(
        bucket,
        rule(to("IA", 1, small), prefix="s/"),
        rule(to("IA", 1), prefix="c/"),
        rule(to("Archive", 1), prefix="c/a"),
    )
    put(bucket, "s/small", b"x")
    put(bucket, "s/large", b"x" * 65536)
    put(bucket, "c/a", b"x")
    bucket.put_object("c/cold", b"x", headers={"x-oss-storage-class": "ColdArchive"}).resp.read()
    bucket.put_symlink("s/large", "c/link").resp.read()
    assert days.later(oss, 2) == NONE_DONE | {"moved": 2}
    found = {listed.key: listed.storage_class for listed in bucket.list_objects_v2().object_list}
    assert found == {
        "c/a": "Archive",
        "c/cold": "ColdArchive",
        "c/link": "Standard",
        "s/large": "IA",
        "s/small": "Standard",
    }


def test_a_rule_by_the_last_access_is_kept_and_moves_nothing(oss: Running, bucket: Any, days: Days) -> None:
    keep_rules(bucket, rule(to("IA", 1, "<IsAccessTime>true</IsAccessTime>")))
    put(bucket, "a", b"x")
    assert days.later(oss, 9) == NONE_DONE


def test_uploads_that_were_never_completed_are_aborted(oss: Running, bucket: Any, days: Days) -> None:
    keep_rules(bucket, rule("<AbortMultipartUpload><Days>3</Days></AbortMultipartUpload>", prefix="a"))
    kept, gone = (bucket.init_multipart_upload(key).upload_id for key in ("b", "a"))
    bucket.upload_part("a", gone, 1, b"x")
    assert days.later(oss, 2) == NONE_DONE
    assert days.later(oss, 2) == NONE_DONE | {"aborted": 1}
    assert [upload.upload_id for upload in bucket.list_multipart_uploads().upload_list] == [kept]
    assert refused(bucket.list_parts, "a", gone).code == "NoSuchUpload"


def test_where_versions_are_kept_an_expired_object_is_hidden_and_its_versions_end_later(
    oss: Running, bucket: Any, days: Days, changes: list[Change]
) -> None:
    keep(bucket)
    noncurrent = "<NoncurrentVersionExpiration><NoncurrentDays>4</NoncurrentDays></NoncurrentVersionExpiration>"
    marker = "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"
    keep_rules(bucket, rule(expire(1)), rule(noncurrent, older("IA", 2), marker), overlap=True)
    version = put(bucket, "a", b"x")
    changes.clear()
    assert days.later(oss, 2) == NONE_DONE | {"removed": 1}
    assert refused(bucket.get_object, "a").code == "NoSuchKey"
    assert bucket.get_object("a", params={"versionId": version}).read() == b"x"
    assert days.later(oss, 3) == NONE_DONE | {"moved": 1}
    assert days.later(oss, 2) == NONE_DONE | {"removed": 1}
    listed = bucket.list_object_versions()
    assert (listed.versions, [one.key for one in listed.delete_marker]) == ([], ["a"])
    assert days.later(oss, 0) == NONE_DONE | {"removed": 1}
    assert bucket.list_object_versions().delete_marker == []
    assert [change.event for change in changes] == ["ObjectRemoved:DeleteObject"] * 2


def test_a_delete_marker_that_hides_a_version_stays(oss: Running, bucket: Any, days: Days) -> None:
    keep(bucket)
    keep_rules(bucket, rule("<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"))
    put(bucket, "a", b"x")
    put(bucket, "a0", b"x")
    bucket.delete_object("a").resp.read()
    assert days.later(oss, 900) == NONE_DONE


def test_the_newest_version_does_not_end_with_the_older_ones_however_many_there_are(
    oss: Running, bucket: Any, days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aging, "PAGE", 2)
    keep(bucket)
    keep_rules(
        bucket, rule("<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>")
    )
    for key in ("a", "b", "c"):
        for number in range(4):
            put(bucket, key, str(number).encode())
    assert days.later(oss, 2) == NONE_DONE | {"removed": 9}
    assert [bucket.get_object(key).read() for key in keys(bucket)] == [b"3"] * 3


@pytest.mark.parametrize(
    ("rules", "code", "ec"),
    [
        (rule("<Expiration></Expiration>"), "MalformedXML", "0014-00000060"),
        (rule("<Expiration><Days>0</Days></Expiration>"), "InvalidArgument", "0014-00000086"),
        (
            rule("<NoncurrentVersionExpiration><NoncurrentDays>x</NoncurrentDays></NoncurrentVersionExpiration>"),
            "InvalidArgument",
            "0014-00000086",
        ),
        (
            rule(
                "<Expiration><Days>1</Days><CreatedBeforeDate>2026-01-01T00:00:00.000Z</CreatedBeforeDate></Expiration>"
            ),
            "InvalidRequest",
            "0014-00000061",
        ),
        (
            rule(
                expire(1),
                more="<Filter><ObjectSizeGreaterThan>9</ObjectSizeGreaterThan>"
                "<ObjectSizeLessThan>9</ObjectSizeLessThan></Filter>",
            ),
            "InvalidArgument",
            "0014-00000041",
        ),
        (rule(expire(1), more="<Filter><ObjectSizeLessThan>x</ObjectSizeLessThan></Filter>"), "InvalidArgument", ""),
        (
            rule("<Expiration><CreatedBeforeDate>2026-01-01T08:00:00.000Z</CreatedBeforeDate></Expiration>"),
            "InvalidArgument",
            "",
        ),
        (rule(older("IA", 20), older("Archive", 12)), "InvalidArgument", ""),
        (
            rule(
                older("IA", 20),
                "<NoncurrentVersionExpiration><NoncurrentDays>20</NoncurrentDays></NoncurrentVersionExpiration>",
            ),
            "InvalidArgument",
            "",
        ),
        (rule("<Expiration><Date>tomorrow</Date></Expiration>"), "InvalidArgument", ""),
        (rule("<Expiration><Date>0001-01-01T00:00:00+14:00</Date></Expiration>"), "InvalidArgument", ""),
        (rule(expire(1), more=f"<ID>{'图' * 86}</ID>"), "InvalidArgument", ""),
        (rule(), "MalformedXML", ""),
        (rule(expire(1), more="<Filter><Not><Tag><Key>!</Key></Tag></Not></Filter>"), "InvalidTag", ""),
        (rule("<AbortMultipartUpload><Days>1</Days></AbortMultipartUpload>") * 2, "InvalidArgument", ""),
        (
            rule(older("Standard", 1)),
            "InvalidArgument",
            "",
        ),
    ],
)
def test_a_rule_that_could_not_be_carried_out_is_refused(client: Any, rules: str, code: str, ec: str) -> None:
    error = refused(keep_rules, client, rules)
    assert (error.code, error.details.get("EC", "")) == (code, ec)


def test_days_are_counted_from_midnight_so_that_all_objects_of_a_day_end_together(
    oss: Running, bucket: Any, days: Days
) -> None:
    days.go_to(oss, days.due(0))
    keep_rules(bucket, rule(expire(1)))
    put(bucket, "midnight", b"x")
    days.go_to(oss, days.now + 1)
    put(bucket, "first second", b"x")
    days.go_to(oss, days.now + DAY - 2)
    put(bucket, "last second", b"x")
    assert days.go_to(oss, days.now + 1) == NONE_DONE | {"removed": 1}
    assert days.go_to(oss, days.now + DAY - 1) == NONE_DONE
    assert days.go_to(oss, days.now + 1) == NONE_DONE | {"removed": 2}
