"""Running endpoints of OSS, COS and Tablestore, and unmodified clients of them, for tests."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import formatdate
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import oss2
import pytest
import requests
from qcloud_cos import CosConfig, CosS3Auth, CosS3Client, CosServiceError
from tablestore import OTSClient
from tablestore.retry import NoRetryPolicy

from emulator.aliyun import account as aliyun
from emulator.aliyun.oss.service import OssService
from emulator.aliyun.tablestore.context import Switches
from emulator.aliyun.tablestore.service import TablestoreService
from emulator.aliyun.tablestore.store import RowStore
from emulator.core import clock
from emulator.core.keyring import Keyring
from emulator.core.parts import Detect, Key, OnChange
from emulator.core.server import Around, Control, Server
from emulator.objectstore import inventory_control
from emulator.objectstore.store import ObjectStore
from emulator.tencent import account as tencent
from emulator.tencent.cos.service import CosService

ROOT = Key("emulator", "emulator")
REGION = aliyun.REGION
COS_REGION = tencent.REGION
COS_BUCKET = f"photos-{tencent.APPID}"


@dataclass
class RunningServer:
    """A server that runs, and requests to it that are written by hand."""

    server: Server

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    @property
    def endpoint(self) -> str:
        return f"http://{self.address}"

    def raw(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Send one request exactly as it is written: nothing is quoted, nothing is signed."""
        connection = http.client.HTTPConnection(self.address)
        try:
            connection.request(method, target, body=body, headers=dict(headers or {}))
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()


