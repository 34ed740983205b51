"""Makes what the vendor's generated SDKs are opened with: the present keys, and a session that we control."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

import requests
from alibabacloud_credentials.models import CredentialModel
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.core import DaraCore

from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.kit.proxies import Proxies
from imagelabels.providers.kit.session import HttpSession

CONNECTIONS = 32
"""A client keeps so many connections open. Were there more threads, each further call would open a new one."""

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


class _Session(HttpSession):
    """It follows no redirect, which would send the token elsewhere."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        return super().send(request, **{**options, "allow_redirects": False})


def config(endpoint: str, credentials: AliyunCredentials) -> Any:
    """Return the configuration of a client for an endpoint, http:// or https://."""
    at = urlsplit(endpoint)
    return Config(
        credential=_Keys(credentials),
        endpoint=at.netloc,
        protocol=at.scheme.upper(),
        user_agent="imagelabels",
        max_idle_conns=CONNECTIONS,
    )


def session(endpoint: str, proxies: Proxies) -> HttpSession:
    """Return the session that all clients of an endpoint share. Close it with the last of them."""
    at = urlsplit(endpoint)
    # The SDK takes the session that it finds under this name; the 80 is its default port, part of no URL.
    name = f"{at.scheme}://{at.netloc}:80:pool={CONNECTIONS}"
    shared: HttpSession = DaraCore._sessions.setdefault(name, _Session(proxies, CONNECTIONS))
    return shared
