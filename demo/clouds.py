"""Each cloud is used as its users use it: as a bucket, through the vendor's own client."""

from __future__ import annotations

from typing import Any, Protocol

import oss2
import requests
from qcloud_cos import CosConfig, CosS3Client, CosServiceError

KEY = "emulator"
"""Both the id and the secret of the emulator's access key."""

REFUSALS = (oss2.exceptions.ServerError, oss2.exceptions.ClientError, CosServiceError)
"""A client raises one of these errors when the store, or the client itself, refuses a key or its content."""


class DemoBucket(Protocol):
    """A bucket of either cloud."""

    uri: str
    client: str
    """The name of the vendor's client."""

    def put(self, key: str, data: bytes) -> None: ...

    def tags(self, key: str) -> dict[str, str]: ...

    def close(self) -> None: ...


def refusal(error: Exception) -> str:
    """Return the vendor's code and message in one of REFUSALS."""
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
        # IP and Port send the request to this machine. Its Host header still names the bucket and the region.
        config = CosConfig(Region=self.region, SecretId=KEY, SecretKey=secret, Scheme="http", IP="127.0.0.1", Port=port)
        self._session = requests.Session()
        self.sdk: Any = CosS3Client(config, session=self._session)

    def put(self, key: str, data: bytes) -> None:
        self.sdk.put_object(self.name, data, key)

    def tags(self, key: str) -> dict[str, str]:
        tag_set = self.sdk.get_object_tagging(self.name, key)["TagSet"] or {"Tag": []}
        return {tag["Key"]: tag["Value"] for tag in tag_set["Tag"]}

    def close(self) -> None:
        self._session.close()
