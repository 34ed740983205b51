"""The function's rotating credentials."""

from __future__ import annotations

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys

ENVIRON = {
    "TENCENTCLOUD_SECRETID": "AKIDenviron",
    "TENCENTCLOUD_SECRETKEY": "environ-secret",
    "TENCENTCLOUD_SESSIONTOKEN": "environ-token",
}


def test_who_holds_the_holder_sees_the_next_events_keys() -> None:
    credentials = TencentCredentials(TencentKeys("", ""))
    credentials.refresh_from(ENVIRON)
    assert credentials.keys == TencentKeys("AKIDenviron", "environ-secret", "environ-token")
    credentials.refresh_from(ENVIRON | {"TENCENTCLOUD_SECRETID": "AKIDnext", "TENCENTCLOUD_SESSIONTOKEN": ""})
    assert credentials.keys == TencentKeys("AKIDnext", "environ-secret", None)


@pytest.mark.parametrize("missing", ["TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY"])
def test_a_refresh_that_finds_half_a_set_keeps_the_old_one_and_says_what_to_set(missing: str) -> None:
    credentials = TencentCredentials(TencentKeys("old", "old"))
    with pytest.raises(Misconfigured, match="TENCENTCLOUD_SECRETID"):
        credentials.refresh_from(ENVIRON | {missing: ""})
    assert credentials.keys.id == "old"


def test_no_secret_shows_when_a_holder_is_printed() -> None:
    credentials = TencentCredentials(TencentKeys("", ""))
    credentials.refresh_from(ENVIRON)
    for text in (repr(credentials), f"{credentials.keys}"):
        assert "AKIDenviron" in text
        assert "environ-secret" not in text
        assert "environ-token" not in text


@pytest.mark.parametrize("name", ENVIRON)
@pytest.mark.parametrize("stray", [" {}", "{}\n", "a {}"])
def test_a_variable_with_stray_characters_is_named_and_not_quoted(name: str, stray: str) -> None:
    credentials = TencentCredentials(TencentKeys("old", "old"))
    with pytest.raises(Misconfigured, match=name) as caught:
        credentials.refresh_from({**ENVIRON, name: stray.format(ENVIRON[name])})
    assert ENVIRON[name] not in str(caught.value)
    assert credentials.keys.id == "old"
