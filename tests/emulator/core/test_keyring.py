"""The root key and temporary keys."""

from __future__ import annotations

import time

import pytest

from emulator.core.keyring import REMEMBERED, Keyring
from emulator.core.parts import Key


def test_the_root_key_is_found_and_never_expires() -> None:
    key = Keyring(Key("id", "secret")).find("id")
    assert key == Key("id", "secret", None, None)


def test_an_unknown_id_is_not_found() -> None:
    assert Keyring(Key("id", "secret")).find("other") is None


@pytest.mark.parametrize("root", [Key("", "secret"), Key("id", "")])
def test_an_empty_root_key_is_refused_and_the_message_names_the_variables(root: Key) -> None:
    with pytest.raises(ValueError, match="EMULATOR_ACCESS_KEY_SECRET"):
        Keyring(root)


def test_a_temporary_key_has_a_token_and_ends_when_asked_to() -> None:
    keyring = Keyring(Key("id", "secret"))
    before = time.time()
    key = keyring.issue(60)
    assert key.id.startswith("STS.")
    assert key.token
    assert key.expires is not None
    assert before + 60 <= key.expires <= time.time() + 60
    assert keyring.find(key.id) == key


def test_two_temporary_keys_share_nothing() -> None:
    keyring = Keyring(Key("id", "secret"))
    one, other = keyring.issue(60), keyring.issue(60)
    assert len({one.id, one.secret, one.token, other.id, other.secret, other.token}) == 6


def test_an_expired_key_is_still_known_for_a_while_and_forgotten_later() -> None:
    keyring = Keyring(Key("id", "secret"))
    fresh, old = keyring.issue(-1), keyring.issue(-REMEMBERED - 1)
    keyring.issue(60)
    assert keyring.find(fresh.id) == fresh
    assert keyring.find(old.id) is None


@pytest.mark.parametrize("other", [Key("id", "another"), Key("other", "")])
def test_a_key_of_another_account_that_could_be_taken_for_the_first_is_refused(other: Key) -> None:
    with pytest.raises(ValueError, match="EMULATOR_OTHER_KEY_ID"):
        Keyring(Key("id", "secret"), other)


def test_the_key_of_another_account_is_no_key_of_ours() -> None:
    assert Keyring(Key("id", "secret"), Key("other", "secret")).find("other") is None
