"""What the provider reads of the settings."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.aliyun.settings import AliyunSettings


def test_in_a_function_nothing_needs_to_be_set() -> None:
    settings = AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou", "FC_TIMEOUT": "60"})
    assert settings.region == "cn-hangzhou"
    assert settings.endpoint_oss == "https://oss-cn-hangzhou-internal.aliyuncs.com"


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:9000", "https://oss-cn-hangzhou.aliyuncs.com", "http://localhost:9000/"]
)
def test_an_endpoint_that_is_set_is_used(endpoint: str) -> None:
    settings = AliyunSettings.model_validate({"FC_REGION": "us-west-1", "IMAGELABELS_ENDPOINT_OSS": endpoint})
    assert settings.endpoint_oss == endpoint.rstrip("/")


def test_an_endpoint_that_is_set_to_nothing_is_not_set() -> None:
    settings = AliyunSettings.model_validate({"FC_REGION": "us-west-1", "IMAGELABELS_ENDPOINT_OSS": ""})
    assert settings.endpoint_oss == "https://oss-us-west-1-internal.aliyuncs.com"


@pytest.mark.parametrize(
    "endpoint",
    [
        "127.0.0.1:9000",
        "oss-cn-hangzhou.aliyuncs.com",
        "ftp://host",
        "http://",
        "http://host/bucket",
        "http://host?x=1",
        "http://me:word@host",
    ],
)
def test_an_endpoint_that_is_no_address_is_refused_by_its_name_and_not_repeated(endpoint: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou", "IMAGELABELS_ENDPOINT_OSS": endpoint})
    assert caught.value.errors()[0]["loc"] == ("IMAGELABELS_ENDPOINT_OSS",)
    assert "must be http:// or https://" in str(caught.value)
    assert "me:word" not in str(caught.value)


def test_each_version_of_function_compute_has_an_address_of_its_own() -> None:
    """The SDK has that of 3.0, and this page that of 2.0:
    https://www.alibabacloud.com/help/en/functioncompute/fc-2-0/developer-reference/endpoints"""
    settings = AliyunSettings.model_validate(
        {"FC_REGION": "cn-hangzhou", "IMAGELABELS_FC_ACCOUNT_ID": "1234567890123456"}
    )
    assert settings.address_fc3 == "https://fcv3.cn-hangzhou.aliyuncs.com"
    assert settings.address_fc2 == "https://1234567890123456.cn-hangzhou.fc.aliyuncs.com"


def test_one_address_that_is_set_counts_for_both_versions_of_function_compute() -> None:
    address = "http://127.0.0.1:9000"
    settings = AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou", "IMAGELABELS_ENDPOINT_FC": address})
    assert (settings.address_fc3, settings.address_fc2) == (address, address)


def test_a_service_of_2_0_cannot_be_reached_without_its_account() -> None:
    settings = AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou"})
    with pytest.raises(Misconfigured, match="IMAGELABELS_FC_ACCOUNT_ID is not set"):
        _ = settings.address_fc2


@pytest.mark.parametrize("region", ["oss-cn-hangzhou", "", "hangzhou", "CN-HANGZHOU", "cn-hangzhou.aliyuncs.com"])
def test_a_region_that_requests_cannot_be_signed_for_is_refused_by_its_name(region: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AliyunSettings.model_validate({"FC_REGION": region})
    assert [wrong["loc"] for wrong in caught.value.errors()] == [("FC_REGION",)]


def test_a_region_that_is_missing_is_missed_by_its_name() -> None:
    with pytest.raises(ValidationError, match="FC_REGION"):
        AliyunSettings.model_validate({})


def test_every_setting_is_described_for_the_readme() -> None:
    for field in AliyunSettings.model_fields.values():
        assert field.description
        assert isinstance(field.validation_alias, str)
