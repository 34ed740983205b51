"""The platform's rotating credentials."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys

ENVIRON = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "STS.environ",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "environ-secret",
    "ALIBABA_CLOUD_SECURITY_TOKEN": "environ-token",
}


def context(key_id: str | None = "STS.context", token: str | None = "context-token") -> SimpleNamespace:
    given = SimpleNamespace(access_key_id=key_id, access_key_secret=key_id and "context-secret", security_token=token)
    return SimpleNamespace(credentials=given, region="cn-hangzhou")


def shown(credentials: AliyunCredentials) -> tuple[str, str, str | None]:
    keys = credentials.get_credentials()
    return keys.get_access_key_id(), keys.get_access_key_secret(), keys.get_security_token()


def test_the_contexts_keys_come_first() -> None:
    credentials = AliyunCredentials.from_context(context(), ENVIRON)
    assert shown(credentials) == ("STS.context", "context-secret", "context-token")


@pytest.mark.parametrize(
    "without", [SimpleNamespace(), SimpleNamespace(credentials=None), context(None, None), context("", ""), None]
)
def test_a_context_without_keys_leaves_it_to_the_environment(without: object) -> None:
    """The 3.12 runtime's context has no credentials at all."""
    assert shown(AliyunCredentials.from_context(without, ENVIRON)) == ("STS.environ", "environ-secret", "environ-token")


def test_lasting_keys_have_no_token() -> None:
    keys = {name: value for name, value in ENVIRON.items() if "TOKEN" not in name}
    assert shown(AliyunCredentials.from_context(None, keys)) == ("STS.environ", "environ-secret", None)
    assert shown(AliyunCredentials.from_context(context(token=""), {})) == ("STS.context", "context-secret", None)


def test_no_keys_at_all_are_a_setting_to_mend_and_not_an_anonymous_request() -> None:
    with pytest.raises(Misconfigured, match="ALIBABA_CLOUD_ACCESS_KEY_ID"):
        AliyunCredentials.from_context(SimpleNamespace(), {"ALIBABA_CLOUD_ACCESS_KEY_ID": "id only"})


def test_who_holds_the_holder_sees_the_next_events_keys() -> None:
    credentials = AliyunCredentials.from_context(context(), {})
    credentials.refresh_from(context("STS.next"), {})
    assert shown(credentials)[0] == "STS.next"
    credentials.refresh("LTAI", "secret")
    assert shown(credentials) == ("LTAI", "secret", None)
    credentials.refresh("LTAI", "secret", "")
    assert shown(credentials) == ("LTAI", "secret", None)


def test_a_refresh_that_finds_nothing_keeps_the_old_keys() -> None:
    credentials = AliyunCredentials.from_context(context(), {})
    with pytest.raises(Misconfigured):
        credentials.refresh_from(None, {})
    assert shown(credentials)[0] == "STS.context"


def test_no_secret_shows_when_a_holder_is_printed() -> None:
    credentials = AliyunCredentials.from_context(context(), {})
    for text in (repr(credentials), str(credentials), f"{credentials.get_credentials()}"):
        assert "STS.context" in text
        assert "context-secret" not in text
        assert "context-token" not in text


def test_a_request_never_signs_with_half_of_two_sets_of_keys() -> None:
    credentials = AliyunCredentials(AliyunKeys("0", "0", "0"))
    stop = threading.Event()

    def rotate() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            credentials.refresh(str(number), str(number), str(number))

    thread = threading.Thread(target=rotate)
    thread.start()
    seen = [shown(credentials) for _ in range(20_000)]
    stop.set()
    thread.join()
    assert all(key_id == secret == token for key_id, secret, token in seen)


def test_keys_that_were_handed_out_do_not_change() -> None:
    credentials = AliyunCredentials(AliyunKeys("a", "b", "c"))
    keys = credentials.get_credentials()
    credentials.refresh("d", "e", "f")
    assert (keys.key_id, keys.secret, keys.token) == ("a", "b", "c")
    with pytest.raises(AttributeError):
        keys.secret = "x"  # type: ignore[misc]


@pytest.mark.parametrize("name", ENVIRON)
@pytest.mark.parametrize("stray", [" {}", "{}\n", "a {}"])
def test_a_variable_with_stray_characters_is_named_and_not_quoted(name: str, stray: str) -> None:
    environ = {**ENVIRON, name: stray.format(ENVIRON[name])}
    with pytest.raises(Misconfigured, match=name) as caught:
        AliyunCredentials.from_context(None, environ)
    assert ENVIRON[name] not in str(caught.value)


@pytest.mark.parametrize("field", ["access_key_id", "access_key_secret", "security_token"])
def test_a_context_with_stray_characters_is_named_and_not_quoted(field: str) -> None:
    given = context()
    setattr(given.credentials, field, f" {getattr(given.credentials, field)}")
    with pytest.raises(Misconfigured, match=f"context.credentials.{field}") as caught:
        AliyunCredentials.from_context(given, {})
    assert getattr(given.credentials, field).strip() not in str(caught.value)
