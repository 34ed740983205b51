"""Speaks to OSS with explicit time-outs and one attempt per call, and lets nothing secret into a log."""

from __future__ import annotations

import logging
from typing import Any

import oss2

from imagelabels.domain.errors import Rejected
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.kit.proxies import DIRECT, Proxies
from imagelabels.providers.kit.session import HttpSession, keep_signed_urls_out_of_logs

CONNECTIONS = 32
"""A client keeps so many connections open. Were there more threads, each further call would open a new one."""

# oss2 writes authorization headers and tokens at DEBUG, and the canonical request at INFO.
logging.getLogger("oss2").setLevel(logging.WARNING)
keep_signed_urls_out_of_logs("x-oss-signature", "x-oss-security-token")


def checked_key(ref: ObjectRef) -> str:
    """Return the key if the SDK can put it into a URL, plain and signed; else raise Rejected("unsignable_key").

    oss2 does not sign a key of nothing but white space; a path of one or two dots is resolved away before it is sent.
    """
    try:
        ref.key.encode()
    except UnicodeEncodeError:
        sendable = False
    else:
        sendable = bool(ref.key.strip()) and ref.key not in (".", "..")
    if not sendable:
        raise Rejected("unsignable_key", f"the SDK cannot name {ref.uri!r} in a URL")
    return ref.key


def action(name: str, version: str | None) -> str:
    """Return the RAM action of an operation. On a named version it is a permission of its own."""
    return name.replace("Object", "ObjectVersion") if version else name


class OssBuckets:
    """It has the buckets by name, over one pool of connections. It is thread-safe. Time-outs are in seconds."""

    def __init__(
        self,
        endpoint: str,
        region: str,
        credentials: AliyunCredentials,
        connect: float,
        read: float,
        proxies: Proxies = DIRECT,
    ) -> None:
        self._endpoint, self._region, self._timeout = endpoint, region, (connect, read)
        self._auth = oss2.ProviderAuthV4(credentials)
        self._session = oss2.Session()
        self._session.session = HttpSession(proxies, CONNECTIONS)
        # A redirect would repeat a write that is meant to be sent once.
        self._session.session.max_redirects = 0
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return the oss2.Bucket. It speaks in path style to an address that is an IP or localhost."""
        bucket = self._known.get(name)
        if bucket is None:
            bucket = oss2.Bucket(
                self._auth,
                self._endpoint,
                name,
                session=self._session,
                connect_timeout=self._timeout,
                enable_crc=False,
                region=self._region,
            )
            bucket = self._known.setdefault(name, bucket)
        return bucket

    def close(self) -> None:
        self._session.session.close()
