"""Asks IMM for a project, and for the project that a bucket is bound to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alibabacloud_imm20200930.client import Client
from alibabacloud_imm20200930.models import GetOSSBucketAttachmentRequest, GetProjectRequest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.runtime import RuntimeOptions

from imagelabels.domain.calls import Call
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.aliyun.imm.failures import calling, is_missing
from imagelabels.providers.aliyun.openapi import opened
from imagelabels.providers.kit.proxies import DIRECT, Proxies

CONNECTIONS = 4
CONNECT, READ = 3.0, 10.0
"""A call waits so many seconds for a connection, and for the answer."""


class ImmProjects:
    """These are the projects of an account at an endpoint, http:// or https://."""

    def __init__(self, endpoint: str, credentials: AliyunCredentials, proxies: Proxies = DIRECT) -> None:
        self._credentials = credentials
        self._client, self._session = opened(Client, endpoint, credentials, CONNECTIONS, proxies)
        self._runtime = RuntimeOptions(connect_timeout=round(CONNECT * 1000), read_timeout=round(READ * 1000))

    def close(self) -> None:
        self._session.close()

    def exists(self, project: str) -> bool:
        """Tell whether there is a project of that name."""
        request = GetProjectRequest(project_name=project)
        send = self._client.get_project_with_options
        return self._ask("GetProject", project, lambda: send(request, self._runtime)) is not None

    def bound_to(self, bucket: str) -> str:
        """Return the name of the project that a bucket is bound to; an empty text if it is bound to none."""
        request = GetOSSBucketAttachmentRequest(ossbucket=bucket)
        send = self._client.get_ossbucket_attachment_with_options
        body = self._ask("GetOSSBucketAttachment", bucket, lambda: send(request, self._runtime))
        return "" if body is None else str(body.project_name or "")

    # Unproven codes-of-missing-project: IMM says that there is no such thing with the status 404 or a code that
    #   begins with ResourceNotFound.
    # Why: no page names the codes that say so.
    # Ask: GetProject of a project that does not exist, and GetOSSBucketAttachment of a bucket without one: status
    #   and code.
    def _ask(self, operation: str, name: str, send: Callable[[], Any]) -> Any:
        """Return the body of an answer; None if there is no such thing."""
        with calling(Call(operation, f"imm:{operation}", name), self._credentials.get_credentials().temporary):
            try:
                return send().body
            except AlibabaCloudException as error:
                if not is_missing(error):
                    raise
                return None
