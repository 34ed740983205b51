"""The clouds as their users see them: a bucket each, through the vendor's own client."""

from __future__ import annotations

from typing import Any, Protocol

import oss2
import requests
from qcloud_cos import CosConfig, CosS3Client, CosServiceError

KEY = "emulator"
"""Both halves of the emulator's access key."""

REFUSALS = (oss2.exceptions.ServerError, oss2.exceptions.ClientError, CosServiceError)
"""What a client raises when a store, or the client itself, refuses a key or its content."""


class Bucket(Protocol):
    uri: str
    client: str
    """The package that speaks to it."""

    def put(self, key: str, data: bytes) -> None: ...

    def tags(self, key: str) -> dict[str, str]: ...

    def close(self) -> None: ...


def refusal(error: Exception) -> str:
    """The vendor's code and message of one of REFUSALS."""
    if isinstance(error, CosServiceError):
        return f"{error.get_error_code()}: {error.get_error_msg()}"
    code, message, body = (getattr(error, name, "") for name in ("code", "message", "body"))
    return f"{code}: {message}" if code else str(body)


class OssBucket:
    client = "oss2"
    region = "cn-hangzhou"

    def __init__(self, name: str, port: int, secret: str = KEY) -> None:
        self.uri = f"oss://{name}"
        self.sdk: Any = oss2.Bucket(oss2.AuthV4(KEY, secret), f"http://127.0.0.1:{port}", name, region=self.region)

    def put(self, key: str, data: bytes) -> None:
        self.sdk.put_object(key, data)

    def tags(self, key: str) -> dict[str, str]:
        return dict(self.sdk.get_object_tagging(key).tag_set.tagging_rule)

    def close(self) -> None:
        self.sdk.session.session.close()


class CosBucket:
    client = "cos-python-sdk-v5"
    region = "ap-guangzhou"
    appid = "1250000000"

    def __init__(self, name: str, port: int, secret: str = KEY) -> None:
        self.uri = f"cos://{name}"
        self.name = name
        # IP and Port: the request goes to this machine, its Host header names bucket and region as ever.
        config = CosConfig(Region=self.region, SecretId=KEY, SecretKey=secret, Scheme="http", IP="127.0.0.1", Port=port)
        self._session = requests.Session()
        self.sdk: Any = CosS3Client(config, session=self._session)

    def put(self, key: str, data: bytes) -> None:
        self.sdk.put_object(self.name, data, key)

    def tags(self, key: str) -> dict[str, str]:
        found = self.sdk.get_object_tagging(self.name, key)["TagSet"] or {"Tag": []}
        return {tag["Key"]: tag["Value"] for tag in found["Tag"]}

    def close(self) -> None:
        self._session.close()
