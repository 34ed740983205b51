"""Faults of a bucket, its objects and its tags are planted on the emulator one at a time."""

from __future__ import annotations

import time
from email.utils import formatdate
from pathlib import Path

import pytest

from imagelabels.deploy.checks.finding import Severity
from imagelabels.domain.errors import Misconfigured
from tests.deploy.doctor.live.account import Account, upload

pytestmark = pytest.mark.story


def test_a_healthy_account_would_be_called_ill(running: Account) -> None:
    upload(running, "dog.jpg", {"label:dog": "mammal", "owner": "me"})
    assert running.look() == []


def test_a_bucket_that_is_not_there_would_be_looked_into(running: Account) -> None:
    (finding,) = running.look(bucket="none-1250000000")
    assert (finding.check, finding.severity) == ("bucket-unknown", Severity.ERROR)
    assert "There is no bucket none-1250000000 in the region" in finding.cause


def test_a_bucket_in_another_region_would_be_taken_for_ours(running: Account) -> None:
    if running.cloud == "aliyun":
        running.answer("bucketInfo", BUCKET_INFO.format(region="cn-beijing", more=""))
        assert running.checks() == ["bucket-region"]
    else:  # COS has another host name for each region, where there is no such bucket
        running.environ["TENCENTCLOUD_REGION"] = "ap-beijing"
        assert running.checks() == ["bucket-unknown"]


BUCKET_INFO = (
    "<BucketInfo><Bucket><Name>photos</Name><Location>oss-{region}</Location><CreationDate/><StorageClass/>"
    "<ExtranetEndpoint/><IntranetEndpoint/><Owner><DisplayName/><ID/></Owner>"
    "<AccessControlList><Grant/></AccessControlList>{more}</Bucket></BucketInfo>"
)
VERSIONED = {
    "aliyun": ("bucketInfo", BUCKET_INFO.format(region="cn-hangzhou", more="<Versioning>Enabled</Versioning>")),
    "tencent": ("versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"),
}
LOCKED = {
    "aliyun": (
        "?worm",
        "<WormConfiguration><State>Locked</State><RetentionPeriodInDays>9</RetentionPeriodInDays></WormConfiguration>",
    ),
    "tencent": (
        "object-lock",
        "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>"
        "<Days>9</Days></DefaultRetention></Rule></ObjectLockConfiguration>",
    ),
}


def test_versions_would_come_as_a_surprise(running: Account) -> None:
    running.answer(*VERSIONED[running.cloud])
    assert running.checks() == ["bucket-versioned"]


def test_a_retention_policy_would_refuse_tags_without_a_word(running: Account) -> None:
    running.answer(*LOCKED[running.cloud])
    (finding,) = running.look()
    assert finding.check == "bucket-locked"
    assert "9 days" in finding.cause


def test_retention_policies_of_single_objects_would_refuse_tags_without_a_word(running: Account) -> None:
    enabled = "<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled></ObjectWormConfiguration>"
    running.answer("objectWorm", enabled)
    assert running.checks() == (["bucket-locked"] if running.cloud == "aliyun" else [])


def test_our_tags_would_sort_objects_into_data_sets(running: Account) -> None:
    rule = "<MetaQueryStatus><State>Running</State><RouteRule><Tag>{}</Tag></RouteRule></MetaQueryStatus>"
    running.answer("metaQuery", rule.format("label:dog"))
    assert running.checks() == (["tags-route-datasets"] if running.cloud == "aliyun" else [])
    running.plants.clear()
    running.answer("metaQuery", rule.format("device"))
    assert running.checks() == []


REFUSED = {
    "HEAD and GET": (("dog.jpg", ""), "GetObject|HeadObject"),
    "tags": (("tagging", "GET"), "GetObjectTagging"),
    "writing tags": (("tagging", "PUT"), "PutObjectTagging"),
}


@pytest.mark.parametrize("refused", REFUSED)
def test_a_missing_permission_would_show_at_the_first_event_only(running: Account, refused: str) -> None:
    upload(running, "dog.jpg", {})
    (part, method), permission = REFUSED[refused]
    running.refuse(part, 403, "AccessDenied", method)
    found = running.look()
    assert {finding.check for finding in found} == {"permission-missing"}
    assert all(finding.severity is Severity.ERROR for finding in found)
    assert any(name in finding.cause for name in permission.split("|") for finding in found)


@pytest.mark.parametrize("part", ["bucketInfo|location", "?worm|object-lock", "metaQuery|versioning", "prefix="])
def test_a_question_that_is_not_allowed_would_end_the_look(running: Account, part: str) -> None:
    ours = part.split("|")[0 if running.cloud == "aliyun" else -1]
    running.refuse(ours, 403, "AccessDenied", "GET")
    found = running.look()
    assert {finding.check for finding in found} == {"could-not-look"}
    assert all(finding.severity is Severity.WARNING for finding in found)


@pytest.mark.parametrize(("status", "code"), [(503, "ServiceUnavailable"), (429, "TooMany"), (500, "InternalError")])
def test_a_busy_store_would_be_taken_for_a_missing_permission(running: Account, status: int, code: str) -> None:
    upload(running, "dog.jpg", {})
    running.refuse("tagging", status, code)
    assert set(running.checks()) == {"could-not-look"}


@pytest.mark.parametrize(
    ("seconds", "check"),
    [(20, []), (-20, []), (200, ["clock-skew"]), (-200, ["clock-skew"]), (1100, ["clock-refused"])],
)
def test_a_clock_that_is_off_would_show_as_refused_requests(running: Account, seconds: int, check: list[str]) -> None:
    running.headers["Date"] = formatdate(time.time() - seconds, usegmt=True)
    assert running.checks() == check


