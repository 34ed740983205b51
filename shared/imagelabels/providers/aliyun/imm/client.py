"""Speaks to IMM with one attempt per call, takes nothing from the environment, and returns the answer as it came."""

from __future__ import annotations

import json
from collections.abc import Mapping

from alibabacloud_imm20200930.client import Client
from alibabacloud_imm20200930.models import CredentialConfig, DetectImageLabelsRequest
from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions

from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.aliyun.openapi import opened
from imagelabels.providers.kit.proxies import DIRECT, Proxies

CONNECTIONS = 32
"""A client keeps so many connections open. Were there more threads, each further call would open a new one."""


class Imm:
    """This is a client of one project of IMM at an endpoint, http:// or https://. It is thread-safe.

    `config` is the vendor's CredentialConfig; `connect` is a time-out in seconds.
    """

    def __init__(
        self,
        endpoint: str,
        project: str,
        credentials: AliyunCredentials,
        config: Mapping[str, object] | None = None,
        connect: float = 3.0,
        proxies: Proxies = DIRECT,
    ) -> None:
        self._project, self._credentials, self._config, self._connect = project, credentials, config, connect
        self._client, self._session = opened(Client, endpoint, credentials, CONNECTIONS, proxies)

    def close(self) -> None:
        self._session.close()

    @property
    def temporary(self) -> bool:
        """Whether the keys of now are ones that the service forgets when they have expired."""
        return self._credentials.get_credentials().temporary

    def detect_image_labels(self, uri: str, threshold: str, seconds: float) -> str:
        """Return the answer's text. It takes at most `seconds` for the connection, and as many for the answer."""
        named = CredentialConfig().from_map(dict(self._config)) if self._config else None
        query = DetectImageLabelsRequest(named, self._project, uri).to_map() | {"Threshold": threshold}
        if named is not None:
            query["CredentialConfig"] = json.dumps(query["CredentialConfig"])
        read = max(1, round(seconds * 1000))
        runtime = RuntimeOptions(connect_timeout=min(read, round(self._connect * 1000)), read_timeout=read)
        # Not the client's method of that name: it makes an answer without Labels one with no labels.
        asked = Params(
            action="DetectImageLabels",
            version="2020-09-30",
            protocol="HTTPS",
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="string",
        )
        answer = self._client.call_api(asked, OpenApiRequest(query=query), runtime)
        if answer["statusCode"] != 200:
            raise ValueError(f"the answer has status {answer['statusCode']}")
        return str(answer["body"])
