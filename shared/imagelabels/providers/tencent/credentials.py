"""The function's rotating credentials: one holder that every request of this provider asks anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from imagelabels.domain.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Keys:
    """One set of keys. Only the id is ever shown."""

    id: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


class Credentials:
    """A refresh swaps one immutable set for another: who takes `keys` once per request never signs with a mixture."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys

    def refresh_from(self, environ: Mapping[str, str]) -> None:
        """Before each event: the platform renews these variables of a function that has a role.

        https://cloud.tencent.com/document/product/583/14570. The SDKs' own names have one more underscore.
        """
        id, secret = environ.get("TENCENTCLOUD_SECRETID"), environ.get("TENCENTCLOUD_SECRETKEY")
        if not id or not secret:
            raise Misconfigured(
                "no credentials: TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY are not set. "
                "Give the function an execution role; outside SCF set these variables"
            )
        self.keys = Keys(id, secret, environ.get("TENCENTCLOUD_SESSIONTOKEN") or None)

    def __repr__(self) -> str:
        return f"Credentials({self.keys!r})"
