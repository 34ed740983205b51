"""Speaks to COS with explicit time-outs and one attempt per call, and lets nothing secret into a log."""

from __future__ import annotations

import json
import logging
import posixpath
from collections.abc import Container, Mapping
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

import requests
from qcloud_cos import CosConfig, CosS3Auth, CosS3Client, CosServiceError

from imagelabels.domain import calls
from imagelabels.domain.errors import Misconfigured, Rejected
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.kit.proxies import DIRECT, Proxies
from imagelabels.providers.kit.session import HttpSession, keep_signed_urls_out_of_logs
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys

CONNECTIONS = 32
"""A client keeps so many connections open. Were there more threads, each further call would open a new one."""

# At every level the SDK writes keys, signatures, tokens or whole URLs; what it says of failures, it also raises.
logging.getLogger("qcloud_cos").setLevel(logging.CRITICAL + 1)
keep_signed_urls_out_of_logs("q-signature", "x-cos-security-token")


def checked_key(ref: ObjectRef) -> str:
    """Return the key if a URL can hold it; else raise Rejected("unsignable_key").

    A path of dots is resolved away before it is sent. The SDK refuses a key that a server may resolve to the bucket
    itself, since the answer would be a list and no object (qcloud_cos.cos_comm.path_simplify_check).
    """
    try:
        ref.key.encode()
        sendable = bool(posixpath.normpath("/" + ref.key).strip("/"))
    except UnicodeEncodeError:
        sendable = False
    if not sendable:
        raise Rejected("unsignable_key", f"no URL can name {ref.uri!r}")
    return ref.key


class CosBuckets:
    """It has the buckets by name, over one pool of connections. It is thread-safe. Time-outs are in seconds."""

    def __init__(
        self,
        endpoint: str,
        region: str,
        regions: Mapping[str, str],
        credentials: TencentCredentials,
        connect: float = 3.0,
        read: float = 10.0,
        proxies: Proxies = DIRECT,
    ) -> None:
        self._endpoint, self._region, self._regions = urlsplit(endpoint), region, regions
        self._credentials, self._timeout = credentials, (connect, read)
        self._session = HttpSession(proxies, CONNECTIONS)
        self._session.headers["Accept-Encoding"] = "identity"

    def __getitem__(self, name: str) -> Bucket:
        """Return the bucket with the present keys; ask again for every call. Misconfigured: its region is unknown."""
        region = self._regions.get(name, self._region)
        if not region:
            raise Misconfigured(f"the region of bucket {name!r} is unknown: set TENCENTCLOUD_REGION")
        # The SDK never sends the token of a CredentialInstance, so it gets the keys themselves, and no client is kept.
        keys = self._credentials.keys
        config = CosConfig(
            Region=region,
            SecretId=keys.id,
            SecretKey=keys.secret,
            Token=keys.token,
            Scheme=self._endpoint.scheme or "https",
            IP=self._endpoint.netloc or None,
            Timeout=self._timeout,
        )
        return Bucket(name, keys, config, self._session, self._endpoint.netloc)

    def close(self) -> None:
        self._session.close()