def test_a_clock_that_the_store_refuses_would_be_called_a_missing_permission(running: Account) -> None:
    upload(running, "dog.jpg", {})
    running.refuse("dog.jpg", 403, "RequestTimeTooSkewed")
    assert set(running.checks()) == {"clock-refused"}


USERS = {f"tag{number}": "x" for number in range(10)}


@pytest.mark.parametrize(("users", "check"), [(5, []), (6, ["no-room-for-tags"]), (10, ["no-room-for-tags"])])
def test_objects_without_room_for_tags_would_stay_unnoticed(running: Account, users: int, check: list[str]) -> None:
    upload(running, "empty.jpg", {})
    upload(running, "full.jpg", dict(list(USERS.items())[:users]))
    assert running.checks() == check


@pytest.mark.parametrize(
    ("tags", "check"),
    [
        ({"label:dog": "mammal", "label:cat": "0.93", "label:imm:露营".replace("露营", "=E9=9C=B2"): "imm"}, []),
        ({"label:summer": "1"}, ["foreign-tags"]),
        ({"label:dog": "mine"}, ["another-writer-of-tags"]),
        ({"other:dog": "mine"}, []),
    ],
)
def test_tags_of_others_under_our_prefix_would_stay_unnoticed(
    running: Account, tags: dict[str, str], check: list[str]
) -> None:
    if running.cloud == "tencent":
        tags = {key.replace("imm:", "ci:"): value.replace("imm", "ci") for key, value in tags.items()}
    upload(running, "dog.jpg", tags)
    assert running.checks() == check


def test_a_name_that_a_stranger_chose_would_reach_the_terminal(running: Account) -> None:
    upload(running, "a\x1b[2J.jpg", {"label:dog": "mine"})
    (finding,) = running.look()
    assert "\x1b" not in "".join((finding.where, finding.cause, finding.consequence, finding.cure))


BUCKET_CALLS = {"aliyun": 5, "tencent": 3}
OBJECT_CALLS = 1 + 1 + 1 + 1
"""These are one list, one HEAD, one ranged GET, and one write of tags to an object that is not there."""
DETECTOR_CALLS = 1
INDEX_CALLS = 15 + 13
"""These ask for tables, search index and rows, and try each call of the ledger."""


def test_a_look_would_make_more_calls_than_the_page_says(running: Account) -> None:
    for number in range(250):
        upload(running, f"photos/{number:03}.jpg", {})
    assert running.look(samples=20) == []
    expected = BUCKET_CALLS[running.cloud] + OBJECT_CALLS + 20 + DETECTOR_CALLS + INDEX_CALLS
    assert len(running.requests) == expected
    assert sum("tagging" in request for request in running.requests) <= 21
    assert sum("prefix=" in request for request in running.requests) == 1


def test_a_key_that_no_request_can_name_would_end_the_look(running: Account) -> None:
    upload(running, "..", {})
    upload(running, "dog.jpg", {"label:dog": "mine"})
    assert running.checks() == ["another-writer-of-tags"]


def test_what_the_policy_leaves_out_would_be_judged(running: Account, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    scheme = {"aliyun": "oss", "tencent": "cos"}[running.cloud]
    policy.write_text(f'[[rule]]\nprefix = "{scheme}://{running.bucket}/private/"\nlabel = false\n')
    upload(running, "private/dog.jpg", {"label:dog": "mine"})
    assert running.checks() == ["another-writer-of-tags"]
    running.environ["IMAGELABELS_POLICY"] = str(policy)
    assert running.checks() == []


@pytest.mark.parametrize("name", ["IMAGELABELS_TAG_LIMITS", "IMAGELABELS_DETECTOR"])
def test_a_wrong_setting_would_end_in_a_traceback(running: Account, name: str) -> None:
    running.environ[name] = "x"
    with pytest.raises(Misconfigured, match=name):
        running.look()


def test_wrong_keys_would_be_taken_for_a_missing_permission(running: Account) -> None:
    if running.cloud == "aliyun":
        running.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = "wrong"
        checks = running.checks()
        assert checks[0] == "call-refused"
        assert set(checks) == {"call-refused", "could-not-look"}, "the index has the same keys"
    else:
        running.environ["TENCENTCLOUD_SECRETKEY"] = "wrong"
        assert running.checks() == ["call-refused"]


def test_an_address_of_another_region_would_be_taken_for_a_missing_permission(running: Account) -> None:
    words = "The bucket you are attempting to access must be addressed using the specified endpoint."
    running.refuse("bucketInfo", 403, "AccessDenied", words=words)
    assert running.checks() == (["bucket-region"] if running.cloud == "aliyun" else [])


def test_a_store_that_is_not_there_would_be_waited_for_call_by_call(running: Account) -> None:
    for name in ("OSS", "COS", "TABLESTORE"):
        running.environ[f"IMAGELABELS_ENDPOINT_{name}"] = "http://127.0.0.1:9"
    assert running.checks() == ["could-not-look"] * 2, "one is of the bucket, the other of the index"


def test_permissions_for_versions_would_not_be_tried(running: Account) -> None:
    upload(running, "dog.jpg", {})
    running.headers |= {"x-oss-version-id": "v1", "x-cos-version-id": "v1"}
    running.answer("tagging", "<Tagging><TagSet/></Tagging>")
    running.look()
    assert any("tagging" in request and "versionId=v1" in request for request in running.requests)
