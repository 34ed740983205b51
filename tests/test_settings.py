"""These tests check which settings a user may make, and how wrong ones are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagelabels import clouds, settings
from imagelabels.domain.budget import Limits
from imagelabels.domain.errors import Misconfigured


def test_nothing_set_is_a_working_set_of_defaults() -> None:
    loaded = settings.load({})
    assert (loaded.detector, loaded.threshold, loaded.language, loaded.tag_limit, loaded.reuse) == (
        None,
        None,
        "en",
        5,
        "bucket",
    )
    assert loaded.tag_value == "category"


def test_a_policy_file_is_no_file_where_a_template_leaves_it_empty() -> None:
    assert settings.load({"IMAGELABELS_POLICY": ""}).policy_file is None
    assert settings.load({"IMAGELABELS_POLICY": "/code/policy.toml"}).policy_file == Path("/code/policy.toml")


def test_every_setting_reaches_where_it_is_used() -> None:
    loaded = settings.load(
        {
            "IMAGELABELS_THRESHOLD": "0.5",
            "IMAGELABELS_LANGUAGE": "zh-Hans",
            "IMAGELABELS_TAG_PREFIX": "ai/",
            "IMAGELABELS_TAG_LIMIT": "3",
            "IMAGELABELS_TAG_VALUE": "confidence",
            "IMAGELABELS_ENDPOINT_OSS": "http://127.0.0.1:9000",
            "PATH": "/bin",
        }
    )
    policy = loaded.policy(0.7)
    assert (policy.threshold, policy.language, policy.tag_prefix) == (0.5, "zh-Hans", "ai/")
    assert (policy.tag_limit, policy.tag_value) == (3, "confidence")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("THRESHOLD", "70", "IMAGELABELS_THRESHOLD"),
        ("THRESHOLD", "nan", "IMAGELABELS_THRESHOLD"),
        ("THRESHOLD", "0.05", "IMAGELABELS_DETECT_FLOOR must not be above IMAGELABELS_THRESHOLD"),
        ("THRESHOLD", "80", "IMAGELABELS_THRESHOLD: 80 is not a number from 0 to 1: did you mean 0.8?"),
        ("DETECT_FLOOR", "10", "IMAGELABELS_DETECT_FLOOR: 10 is not a number from 0 to 1: did you mean 0.1?"),
        ("THRESHOLD", "-1", "IMAGELABELS_THRESHOLD: -1 is not a number from 0 to 1"),
        ("THRESHOLD", "high", "IMAGELABELS_THRESHOLD: high is not a number from 0 to 1"),
        ("THRESHOLD", "", "IMAGELABELS_THRESHOLD: an empty text is not a number from 0 to 1"),
        ("LANGUAGE", "fr", "IMAGELABELS_LANGUAGE: fr is not one of en, zh-Hans"),
        ("LANGUAGE", "zh", "IMAGELABELS_LANGUAGE: zh is not one of en, zh-Hans: did you mean zh-Hans?"),
        ("LOG_LEVEL", "debug", "did you mean DEBUG?"),
        ("DETECTOR", "rekognition", "IMAGELABELS_DETECTOR"),
        ("TAG_PREFIX", "", "IMAGELABELS_TAG_PREFIX is not what both stores take in tags: 1 to 32 of A-Z, a-z"),
        ("TAG_PREFIX", "labels@", "IMAGELABELS_TAG_PREFIX is not what both stores take in tags"),
        ("RECALL", "most", "IMAGELABELS_RECALL"),
        ("FACES", "yes", "IMAGELABELS_FACES"),
        ("TAG_LIMIT", "11", "IMAGELABELS_TAG_LIMIT: 11 is not a whole number from 0 to 10"),
        ("TAG_LIMIT", "many", "IMAGELABELS_TAG_LIMIT: many is not a whole number from 0 to 10"),
        ("TAG_LIMIT", "2.5", "IMAGELABELS_TAG_LIMIT: 2.5 is not a whole number from 0 to 10"),
        ("CONCURRENCY", "0", "IMAGELABELS_CONCURRENCY: 0 is not a whole number from 1 to 64"),
        ("INDEX", "mysql://photos", "IMAGELABELS_INDEX: must be tablestore://instance, sqlite:///"),
        ("INDEX", "sqlite:///", "IMAGELABELS_INDEX"),
        ("TRESHOLD", "0.5", "IMAGELABELS_TRESHOLD is not a setting: did you mean IMAGELABELS_THRESHOLD?"),
        ("POLICIES", "rules.toml", "IMAGELABELS_POLICIES is not a setting: did you mean IMAGELABELS_POLICY?"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str, message: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        settings.load({f"IMAGELABELS_{name}": value})
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("store", "name", "value", "message"),
    [
        (
            "oss",
            "FC_REGION",
            None,
            "FC_REGION is not set: it is the id of a region of Alibaba Cloud, as",
        ),
        ("oss", "FC_REGION", "", "FC_REGION is not the id of a region of Alibaba Cloud, as cn-hangzhou"),
        ("oss", "IMAGELABELS_IMM_PROJECT", "a/b", "IMAGELABELS_IMM_PROJECT is not the name of an IMM"),
        ("oss", "IMAGELABELS_IMM_CREDENTIAL_CONFIG", "x", "CONFIG is not an object in JSON, as"),
        ("oss", "IMAGELABELS_IMM_CREDENTIAL_CONFIG", "[]", "CONFIG is not an object in JSON, as"),
        ("cos", "TENCENTCLOUD_REGION", "X", "TENCENTCLOUD_REGION is not the id of a region of Tencent"),
        ("cos", "IMAGELABELS_CI_THUMBNAIL", "maybe", "CI_THUMBNAIL: maybe is neither true nor false"),
    ],
)
def test_a_wrong_setting_of_a_cloud_is_refused_in_plain_words(
    store: str, name: str, value: str | None, message: str
) -> None:
    environ = {"FC_REGION": "cn-hangzhou"} | ({} if value is None else {name: value})
    if value is None:
        del environ[name]
    with pytest.raises(Misconfigured) as refused:
        settings.of(clouds.provider_of(store), environ)
    assert message in str(refused.value)


def test_an_empty_model_is_the_one_that_was_built() -> None:
    assert settings.load({"IMAGELABELS_MODEL": ""}).model is None


def test_every_setting_has_a_description_and_is_in_the_readme() -> None:
    readme = (Path(__file__).resolve().parent.parent / "README.md").read_text()
    for name, default, description in settings.table():
        assert f"| `{name}` | {f'`{default}`' if default else ''} | {description} |" in readme


def test_alibaba_needs_its_region_and_says_so() -> None:
    with pytest.raises(Misconfigured) as refused:
        settings.of(clouds.provider_of("oss"), {})
    assert "FC_REGION" in str(refused.value)


@pytest.mark.parametrize(
    ("environ", "limits"),
    [
        ({}, Limits()),
        ({"BUDGET_PER_DAY": "", "BUDGET_TOTAL": "", "RATE": "", "CALL_PRICE": ""}, Limits()),
        ({"BUDGET_PER_DAY": "1000", "BUDGET_TOTAL": "20000", "RATE": "5"}, Limits(1000, 20000, 5)),
        ({"BUDGET_PER_DAY": "1.42 USD", "CALL_PRICE": "0.000142 USD"}, Limits(10_000)),
        ({"BUDGET_TOTAL": "0"}, Limits(total=0)),
        ({"IMM_RATE": "7.9", "DETECTOR": "imm"}, Limits(per_second=7)),
        ({"IMM_RATE": "0.2", "DETECTOR": "imm"}, Limits(per_second=1)),
        ({"IMM_RATE": "7", "RATE": "3", "DETECTOR": "imm"}, Limits(per_second=3)),
        ({"IMM_RATE": "7", "DETECTOR": "oss"}, Limits()),
        ({"IMM_RATE": ""}, Limits()),
    ],
)
def test_budgets_are_set_in_calls_or_in_money(environ: dict[str, str], limits: Limits) -> None:
    assert settings.load({f"IMAGELABELS_{name}": value for name, value in environ.items()}).limits() == limits


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"BUDGET_PER_DAY": "ten"}, "IMAGELABELS_BUDGET_PER_DAY: ten is not a number of calls"),
        ({"BUDGET_TOTAL": "5 USD"}, "IMAGELABELS_BUDGET_TOTAL: 5 USD is an amount: set IMAGELABELS_CALL_PRICE too"),
        ({"BUDGET_PER_DAY": "5 USD"}, "IMAGELABELS_BUDGET_PER_DAY: 5 USD is an amount"),
        ({"BUDGET_TOTAL": "1" + "0" * 24}, "IMAGELABELS_BUDGET_TOTAL: 1000000000000000000000000 has too many digits"),
        ({"BUDGET_TOTAL": "5 USD", "CALL_PRICE": "1 CNY"}, "5 USD is in USD, and IMAGELABELS_CALL_PRICE in CNY"),
        ({"CALL_PRICE": "1"}, "IMAGELABELS_CALL_PRICE: 1 is not an amount, such as 0.000142 USD"),
        ({"RATE": "0"}, "IMAGELABELS_RATE: 0 is not a whole number from 1 to 100000"),
        ({"RATE": "0.5"}, "IMAGELABELS_RATE: 0.5 is not a whole number"),
        ({"IMM_RATE": "0"}, "IMAGELABELS_IMM_RATE: 0 is not a number above 0"),
        ({"IMM_RATE": "fast"}, "IMAGELABELS_IMM_RATE: fast is not a number above 0"),
    ],
)
def test_a_budget_that_cannot_be_read_names_its_setting(environ: dict[str, str], words: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        settings.load({f"IMAGELABELS_{name}": value for name, value in environ.items()})
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"IMM_RATE": "7", "DETECTOR": "imm"}, "used as IMAGELABELS_RATE=7"),
        ({"IMM_RATE": "7", "RATE": "3", "DETECTOR": "imm"}, "not used, because IMAGELABELS_RATE is set"),
        ({"IMM_RATE": "7"}, "set IMAGELABELS_RATE"),
    ],
)
def test_the_former_name_of_the_rate_works_and_names_the_setting_in_its_place(
    environ: dict[str, str], words: str
) -> None:
    (text,) = settings.load({f"IMAGELABELS_{name}": value for name, value in environ.items()}).outdated()
    assert words in text
    assert settings.load({"IMAGELABELS_RATE": "3"}).outdated() == ()
