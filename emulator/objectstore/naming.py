"""The rules by which object stores accept the names of buckets and objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from emulator.core.refusal import Refusal


@dataclass(frozen=True, slots=True)
class BucketNames:
    """The names that a vendor allows for buckets."""

    form: re.Pattern[str]
    longest: int
    """Characters."""
    fault: str
    """A person is told this of any other name, as in "'A' is no bucket name: ..."."""

    def allow(self, name: str) -> bool:
        return len(name) <= self.longest and self.form.fullmatch(name) is not None


class KeyFault(Enum):
    """Why a store does not take the key of an object."""

    NOT_UTF8 = "the key is not UTF-8"
    TOO_LONG = "the key has too many bytes"
    FORM = "the key is empty, or begins with a slash or a backslash"


@dataclass(frozen=True, slots=True)
class KeyNames:
    """The keys that a vendor allows for objects."""

    longest: int
    """Bytes of UTF-8."""
    codes: Mapping[KeyFault, str]
    """The code of the refusal for each fault."""
    element: str = ""
    """The element of the error document that shows the key, if there is one."""

    def check(self, key: str) -> None:
        """Raise the Refusal of a key that the vendor does not allow."""
        fault = self._fault(key)
        if fault is not None:
            shown = {self.element: key[: self.longest]} if self.element else None
            raise Refusal(self.codes[fault], details=shown)

    def _fault(self, key: str) -> KeyFault | None:
        try:
            size = len(key.encode())
        except UnicodeEncodeError:  # bytes that are not UTF-8 are in the key as surrogates
            return KeyFault.NOT_UTF8
        if size > self.longest:
            return KeyFault.TOO_LONG
        return KeyFault.FORM if not key or key[0] in "/\\" else None
