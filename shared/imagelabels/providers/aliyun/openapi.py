"""Opens clients of the vendor's newer SDKs, which share one core. They send once, and ignore the environment."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from alibabacloud_credentials.models import CredentialModel
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.core import DaraCore

from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.kit.proxies import Proxies
from imagelabels.providers.kit.session import HttpSession, NoRedirects

Client = TypeVar("Client")

# With DEBUG=sdk in the environment the SDK writes whole requests, key, token and signature, to its own handler.
logging.getLogger("darabonba-core").setLevel(logging.WARNING)


class _Keys:
    """It gives the SDK the present keys of the platform each time before the SDK signs."""

    def __init__(self, credentials: AliyunCredentials) -> None:
        self._credentials = credentials

    def get_credential(self) -> Any:
        keys = self._credentials.get_credentials()
        kind = "sts" if keys.token else "access_key"
        return CredentialModel(
            access_key_id=keys.key_id, access_key_secret=keys.secret, security_token=keys.token, type=kind
        )


def opened(
    make: Callable[[Any], Client], endpoint: str, credentials: AliyunCredentials, connections: int, proxies: Proxies
) -> tuple[Client, HttpSession]:
    """Return a client at an endpoint, http:// or https://, and the session that it sends with.

    `make` is the client's class. So many connections are kept open.
    """
    at = urlsplit(endpoint)
    client = make(
        Config(
            credential=_Keys(credentials),
            endpoint=at.netloc,
            protocol=at.scheme.upper(),
            user_agent="imagelabels",
            max_idle_conns=connections,
        )
    )
    # The SDK takes the session that it finds under this name; the 80 is its default port, part of no URL.
    name = f"{at.scheme}://{at.netloc}:80:pool={connections}"
    return client, DaraCore._sessions.setdefault(name, NoRedirects(proxies, connections))
