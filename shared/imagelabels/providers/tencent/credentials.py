"""Holds the function's rotating credentials. Every request of this provider asks the holder anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.kit.keys import checked, no_such_key, wrong_secret

_VARIABLES = ("TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY", "TENCENTCLOUD_SESSIONTOKEN")

NO_SUCH_KEY = no_such_key("key", _VARIABLES[0])
WRONG_SECRET = wrong_secret("key", *_VARIABLES[:2])


@dataclass(frozen=True, slots=True)
class TencentKeys:
    """This is one set of keys. Only the id is ever shown."""

    id: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


class TencentCredentials:
    """A refresh swaps one immutable set for another: who takes `keys` once per request never signs with a mixture."""

    def __init__(self, keys: TencentKeys) -> None:
        self.keys = keys

    def refresh_from(self, environ: Mapping[str, str]) -> None:
        """Read the keys of this event: the platform renews these variables of a function that has a role.

        https://cloud.tencent.com/document/product/583/14570. The SDKs' own names have one more underscore.
        """
        key_id, secret, token = (checked(name, environ.get(name, "")) for name in _VARIABLES)
        if not key_id or not secret:
            raise Misconfigured(
                f"no credentials: set {_VARIABLES[0]} and {_VARIABLES[1]}, or give a function of SCF an execution role"
            )
        self.keys = TencentKeys(key_id, secret, token or None)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.keys!r})"