@dataclass
class Running(RunningServer):
    """A running server, its store and its keys, and clients that are closed with it."""

    store: ObjectStore
    keyring: Keyring
    stack: ExitStack = field(repr=False)

    def auth(self, version: str = "v1", key: Key = ROOT) -> Any:
        if key.token:
            return oss2.StsAuth(key.id, key.secret, key.token, auth_version=version)
        return oss2.make_auth(key.id, key.secret, version)

    def bucket(self, name: str = "photos", version: str = "v1", key: Key = ROOT, region: str = REGION) -> Any:
        """Return a client for a bucket, which is not created."""
        client = oss2.Bucket(self.auth(version, key), self.endpoint, name, region=region)
        self.stack.callback(client.session.session.close)
        return client

    def service(self, version: str = "v1") -> Any:
        client = oss2.Service(self.auth(version), self.endpoint, region=REGION)
        self.stack.callback(client.session.session.close)
        return client

    def ask(
        self,
        method: str,
        bucket: str = "photos",
        key: str = "",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        version: str = "v4",
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Send one request to OSS with a signature of oss2. It may be one that oss2 itself would not send."""
        request = oss2.http.Request(
            method, self.endpoint, params=dict(params or {}), headers=dict(headers or {}), region=REGION, product="oss"
        )
        self.auth(version)._sign_request(request, bucket, key)
        query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in (params or {}).items())
        target = "/" + quote(f"{bucket}/{key}" if bucket else "", safe="/") + (f"?{query}" if query else "")
        kept = {name: value for name, value in request.headers.items() if value is not None}
        return self.raw(method, target, kept, body)


def refused(call: Callable[..., Any], *args: Any, **kwargs: Any) -> oss2.exceptions.OssError:
    """Return the error with which a call of the SDK fails."""
    with pytest.raises(oss2.exceptions.OssError) as caught:
        call(*args, **kwargs)
    error: oss2.exceptions.OssError = caught.value
    return error


@contextmanager
def sdk_clock(offset: float) -> Iterator[None]:
    """Let the SDK sign as if it were `offset` seconds later, while the server's clock stays right."""
    now = time.time() + offset
    moment = datetime.fromtimestamp(now, timezone.utc)
    seconds = SimpleNamespace(time=lambda: now, gmtime=lambda given=now: time.gmtime(given), strftime=time.strftime)
    with (
        patch.object(oss2.auth, "time", seconds),
        patch.object(oss2.auth, "datetime", SimpleNamespace(utcnow=lambda: moment)),
        patch.object(oss2.auth.utils, "http_date", lambda: formatdate(now, usegmt=True)),
    ):
        yield


def _paths(service: OssService | CosService, name: str, options: Mapping[str, Any]) -> Control:
    """Return the control path of inventories, and those of the clock if it is among the options.

    The clock then has the lifecycle of the store and its inventories as work.
    """
    paths = inventory_control.routes({name: service.write_inventory})
    own = options.get("clock")
    if not isinstance(own, clock.Clock):
        return paths
    own.add_work(name, service.age)
    own.add_work(f"{name} inventories", service.write_due_inventories)
    return {**paths, **clock.routes(own)}


@contextmanager
def running_oss(
    data: Path,
    detect: Detect | None = None,
    on_change: OnChange | None = None,
    control: Control | None = None,
    root: Key = ROOT,
    stranger: Key | None = None,
    **options: Any,
) -> Iterator[Running]:
    """Run OSS over the folder `data`, on a free port, until the end of the block.

    `options` are those of OssService and of Server.
    """
    with ExitStack() as stack:
        store = ObjectStore(data)
        stack.callback(store.close)
        keyring = Keyring(root, stranger)
        server_options = {name: options.pop(name) for name in ("around", "host", "port") if name in options}
        service = OssService(store, keyring, detect, on_change, **options)
        routes = {**(control or {}), **_paths(service, "oss", options)}
        server = Server([service], control=routes, **server_options)
        stack.enter_context(server.running())
        yield Running(server, store, keyring, stack)


@dataclass
class RunningCos(Running):
    """A running endpoint of COS. `store` is that of COS, and clients are those of cos-python-sdk-v5."""

    def client(self, key: Key = ROOT, region: str = COS_REGION, **options: Any) -> Any:
        """Return a client that takes the server for the whole of COS, and tries once."""
        config = CosConfig(
            Region=region,
            SecretId=key.id,
            SecretKey=key.secret,
            Token=key.token,
            Scheme="http",
            ServiceDomain=self.address,
            **{"IP": "127.0.0.1", "Port": self.server.port, **options},
        )
        session = requests.Session()
        self.stack.callback(session.close)
        return CosS3Client(config, retry=0, session=session)

    def host(self, bucket: str = COS_BUCKET, region: str = COS_REGION) -> str:
        return f"{bucket}.cos.{region}.myqcloud.com"

    def ask_cos(
        self,
        method: str,
        key: str = "",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        host: str | None = None,
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Send one request to COS with a signature of the SDK. It may be one that the SDK itself would not send."""
        query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in (params or {}).items())
        target = "/" + quote(key, safe="/") + (f"?{query}" if query else "")
        sent = {"Host": host or self.host(), **(headers or {})}
        return self.raw(method, target, self.signed_headers(method, key, params, sent, body), body)

    def signed_headers(
        self,
        method: str,
        key: str = "",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> dict[str, str]:
        """Return the headers that the SDK would send, with its signature."""
        sent = {"Host": self.host(), **(headers or {})}
        request = requests.Request(method, f"http://{sent['Host']}/", headers=sent, data=body).prepare()
        CosS3Auth(self.client()._conf, key, dict(params or {}))(request)
        return {name: str(value) for name, value in request.headers.items()}

    def signed_url(self, method: str, key: str, seconds: int = 60, params: Mapping[str, str] | None = None) -> str:
        """Return a URL at the bucket's own host that the SDK has signed."""
        client = self.client(IP=None, Port=None)
        url: str = client.get_presigned_url(COS_BUCKET, key, method, seconds, dict(params or {}))
        return url


def cos_refused(call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[int, str]:
    """Return the status and the code with which a call of the SDK fails."""
    with pytest.raises(CosServiceError) as caught:
        call(*args, **kwargs)
    return caught.value.get_status_code(), caught.value.get_error_code()


@contextmanager
def running_cos(
    data: Path,
    detect: Detect | None = None,
    on_change: OnChange | None = None,
    bucket: str = COS_BUCKET,
    **options: Any,
) -> Iterator[RunningCos]:
    """Run COS and OSS over the folder `data`, with one bucket, on a free port, until the end of the block.

    `options` are those of CosService.
    """
    with ExitStack() as stack:
        stores = [ObjectStore(data / "oss"), ObjectStore(data / "cos")]
        for store in stores:
            stack.callback(store.close)
        keyring = Keyring(ROOT)
        service = CosService(stores[1], keyring, detect, on_change, **options)
        server = Server([service, OssService(stores[0], keyring)], control=_paths(service, "cos", options))
        stores[1].create_bucket(bucket, "STANDARD")
        stack.enter_context(server.running())
        yield RunningCos(server, stores[1], keyring, stack)


@dataclass
class RunningTablestore(Running):
    """A running endpoint of Tablestore. Clients are those of the tablestore package."""

    def ots(self, key: Key = ROOT, instance: str = "photos-inst", region: str | None = None, **options: Any) -> Any:
        """Return a client that tries once unless it gets a `retry_policy`. With a region it signs in version 4."""
        options = {"retry_policy": NoRetryPolicy(), "sts_token": key.token, "region": region, **options}
        client = OTSClient(self.endpoint, key.id, key.secret, instance, **options)
        self.stack.callback(client.connection.pool.clear)
        return client


@contextmanager
def running_tablestore(
    data: Path,
    lag_seconds: float = 0.0,
    switches: Switches | None = None,
    clock: Callable[[], float] = time.time,
    around: Around | None = None,
) -> Iterator[RunningTablestore]:
    """Run Tablestore and OSS over the folder `data`, on a free port, until the end of the block."""
    with ExitStack() as stack:
        objects, rows = ObjectStore(data / "oss"), RowStore(data / "tablestore")
        stack.callback(objects.close)
        stack.callback(rows.close)
        keyring = Keyring(ROOT)
        service = TablestoreService(rows, keyring, lag_seconds=lag_seconds, switches=switches, clock=clock)
        server = Server([service, OssService(objects, keyring)], around=around)
        stack.enter_context(server.running())
        yield RunningTablestore(server, objects, keyring, stack)
