"""What another account may do with a bucket, and who pays for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from oss2.models import BucketWebsite

from emulator.aliyun.account import ACCOUNT, OTHER_ACCOUNT
from emulator.core.parts import Key
from tests.emulator.aliyun.oss.posting import told
from tests.emulator.running import Running, refused, running_oss

OTHER = Key("other", "others secret")
PAYS = {"x-oss-request-payer": "requester"}


@pytest.fixture
def oss(tmp_path: Path) -> Iterator[Running]:
    with running_oss(tmp_path, other_account=OTHER) as running:
        running.store.create_bucket("photos")
        yield running


@pytest.fixture
def other(oss: Running, request: pytest.FixtureRequest) -> Any:
    return oss.bucket("photos", "v4", OTHER)


def statement(**changes: Any) -> dict[str, Any]:
    everything = ["acs:oss:*:*:photos", "acs:oss:*:*:photos/*"]
    return {"Effect": "Allow", "Action": ["oss:*"], "Principal": [OTHER_ACCOUNT], "Resource": everything, **changes}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "1", "Statement": statements})


def test_another_account_may_do_nothing_that_no_policy_allows(bucket: Any, other: Any, oss: Running) -> None:
    bucket.put_object("a", b"x")
    assert refused(other.get_object, "a").code == "AccessDenied"
    assert refused(other.list_objects).code == "AccessDenied"
    assert oss.raw("GET", "/")[0] == 403
    bucket.put_bucket_policy(policy(statement(Principal=["3000000000000000"])))
    assert refused(other.get_object, "a").code == "AccessDenied"


def test_a_policy_lets_another_account_in_where_it_says_so_and_nowhere_else(bucket: Any, other: Any) -> None:
    bucket.put_object("in/a", b"x")
    bucket.put_object("out/a", b"x")
    resource = f"acs:oss:cn-hangzhou:{ACCOUNT}:photos/in/*"
    bucket.put_bucket_policy(policy(statement(Resource=resource)))
    assert other.get_object("in/a").read() == b"x"
    assert other.put_object("in/b", b"y").status == 200
    assert refused(other.get_object, "out/a").code == "AccessDenied"
    assert refused(other.copy_object, "photos", "out/a", "in/c").code == "AccessDenied"
    bucket.put_bucket_policy(policy(statement(), statement(Effect="Deny", Resource=[resource], Principal="*")))
    assert refused(other.get_object, "in/a").code == "AccessDenied"
    assert other.get_object("out/a").read() == b"x"


def test_a_policy_for_some_objects_lets_another_account_delete_no_others_in_a_batch(bucket: Any, other: Any) -> None:
    whole, below = (f"acs:oss:*:*:photos{rest}" for rest in ("", "/*"))
    bucket.put_object("a", b"x")
    for statements in (
        [statement(Resource=[whole])],
        [statement(Resource=[whole, "acs:oss:*:*:photos/b*"])],
        [statement(), statement(Effect="Deny", Resource=["acs:oss:*:*:photos/a"])],
    ):
        bucket.put_bucket_policy(policy(*statements))
        assert refused(other.batch_delete_objects, ["a"]).code == "AccessDenied"
    assert bucket.object_exists("a")
    bucket.put_bucket_policy(policy(statement(Resource=[whole, below])))
    assert other.batch_delete_objects(["a"]).deleted_keys == ["a"]


def test_a_link_lets_another_account_read_no_object_that_the_policy_keeps_from_it(bucket: Any, other: Any) -> None:
    bucket.put_object("out", b"secret")
    bucket.put_bucket_policy(policy(statement(Resource="acs:oss:*:*:photos/in/*")))
    other.put_symlink("out", "in/link").resp.read()
    assert refused(other.get_object, "in/link").code == "AccessDenied"
    assert refused(other.head_object, "in/link").status == 403
    assert refused(other.copy_object, "photos", "in/link", "in/copy").code == "AccessDenied"
    bucket.put_object("in/a", b"x")
    other.put_symlink("in/a", "in/link").resp.read()
    assert other.get_object("in/link").read() == b"x"


def test_a_policy_keeps_another_account_from_what_is_open_to_all(bucket: Any, other: Any, oss: Running) -> None:
    bucket.put_object("a", b"x", headers={"x-oss-object-acl": "public-read"})
    bucket.put_bucket_policy(policy(statement(Effect="Deny")))
    assert refused(other.get_object, "a").code == "AccessDenied"
    assert oss.raw("GET", "/photos/a")[0] == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"Action": ["oss:GetObject"]},
        {"Condition": {"Bool": {"acs:SecureTransport": ["true"]}}},
        {"Principal": {"RAM": ["*"]}},
        {"Resource": [5]},
        {"effect": "Deny"},
    ],
)
def test_a_policy_that_cannot_be_judged_is_refused_and_lets_nobody_in(
    bucket: Any, other: Any, changes: dict[str, Any]
) -> None:
    bucket.put_object("a", b"x")
    bucket.put_bucket_policy(policy(statement(**changes)))
    assert refused(other.get_object, "a").status == 501
    assert bucket.get_object("a").read() == b"x"


def test_another_account_reads_what_is_open_to_all(bucket: Any, other: Any) -> None:
    bucket.put_object("a", b"x", headers={"x-oss-object-acl": "public-read"})
    assert other.get_object("a").read() == b"x"
    assert refused(other.delete_object, "a").code == "AccessDenied"


def test_where_requesters_pay_another_account_must_say_that_it_will(bucket: Any, other: Any, oss: Running) -> None:
    bucket.put_object("a", b"x")
    bucket.put_bucket_policy(policy(statement()))
    bucket.put_bucket_request_payment("Requester")
    refusal = refused(other.get_object, "a")
    assert (refusal.code, refusal.details["EC"]) == ("AccessDenied", "0003-00000702")
    assert refused(other.put_object, "b", b"y", headers={"x-oss-request-payer": "owner"}).code == "AccessDenied"
    assert other.get_object("a", headers=PAYS).read() == b"x"
    signed = oss.bucket("photos", "v1", OTHER).sign_url("GET", "a", 60, params=PAYS)
    assert oss.raw("GET", signed.removeprefix(oss.endpoint))[2] == b"x"
    assert bucket.get_object("a").read() == b"x"
    bucket.put_bucket_request_payment("BucketOwner")
    assert other.get_object("a").read() == b"x"


def test_where_requesters_pay_nobody_reads_without_a_key(bucket: Any, oss: Running) -> None:
    bucket.put_bucket_acl("public-read")
    bucket.put_object("a", b"x")
    assert oss.raw("GET", "/photos/a")[0] == 200
    bucket.put_bucket_request_payment("Requester")
    status, headers, _ = oss.raw("GET", "/photos/a")
    assert (status, headers["x-oss-ec"]) == (403, "0003-00000701")


def test_where_requesters_pay_nobody_uploads_by_a_form_without_a_signature(bucket: Any, oss: Running) -> None:
    bucket.put_bucket_acl("public-read-write")
    assert told(oss, {"key": "a"}) == (204, "")
    bucket.put_bucket_request_payment("Requester")
    assert told(oss, {"key": "b"}) == (403, "AccessDenied")
    assert not bucket.object_exists("b")


def test_a_wrong_secret_of_another_account_is_refused(oss: Running, bucket: Any) -> None:
    bucket.put_bucket_policy(policy(statement()))
    wrong = oss.bucket("photos", "v1", Key(OTHER.id, "wrong"))
    assert refused(wrong.list_objects).code == "SignatureDoesNotMatch"


def test_a_website_shows_another_account_no_page_that_the_policy_keeps_from_it(bucket: Any, other: Any) -> None:
    bucket.put_object("index.html", b"welcome")
    bucket.put_bucket_website(BucketWebsite("index.html", "error.html"))
    bucket.put_bucket_policy(policy(statement(Resource=["acs:oss:*:*:photos/in/*"])))
    assert refused(other.get_object, "in/").code == "AccessDenied"
    pages = ["acs:oss:*:*:photos/in/*", "acs:oss:*:*:photos/index.html"]
    bucket.put_bucket_policy(policy(statement(Resource=pages)))
    assert other.get_object("in/").read() == b"welcome"
    assert refused(other.get_object, "out/").code == "AccessDenied"