class Bucket:
    """It sends requests about one bucket, each once."""

    def __init__(
        self, name: str, keys: TencentKeys, config: CosConfig, session: requests.Session, address: str = ""
    ) -> None:
        """Requests are sent to `address`, a host and perhaps a port, if it is given. Their header Host names the
        bucket's own host all the same."""
        self._name, self._config, self._address = name, config, address
        self._client = CosS3Client(config, retry=0, session=session)
        # Named here, since in a URL for another address than the bucket's own the SDK would sign that address.
        self._signed = {"Host": config.get_host(Bucket=name)}
        self._token = {"x-cos-security-token": keys.token} if keys.token else {}

    def ask(
        self,
        method: str,
        key: str = "",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
        authorization: str | None = None,
        stream: bool = False,
        fine: Container[int] = (),
    ) -> requests.Response:
        """Return the answer, its body unread if `stream`. CosServiceError for a status from 300 that is not in `fine`.

        The SDK's own methods lose what we need: the Date of a 404, an answer whose Content-Type is not spelled as they
        expect, the code of an error without Resource. What they are made of is used instead.
        """
        query, sent = dict(params or {}), dict(headers or {})
        auth = CosS3Auth(self._config, f"/{key}", query) if authorization is None else None
        if authorization is not None:
            sent["Authorization"] = authorization
        url = self._config.uri(bucket=self._name) + _path(key)
        body = {} if data is None else {"data": data}
        response: requests.Response = self._client.send_request(
            method, url, self._name, cos_request=False, params=query, headers=sent, auth=auth, stream=stream, **body
        )
        if response.status_code >= 300 and response.status_code not in fine:
            temporary = {"temporary": "yes"} if self._token else {}
            raise CosServiceError(method, _told(response) | temporary, response.status_code)
        return response

    def ask_ci(self, path: str, params: Mapping[str, str]) -> requests.Response:
        """Return the answer of Cloud Infinite in the bucket's region; CosServiceError for a status from 300."""
        endpoint = self._config._endpoint_ci
        url = self._config.uri(path=path, endpoint=endpoint)
        auth = CosS3Auth(self._config, f"/{path}", dict(params))
        response: requests.Response = self._client.send_request(
            "GET", url, ci_request=True, params=dict(params), headers={"Host": endpoint}, auth=auth
        )
        return response

    def authorization(self, method: str, key: str, seconds: int, params: Mapping[str, str]) -> str:
        """Return a signature for `ask` that ends in so many seconds of the machine's clock."""
        signed: str = self._client.get_auth(
            method, self._name, f"/{key}", seconds, {**self._signed, **self._token}, dict(params)
        )
        return signed

    def signed_url(self, key: str, seconds: int, params: Mapping[str, str]) -> str:
        """Return an address of the object that the vendor's services may GET for so many seconds. It is a secret, at
        the bucket's own host."""
        return self._signed_at(self._signed["Host"], "", key, seconds, params)

    def public_url(self, key: str, seconds: int, params: Mapping[str, str]) -> str:
        """Return an address of the object that a browser may GET for so many seconds. It is a secret, at the endpoint
        that is set."""
        return self._signed_at(*self._public(), key, seconds, params)

    def _signed_at(self, netloc: str, folder: str, key: str, seconds: int, params: Mapping[str, str]) -> str:
        params = {**params, **self._token}
        signature = self._client.get_auth("GET", self._name, f"/{key}", seconds, {"Host": netloc}, params)
        query = dict(field.split("=", 1) for field in signature.split("&"))
        return f"{self._config._scheme}://{netloc}/{folder}{_path(key)}?{urlencode({**query, **params})}"

    def _public(self) -> tuple[str, str]:
        """Return the host, and the beginning of the path, at which a browser reaches the bucket.

        A browser sends the host of the address in its header Host. No name can stand before an address in numbers, so
        that the bucket stands in the path there, as the emulator takes it.
        """
        if not self._address:
            return self._signed["Host"], ""
        is_numeric = self._address.startswith("[") or self._address.partition(":")[0].replace(".", "").isdigit()
        return (self._address, f"{self._name}/") if is_numeric else (f"{self._name}.{self._address}", "")


def _path(key: str) -> str:
    """Write a key as a path. A slash that begins it or stands beside a dot is encoded: requests would join or resolve
    it."""
    stem = key.lstrip("/")
    path = "%2F" * (len(key) - len(stem)) + quote(stem, "/-_.~")
    return path.replace("./", ".%2F").replace("/.", "%2F.")


def _told(response: requests.Response) -> dict[str, str]:
    """Read what an error says, in XML or in the JSON of some services, however little of it is there, and when it was
    said.

    Nothing else is kept, and no message that repeats a key.
    """
    fields: dict[str, str] = {}
    try:
        if response.content[:1] == b"{":
            fields = {name.lower(): str(value) for name, value in json.loads(response.content).items()}
        else:
            root = ElementTree.fromstring(response.content)
            fields = {field.tag.rpartition("}")[2].lower(): field.text or "" for field in root}
    except (ValueError, RecursionError, ElementTree.ParseError):
        pass
    kept = {name: fields.get(name, "") for name in ("code", "message", "requestid")}
    if not calls.may_be_quoted(kept["message"]):
        kept["message"] = ""
    kept["requestid"] = kept["requestid"] or response.headers.get("x-cos-request-id", "")
    return kept | {"date": response.headers.get("date", "")}
