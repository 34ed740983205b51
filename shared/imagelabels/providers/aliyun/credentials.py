"""Holds the platform's rotating credentials. Every client of this provider asks the holder before each request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.kit.keys import checked, no_such_key, wrong_secret

_VARIABLES = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN")
_FIELDS = ("access_key_id", "access_key_secret", "security_token")

NO_SUCH_KEY = no_such_key("access key", _VARIABLES[0])
WRONG_SECRET = wrong_secret("access key", *_VARIABLES[:2])


@dataclass(frozen=True, slots=True)
class AliyunKeys:
    """This is one set of keys, in the shape that oss2 asks for. Only the id is ever shown."""

    key_id: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)

    def get_access_key_id(self) -> str:
        return self.key_id

    def get_access_key_secret(self) -> str:
        return self.secret

    def get_security_token(self) -> str | None:
        return self.token

    @property
    def temporary(self) -> bool:
        """The service forgets such an id when it has expired."""
        return self.token is not None


class AliyunCredentials:
    """It fits oss2's CredentialsProvider without importing it.

    A refresh swaps one immutable set for another, so a request that is being signed in another thread sees the old keys
    or the new ones, never a mixture.
    """

    def __init__(self, keys: AliyunKeys) -> None:
        self._keys = keys

    @classmethod
    def from_context(cls, context: object, environ: Mapping[str, str]) -> AliyunCredentials:
        """Start with the keys that `refresh_from` would read."""
        return cls(_found(context, environ))

    def get_credentials(self) -> AliyunKeys:
        return self._keys

    def refresh(self, key_id: str, secret: str, token: str | None = None) -> None:
        self._keys = AliyunKeys(key_id, secret, token or None)

    def refresh_from(self, context: object, environ: Mapping[str, str]) -> None:
        """Read the keys of this event: from the context (runtimes up to 3.10), else from the environment (3.12)."""
        self._keys = _found(context, environ)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._keys!r})"


def _found(context: object, environ: Mapping[str, str]) -> AliyunKeys:
    """Read the role's keys where the runtime puts them.

    https://www.alibabacloud.com/help/en/functioncompute/fc/context-1
    """
    given = getattr(context, "credentials", None)
    in_context = {f"context.credentials.{name}": getattr(given, name, None) or "" for name in _FIELDS}
    in_environ = {name: environ.get(name, "") for name in _VARIABLES}
    for named in (in_context, in_environ):
        key_id, secret, token = named.values()
        if key_id and secret:
            for name, value in named.items():
                checked(name, value)
            return AliyunKeys(key_id, secret, token or None)
    raise Misconfigured(
        f"no credentials: set {_VARIABLES[0]} and {_VARIABLES[1]}, or give a function of Function Compute a role"
    )
