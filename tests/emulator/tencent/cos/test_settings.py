"""Settings of a bucket that COS keeps as documents and gives back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.running import COS_BUCKET, cos_refused

RULE = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "日志/"}, "Expiration": {"Days": "30"}}
CORS = {"CORSRule": [{"AllowedOrigin": ["*"], "AllowedMethod": ["GET"]}]}
REFERER = {"Status": "Enabled", "RefererType": "White-List", "DomainList": {"Domain": ["*.example.com"]}}
TAGS = {"TagSet": {"Tag": [{"Key": "team", "Value": "blue"}]}}
ROUTE = {"Condition": {"KeyPrefixEquals": "a/"}, "Redirect": {"ReplaceKeyPrefixWith": "b/"}}
INVENTORY = {"IsEnabled": "true", "Schedule": {"Frequency": "Daily"}}


def test_a_set_up_script_reads_back_the_settings_that_it_has_written(client: Any) -> None:
    client.put_bucket_lifecycle(COS_BUCKET, {"Rule": [RULE]})
    client.put_bucket_cors(COS_BUCKET, CORS)
    client.put_bucket_website(COS_BUCKET, {"IndexDocument": {"Suffix": "index.html"}, "RoutingRules": [ROUTE]})
    client.put_bucket_referer(COS_BUCKET, REFERER)
    client.put_bucket_tagging(COS_BUCKET, TAGS)
    client.put_bucket_policy(COS_BUCKET, {"version": "2.0", "Statement": []})
    client.put_bucket_logging(COS_BUCKET, {"LoggingEnabled": {"TargetBucket": COS_BUCKET, "TargetPrefix": "日志/"}})
    assert client.get_bucket_lifecycle(COS_BUCKET)["Rule"][0]["Filter"] == {"Prefix": "日志/"}
    assert client.get_bucket_cors(COS_BUCKET)["CORSRule"][0]["AllowedMethod"] == ["GET"]
    assert client.get_bucket_referer(COS_BUCKET)["DomainList"] == {"Domain": ["*.example.com"]}
    client.delete_bucket_referer(COS_BUCKET)
    assert client.get_bucket_referer(COS_BUCKET)["RefererConfiguration"] is None
    assert client.get_bucket_website(COS_BUCKET)["RoutingRules"][0]["Redirect"]["URLRedirect"] == "Enabled"
    assert client.get_bucket_website(COS_BUCKET)["IndexDocument"] == {"Suffix": "index.html"}
    assert client.get_bucket_tagging(COS_BUCKET) == TAGS
    assert '"2.0"' in client.get_bucket_policy(COS_BUCKET)["Policy"]
    assert client.get_bucket_logging(COS_BUCKET)["LoggingEnabled"]["TargetPrefix"] == "日志/"


def test_a_setting_that_was_never_made_or_is_removed_is_told_as_the_vendor_tells_it(client: Any) -> None:
    client.put_bucket_cors(COS_BUCKET, CORS)
    client.delete_bucket_cors(COS_BUCKET)
    client.delete_bucket_cors(COS_BUCKET)
    assert cos_refused(client.get_bucket_cors, COS_BUCKET)[1] == "NoSuchCORSConfiguration"
    assert cos_refused(client.get_bucket_lifecycle, COS_BUCKET)[1] == "NoSuchLifecycleConfiguration"
    assert cos_refused(client.get_bucket_tagging, COS_BUCKET)[1] == "NoSuchTagSet"
    assert cos_refused(client.get_bucket_website, COS_BUCKET)[1] == "NoSuchWebsiteConfiguration"
    assert cos_refused(client.get_bucket_policy, COS_BUCKET)[1] == "NoSuchBucketPolicy"
    assert client.get_bucket_referer(COS_BUCKET)["RefererConfiguration"] is None


def test_buckets_are_listed_by_their_tags(client: Any) -> None:
    client.put_bucket_tagging(COS_BUCKET, TAGS)
    blue = client.list_buckets(TagKey="team", TagValue="blue")["Buckets"]["Bucket"]
    assert [bucket["Name"] for bucket in blue] == [COS_BUCKET]
    assert not client.list_buckets(TagKey="team", TagValue="red")["Buckets"]


def test_inventories_are_listed_in_pages_in_the_order_of_their_making(client: Any) -> None:
    for number in range(101):
        client.put_bucket_inventory(COS_BUCKET, f"i{number}", dict(INVENTORY))
    client.put_bucket_inventory(COS_BUCKET, "i0", dict(INVENTORY))
    page = client.list_bucket_inventory_configurations(COS_BUCKET)
    assert [one["Id"] for one in page["InventoryConfiguration"]] == [f"i{number}" for number in range(100)]
    last = client.list_bucket_inventory_configurations(COS_BUCKET, ContinuationToken=page["NextContinuationToken"])
    assert (last["InventoryConfiguration"]["Id"], last["IsTruncated"]) == ("i100", "false")
    wrong = cos_refused(client.list_bucket_inventory_configurations, COS_BUCKET, ContinuationToken="x")
    assert wrong[1] == "InvalidArgument"


@pytest.mark.parametrize(
    ("write", "document", "code"),
    [
        ("put_bucket_lifecycle", {"Rule": [{**RULE, "Status": "On"}]}, "MalformedXML"),
        ("put_bucket_cors", {"CORSRule": [{"AllowedMethod": ["GET"]}]}, "MalformedXML"),
        ("put_bucket_website", {"ErrorDocument": {"Key": "e"}}, "MalformedXML"),
        ("put_bucket_referer", {**REFERER, "RefererType": "Grey"}, "MalformedXML"),
        ("put_bucket_tagging", {"TagSet": {"Tag": TAGS["TagSet"]["Tag"] * 2}}, "InvalidTag"),
    ],
)
def test_a_wrong_setting_is_refused(client: Any, write: str, document: Any, code: str) -> None:
    assert cos_refused(getattr(client, write), COS_BUCKET, document)[1] == code


def test_a_rule_of_intelligent_tiering_would_not_be_disabled_or_not_be_told_from_the_older_setting(client: Any) -> None:
    rule = {"Id": "cold", "Status": "Disabled", "Tiering": [{"AccessTier": "ARCHIVE", "Days": "90"}]}
    client.put_bucket_intelligenttiering_v2(COS_BUCKET, dict(rule), Id="cold")
    assert client.get_bucket_intelligenttiering_v2(COS_BUCKET, Id="cold")["Status"] == "Disabled"
    suspended = rule | {"Status": "Suspended"}
    assert cos_refused(client.put_bucket_intelligenttiering_v2, COS_BUCKET, suspended, Id="cold")[0] == 400
    assert cos_refused(client.put_bucket_intelligenttiering, COS_BUCKET, {"Status": "Disabled"})[0] == 400


def test_rules_of_intelligent_tiering_are_read_back_in_both_forms(client: Any) -> None:
    client.put_bucket_intelligenttiering(COS_BUCKET, {"Status": "Enabled", "Transition": {"Days": "30"}})
    assert client.get_bucket_intelligenttiering(COS_BUCKET)["Status"] == "Enabled"
    rule = {"Id": "default", "Status": "Enabled", "Tiering": [{"AccessTier": "INFREQUENT", "Days": "30"}]}
    client.put_bucket_intelligenttiering_v2(COS_BUCKET, rule, Id="default")
    assert client.get_bucket_intelligenttiering_v2(COS_BUCKET, Id="default")["Status"] == "Enabled"
    assert cos_refused(client.get_bucket_intelligenttiering_v2, COS_BUCKET, Id="other")[0] == 404
    assert cos_refused(client.put_bucket_intelligenttiering, COS_BUCKET, {"Status": "On"})[0] == 400
