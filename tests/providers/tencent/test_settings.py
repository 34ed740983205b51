"""What the Tencent provider reads of the settings."""

from __future__ import annotations

import pytest

from imagelabels import clouds, settings
from imagelabels.domain.errors import Misconfigured


def test_nothing_set_is_one_scene_at_the_real_service() -> None:
    got = settings.of(clouds.provider_of("cos"), {})
    assert (got.region, got.endpoint_cos, got.scenes, got.ci_thumbnail) == ("", "", ("web",), True)


def test_scenes_are_the_same_in_whatever_order_they_are_named() -> None:
    """Their order is part of a detector's setting: another one would pay for every picture again."""
    named = [
        settings.of(clouds.provider_of("cos"), {"IMAGELABELS_CI_SCENES": text}).scenes
        for text in ("news, web", "web,news")
    ]
    assert named == [("web", "news")] * 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TENCENTCLOUD_REGION", "gz"),
        ("TENCENTCLOUD_REGION", "ap-guangzhou.evil.example"),
        ("IMAGELABELS_CI_SCENES", ""),
        ("IMAGELABELS_CI_SCENES", "web,web"),
        ("IMAGELABELS_CI_SCENES", "beach"),
        ("IMAGELABELS_CI_THUMBNAIL", "sometimes"),
        ("IMAGELABELS_ENDPOINT_COS", "127.0.0.1:9000"),
        ("IMAGELABELS_ENDPOINT_COS", "ftp://127.0.0.1"),
        ("IMAGELABELS_ENDPOINT_COS", "http://127.0.0.1:9000/path"),
        ("IMAGELABELS_ENDPOINT_COS", "http://"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        settings.of(clouds.provider_of("cos"), {name: value})
    assert name in str(refused.value)
