"""Settings of a bucket that OSS keeps as documents and gives back."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from oss2 import models

from emulator.core.parts import Key
from emulator.objectstore.store import ObjectStore
from tests.emulator.running import Running, refused


def lifecycle(*transitions: models.StorageTransition, days: int = 30, rule: str = "old") -> models.BucketLifecycle:
    expiration = models.LifecycleExpiration(days=days)
    return models.BucketLifecycle(
        [models.LifecycleRule(rule, "logs/", expiration=expiration, storage_transitions=list(transitions))]
    )


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_a_set_up_script_reads_back_the_settings_that_it_has_written(oss: Running, version: str) -> None:
    bucket = oss.bucket(version=version)
    bucket.put_bucket_cors(models.BucketCors([models.CorsRule(["*"], ["GET"], ["X-A"], max_age_seconds=10)]))
    bucket.put_bucket_lifecycle(lifecycle())
    bucket.put_bucket_website(models.BucketWebsite("index.html", "error.html"))
    bucket.put_bucket_referer(models.BucketReferer(False, ["http://a.example", "照片"]))
    bucket.put_bucket_logging(models.BucketLogging("photos", "日志/"))
    bucket.put_bucket_request_payment("Requester")
    bucket.put_bucket_policy(json.dumps({"Version": "1", "Statement": []}))
    bucket.put_bucket_transfer_acceleration("true")
    bucket.put_bucket_access_monitor("Enabled")
    bucket.put_bucket_https_config(models.BucketTlsVersion(True, ["TLSv1.2", "TLSv1.2"]))
    assert bucket.get_bucket_cors().rules[0].max_age_seconds == 10
    assert bucket.get_bucket_cors().rules[0].allowed_headers == ["x-a"]
    assert bucket.get_bucket_cors().response_vary is False
    assert bucket.get_bucket_lifecycle().rules[0].expiration.days == 30
    assert bucket.get_bucket_website().index_file == "index.html"
    assert sorted(bucket.get_bucket_referer().referers) == ["http://a.example", "照片"]
    assert bucket.get_bucket_logging().target_prefix == "日志/"
    assert bucket.get_bucket_request_payment().payer == "Requester"
    assert json.loads(bucket.get_bucket_policy().policy)["Version"] == "1"
    assert bucket.get_bucket_transfer_acceleration().enabled == "true"
    assert bucket.get_bucket_info().access_monitor == "Enabled"
    assert bucket.get_bucket_https_config().tls_version == ["TLSv1.2"]


def test_a_setting_that_was_never_made_is_told_as_the_vendor_tells_it(bucket: Any) -> None:
    assert refused(bucket.get_bucket_cors).code == "NoSuchCORSConfiguration"
    assert refused(bucket.get_bucket_lifecycle).code == "NoSuchLifecycle"
    assert refused(bucket.get_bucket_website).code == "NoSuchWebsiteConfiguration"
    assert refused(bucket.get_bucket_policy).code == "NoSuchBucketPolicy"
    assert refused(bucket.list_bucket_inventory_configurations).code == "NoSuchInventory"
    assert bucket.get_bucket_request_payment().payer == "BucketOwner"
    assert bucket.get_bucket_logging().target_bucket == ""
    assert bucket.get_bucket_tagging().tag_set.tagging_rule == {}


def test_nobody_reads_from_a_bucket_that_is_closed_to_the_public(oss: Running, bucket: Any) -> None:
    bucket.put_bucket_acl("public-read")
    bucket.put_object("a", b"x", headers={"x-oss-object-acl": "public-read"})
    assert oss.raw("GET", "/photos/a")[0] == 200
    bucket.put_bucket_public_access_block(True)
    assert oss.raw("GET", "/photos/a")[0] == 403
    assert refused(bucket.put_bucket_acl, "public-read-write").code == "AccessDenied"
    assert bucket.get_bucket_public_access_block().block_public_access is True
    assert b"<BlockPublicAccess>true</BlockPublicAccess>" in oss.ask("GET", params={"bucketInfo": ""})[2]
    bucket.delete_bucket_public_access_block()
    assert oss.raw("GET", "/photos/a")[0] == 200


def test_a_removed_setting_is_gone_and_may_be_removed_again(bucket: Any) -> None:
    bucket.put_bucket_lifecycle(lifecycle())
    assert bucket.delete_bucket_lifecycle().status == 204
    assert bucket.delete_bucket_lifecycle().status == 204
    assert refused(bucket.get_bucket_lifecycle).code == "NoSuchLifecycle"


def test_buckets_are_listed_by_their_tags_and_lose_single_tags(oss: Running, bucket: Any) -> None:
    oss.store.create_bucket("other")
    tags = models.TaggingRule()
    tags.add("team", "blue")
    tags.add("cost", "7")
    bucket.put_bucket_tagging(models.Tagging(tags))
    service = oss.service()
    listed = [one.name for one in service.list_buckets(params={"tag-key": "team", "tag-value": "blue"}).buckets]
    assert listed == ["photos"]
    assert service.list_buckets(params={"tag-key": "team", "tag-value": "red"}).buckets == []
    bucket.delete_bucket_tagging({"tagging": "team,none"})
    assert bucket.get_bucket_tagging().tag_set.tagging_rule == {"cost": "7"}
    bucket.delete_bucket_tagging()
    assert bucket.get_bucket_tagging().tag_set.tagging_rule == {}


def test_several_inventories_and_styles_are_kept_by_their_names(oss: Running, bucket: Any) -> None:
    for name, content in (("small", "image/resize,w_200"), ("large", "image/resize,w_900")):
        bucket.put_bucket_style(name, content)
    assert bucket.get_bucket_style("small").content == "image/resize,w_200"
    assert [style.name for style in bucket.list_bucket_style().styles] == ["small", "large"]
    text = "<InventoryConfiguration><Id>i</Id><IsEnabled>True</IsEnabled></InventoryConfiguration>"
    for name in ("i", "other"):
        status, _, _ = oss.ask("PUT", "photos", "", {"inventory": "", "inventoryId": name}, body=text.encode())
        assert status == (200 if name == "i" else 400)
    flag = "<WebsiteConfiguration><Redirect><PassQueryString>True</PassQueryString></Redirect></WebsiteConfiguration>"
    assert oss.ask("PUT", params={"website": ""}, body=flag.encode())[0] == 200
    assert b"<PassQueryString>true<" in oss.ask("GET", params={"website": ""})[2]
    assert b"<IsEnabled>true</IsEnabled>" in oss.ask("GET", "photos", "", {"inventory": "", "inventoryId": "i"})[2]
    bucket.delete_bucket_style("large")
    assert [style.name for style in bucket.list_bucket_style().styles] == ["small"]
    assert refused(bucket.put_bucket_style, "a b", "image/info").code == "InvalidArgument"
    assert refused(bucket.put_bucket_style, "small", "").code == "InvalidArgument"


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (lifecycle(models.StorageTransition(days=31, storage_class="IA")), "InvalidArgument"),
        (lifecycle(models.StorageTransition(days=5, storage_class="Standard")), "InvalidArgument"),
        (
            lifecycle(
                models.StorageTransition(days=5, storage_class="IA"),
                models.StorageTransition(days=2, storage_class="Archive"),
            ),
            "InvalidArgument",
        ),
        (
            lifecycle(models.StorageTransition(created_before_date=datetime.date(2026, 1, 1), storage_class="IA")),
            "InvalidRequest",
        ),
        (models.BucketLifecycle(lifecycle().rules + lifecycle().rules), "InvalidArgument"),
        (models.BucketLifecycle(lifecycle().rules + lifecycle(rule="new").rules), "InvalidArgument"),
        (models.BucketLifecycle([]), "MalformedXML"),
        ("<LifecycleConfiguration><Rule><Status>On</Status></Rule></LifecycleConfiguration>", "MalformedXML"),
    ],
)
def test_a_lifecycle_that_the_vendor_refuses_replaces_none_that_is_kept(bucket: Any, rules: Any, code: str) -> None:
    bucket.put_bucket_lifecycle(lifecycle(rule="kept"))
    assert refused(bucket.put_bucket_lifecycle, rules).code == code
    assert [rule.id for rule in bucket.get_bucket_lifecycle().rules] == ["kept"]


def test_overlapping_rules_are_taken_from_a_client_that_asks_for_it(bucket: Any) -> None:
    rules = models.BucketLifecycle(lifecycle().rules + lifecycle(rule="new").rules)
    bucket.put_bucket_lifecycle(rules, {"x-oss-allow-same-action-overlap": "true"})
    assert len(bucket.get_bucket_lifecycle().rules) == 2


@pytest.mark.parametrize(
    ("write", "document", "code"),
    [
        ("put_bucket_cors", "<CORSConfiguration/>", "MalformedXML"),
        ("put_bucket_website", "<WebsiteConfiguration/>", "MalformedXML"),
        ("put_bucket_access_monitor", "Sometimes", "MalformedXML"),
        ("put_bucket_request_payment", "Nobody", "MalformedXML"),
        ("put_bucket_policy", "[]", "InvalidPolicyDocument"),
        ("put_bucket_policy", "{", "InvalidPolicyDocument"),
        ("put_bucket_policy", '{"Version": 1, "Statement": []}', "InvalidPolicyDocument"),
        ("put_bucket_policy", '{"Version": "1", "Statement": {}}', "InvalidPolicyDocument"),
        ("put_bucket_policy", '{"Version": "1", "Statement": []}'.encode("utf-16"), "InvalidPolicyDocument"),
        ("put_bucket_resource_group", "rg-other", "ResourceGroupIdPreCheckError"),
        ("put_bucket_tagging", f"<Tagging>{'<a>' * 17}{'</a>' * 17}</Tagging>", "MalformedXML"),
        ("put_bucket_tagging", "<Tagging><TagSet>&#1;</TagSet></Tagging>", "MalformedXML"),
    ],
)
def test_a_wrong_setting_is_refused(bucket: Any, write: str, document: Any, code: str) -> None:
    assert refused(getattr(bucket, write), document).code == code


def test_a_setting_ends_with_its_bucket_and_outlives_a_restart(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    for name in ("kept", "gone"):
        store.create_bucket(name)
        store.settings.put(name, "cors", "", "<CORSConfiguration/>")
    store.delete_bucket("gone")
    store.create_bucket("gone")
    store.close()
    again = ObjectStore(tmp_path)
    assert again.settings.get("kept", "cors") == "<CORSConfiguration/>"
    assert again.settings.get("gone", "cors") is None
    again.close()


def test_a_setting_of_a_bucket_that_is_not_there_is_refused(oss: Running) -> None:
    bucket = oss.bucket("none")
    for call in (bucket.get_bucket_cors, bucket.delete_bucket_cors):
        assert refused(call).code == "NoSuchBucket"


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_a_setting_of_no_bucket_is_refused_for_the_bucket_before_the_key(oss: Running, version: str) -> None:
    for name, code in (("none", "NoSuchBucket"), ("photos", "InvalidAccessKeyId")):
        unknown = oss.bucket(name, version=version, key=Key("nobody", "x"))
        assert refused(unknown.put_bucket_request_payment, "Requester").code == code
        assert refused(unknown.put_bucket_acl, "private").code == "InvalidAccessKeyId"
        assert refused(unknown.create_bucket).code == "InvalidAccessKeyId"


def test_limits_are_kept_and_no_part_of_one_may_exceed_the_whole(oss: Running, bucket: Any) -> None:
    account = oss.service().get_user_qos_info()
    assert bucket.get_bucket_qos_info().total_upload_bw == -1
    bucket.put_bucket_qos_info(models.BucketQosInfo(total_upload_bw=3, intranet_upload_bw=2))
    kept = bucket.get_bucket_qos_info()
    assert (kept.total_upload_bw, kept.intranet_upload_bw, kept.extranet_upload_bw) == (3, 2, -1)
    for wrong in (
        models.BucketQosInfo(total_upload_bw=account.total_upload_bw + 1),
        models.BucketQosInfo(total_download_bw=3, extranet_download_bw=4),
        models.BucketQosInfo(total_qps=-2),
    ):
        assert refused(bucket.put_bucket_qos_info, wrong).code == "InvalidArgument"
    bucket.delete_bucket_qos_info()
    assert bucket.get_bucket_qos_info().total_upload_bw == -1


def test_a_capacity_is_kept_and_archived_objects_are_said_to_be_readable(bucket: Any) -> None:
    assert bucket.get_bucket_storage_capacity().storage_capacity == -1
    bucket.set_bucket_storage_capacity(models.BucketUserQos(100))
    assert bucket.get_bucket_storage_capacity().storage_capacity == 100
    assert refused(bucket.set_bucket_storage_capacity, models.BucketUserQos(-2)).code == "InvalidArgument"
    assert bucket.get_bucket_archive_direct_read().enabled is False
    bucket.put_bucket_archive_direct_read(True)
    assert bucket.get_bucket_archive_direct_read().enabled is True


def test_settings_that_only_newer_clients_know_are_read_back(oss: Running) -> None:
    bucket = oss.bucket()
    for name, document, missing in (
        ("overwriteConfig", b"<Rule><ID>a</ID><Action>forbid</Action></Rule>", b"NoSuchOverwriteConfig"),
        (
            "userDefinedLogFieldsConfig",
            b"<HeaderSet><header>a</header></HeaderSet>",
            b"NoSuchUserDefinedLogFieldsConfig",
        ),
    ):
        root = name[0].upper() + name[1:].replace("Config", "Configuration")
        body = b"<%s>%s</%s>" % (root.encode(), document, root.encode())
        assert missing in oss.ask("GET", params={name: ""})[2]
        assert oss.ask("PUT", params={name: ""}, body=body)[0] == 200
        assert document in oss.ask("GET", params={name: ""})[2]
        assert oss.ask("DELETE", params={name: ""})[0] == 204
        assert missing in oss.ask("GET", params={name: ""})[2]
    assert bucket.get_bucket_info().name == "photos"


def test_a_retention_of_objects_needs_a_bucket_that_keeps_versions(oss: Running, bucket: Any) -> None:
    worm = b"<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled></ObjectWormConfiguration>"
    assert b"NoSuchObjectWormConfiguration" in oss.ask("GET", params={"objectWorm": ""})[2]
    assert oss.ask("PUT", params={"objectWorm": ""}, body=worm)[0] == 400
    bucket.put_bucket_versioning(models.BucketVersioningConfig("Enabled"))
    assert oss.ask("PUT", params={"objectWorm": ""}, body=worm)[0] == 200
    assert b"<ObjectWormEnabled>Enabled<" in oss.ask("GET", params={"objectWorm": ""})[2]


def test_the_account_closes_all_buckets_to_the_public_at_once(oss: Running, bucket: Any) -> None:
    service = oss.service()
    bucket.put_bucket_acl("public-read")
    bucket.put_object("a", b"x")
    service.put_public_access_block(True)
    assert service.get_public_access_block().block_public_access is True
    assert oss.raw("GET", "/photos/a")[0] == 403
    assert bucket.get_bucket_public_access_block().block_public_access is False
    service.delete_public_access_block()
    assert service.get_public_access_block().block_public_access is False
    assert oss.raw("GET", "/photos/a")[0] == 200


@pytest.mark.parametrize(
    ("statement", "public"),
    [
        ({"Effect": "Allow", "Principal": ["*"]}, True),
        ({"Effect": "Allow", "Principal": ["*"], "Condition": {"IpAddress": {"acs:SourceIp": ["10.0.0.1"]}}}, False),
        ({"Effect": "Allow", "Principal": ["1"]}, False),
        ({"Effect": "Deny", "Principal": ["*"]}, False),
    ],
)
def test_a_policy_is_public_if_it_lets_everybody_in(oss: Running, statement: dict[str, Any], public: bool) -> None:
    bucket = oss.bucket()
    assert b"<IsPublic>false<" in oss.ask("GET", params={"policyStatus": ""})[2]
    bucket.put_bucket_policy(json.dumps({"Version": "1", "Statement": [statement]}))
    assert f"<IsPublic>{str(public).lower()}<".encode() in oss.ask("GET", params={"policyStatus": ""})[2]


def test_a_domain_gets_a_token_and_is_not_bound_without_the_proof(bucket: Any) -> None:
    made = bucket.create_bucket_cname_token("www.example.com")
    assert (made.bucket, made.cname, len(made.token)) == ("photos", "www.example.com", 32)
    assert bucket.get_bucket_cname_token("www.example.com").token == made.token
    refusal = refused(bucket.put_bucket_cname, models.PutBucketCnameRequest("www.example.com"))
    assert (refusal.status, refusal.code) == (403, "NeedVerifyDomainOwnership")
    assert bucket.list_bucket_cname().cname == []
    assert refused(bucket.get_bucket_cname_token, "other.example.com").status == 404
    assert refused(bucket.create_bucket_cname_token, "no domain").code == "InvalidArgument"


def test_a_change_of_redundancy_waits_until_it_is_taken_back(oss: Running, bucket: Any) -> None:
    assert refused(bucket.create_bucket_data_redundancy_transition, "LRS").code == "InvalidArgument"
    task = bucket.create_bucket_data_redundancy_transition("ZRS").task_id
    assert bucket.get_bucket_data_redundancy_transition(task).transition_status == "Queueing"
    for listed in (
        bucket.list_bucket_data_redundancy_transition(),
        oss.service().list_user_data_redundancy_transition("", 10),
    ):
        (transition,) = listed.data_redundancy_transitions
        assert (transition.bucket, transition.task_id) == ("photos", task)
    assert bucket.get_bucket_info().data_redundancy_type == "LRS"
    bucket.delete_bucket_data_redundancy_transition(task)
    assert refused(bucket.get_bucket_data_redundancy_transition, task).status == 404


def test_the_category_of_a_style_is_read_back(oss: Running) -> None:
    style, document = {"style": "", "styleName": "small"}, b"<Style><Content>image/resize,p_50</Content></Style>"
    assert oss.ask("PUT", params={**style, "category": "video"}, body=document)[0] == 200
    assert b"<Category>video</Category>" in oss.ask("GET", params=style)[2]


def test_with_mirroring_the_query_is_passed_as_the_setting_of_the_mirror_says(oss: Running) -> None:
    redirect = (
        b"<RedirectType>Mirror</RedirectType><PassQueryString>true</PassQueryString>"
        b"<MirrorPassQueryString>false</MirrorPassQueryString>"
    )
    body = b"<WebsiteConfiguration><RoutingRules><RoutingRule><Redirect>%s</Redirect></RoutingRule></RoutingRules>"
    assert oss.ask("PUT", params={"website": ""}, body=body % redirect + b"</WebsiteConfiguration>")[0] == 200
    kept = oss.ask("GET", params={"website": ""})[2]
    assert b"<PassQueryString>false</PassQueryString>" in kept
    assert kept.count(b"<PassQueryString>") == 1


def test_a_further_page_of_inventories_names_the_token_that_it_was_asked_for(oss: Running) -> None:
    for number in range(101):
        document = f"<InventoryConfiguration><Id>i{number}</Id></InventoryConfiguration>"
        oss.store.settings.put("photos", "inventory", f"i{number}", document)
    token = oss.ask("GET", params={"inventory": ""})[2].partition(b"<NextContinuationToken>")[2].partition(b"<")[0]
    assert b"<ContinuationToken>" not in oss.ask("GET", params={"inventory": ""})[2]
    page = oss.ask("GET", params={"inventory": "", "continuation-token": token.decode()})[2]
    assert b"<ContinuationToken>" + token + b"<" in page
