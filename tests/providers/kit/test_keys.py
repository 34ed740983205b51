"""Keys that a header could not carry, or that were pasted with what surrounds them."""

from __future__ import annotations

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.kit.keys import checked


@pytest.mark.parametrize("value", [" K", "K ", "K\n", "\tK", "a b", "K\x00", "\ufeffK", "密钥", "K\x7f"])
def test_a_key_with_stray_characters_is_refused_by_its_name_and_never_quoted(value: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        checked("SOME_VARIABLE", value)
    assert "SOME_VARIABLE" in str(caught.value)
    assert value.strip() not in str(caught.value).replace("SOME_VARIABLE", "")


@pytest.mark.parametrize("value", ["", "LTAI5tABC", "CAISabc+/=", "v7Fh!#$%&'*"])
def test_a_key_is_taken_as_it_is(value: str) -> None:
    assert checked("SOME_VARIABLE", value) == value
