"""Sends requests to a bucket of OSS or COS. The vendor's SDK signs them, so that they may be such as it never sends."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import oss2
import requests
from qcloud_cos import CosConfig, CosS3Auth

from tests.conformance.facts import Reply

SECONDS = 60


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    bucket: str
    key: str
    """The whole key of the object. It is empty for the bucket itself."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Keys:
    id: str
    secret: str
    token: str = ""


class Store(Protocol):
    def send(self, request: Request) -> Reply: ...

    def source(self, bucket: str) -> str:
        """Return what stands before the key in the header that names the source of a copy."""
        ...

    def close(self) -> None: ...


class OssStore:
    def __init__(self, endpoint: str, region: str, keys: Keys) -> None:
        self._region, self._session = region, requests.Session()
        self._session.trust_env = False
        self._url = oss2.api._UrlMaker(oss2.api._normalize_endpoint(endpoint), False, False)
        if keys.token:
            self._auth: Any = oss2.StsAuth(keys.id, keys.secret, keys.token, auth_version="v4")
        else:
            self._auth = oss2.make_auth(keys.id, keys.secret, "v4")

    def send(self, request: Request) -> Reply:
        signed = oss2.http.Request(
            request.method,
            self._url(request.bucket, request.key),
            data=request.body,
            params=dict(request.query),
            headers=_with_md5(request),
            region=self._region,
            product="oss",
        )
        self._auth._sign_request(signed, request.bucket, request.key)
        prepared = requests.Request(
            signed.method, signed.url, data=request.body, params=signed.params, headers=_texts(signed.headers)
        ).prepare()
        return _sent(self._session, prepared)

    def source(self, bucket: str) -> str:
        return f"/{bucket}"

    def close(self) -> None:
        self._session.close()


class CosStore:
    def __init__(self, endpoint: str, region: str, keys: Keys) -> None:
        self._region, self._keys, self._session = region, keys, requests.Session()
        self._session.trust_env = False
        self._parts = urlsplit(endpoint)
        self._config = CosConfig(Region=region, SecretId=keys.id, SecretKey=keys.secret)

    def send(self, request: Request) -> Reply:
        host = f"{request.bucket}.{self._host()}"
        headers = {**_with_md5(request), "Host": host}
        if self._keys.token:
            headers.setdefault("x-cos-security-token", self._keys.token)
        query = "&".join(
            f"{quote(name, safe='/')}={quote(value, safe='')}" if value else quote(name, safe="/")
            for name, value in request.query.items()
        )
        to = self._parts.netloc if self._local() else host
        url = f"{self._parts.scheme}://{to}/{quote(request.key, safe='/')}" + (f"?{query}" if query else "")
        prepared = requests.Request(request.method, url, data=request.body, headers=headers).prepare()
        CosS3Auth(self._config, request.key, dict(request.query))(prepared)
        return _sent(self._session, prepared)

    def source(self, bucket: str) -> str:
        return f"{bucket}.{self._host()}"

    def _host(self) -> str:
        return f"cos.{self._region}.myqcloud.com" if self._local() else self._parts.netloc

    def _local(self) -> bool:
        """Tell whether the endpoint is an address. Then it stands for the whole of COS, as the emulator does."""
        try:
            ipaddress.ip_address(self._parts.hostname or "")
        except ValueError:
            return False
        return True

    def close(self) -> None:
        self._session.close()


def _with_md5(request: Request) -> dict[str, str]:
    """Add the Content-MD5 that some writes of documents need."""
    headers = dict(request.headers)
    if request.body and request.query:
        digest = hashlib.md5(request.body, usedforsecurity=False).digest()
        headers.setdefault("Content-MD5", base64.b64encode(digest).decode())
    return headers


def _texts(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in headers.items() if value is not None}


def _sent(session: requests.Session, prepared: requests.PreparedRequest) -> Reply:
    response = session.send(prepared, timeout=SECONDS, allow_redirects=False)
    return Reply(
        response.status_code, {name.lower(): value for name, value in response.headers.items()}, response.content
    )
