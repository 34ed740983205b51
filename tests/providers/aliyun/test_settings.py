"""What the provider reads of the settings."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

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
