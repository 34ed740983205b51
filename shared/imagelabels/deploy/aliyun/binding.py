"""This module binds a bucket to a project of Intelligent Media Management (IMM), which ROS cannot do.

https://www.alibabacloud.com/help/en/imm/developer-reference/api-imm-2020-09-30-attachossbucket
"""

from __future__ import annotations

from typing import Any

from alibabacloud_imm20200930 import models
from alibabacloud_imm20200930.client import Client

from imagelabels.deploy.aliyun.calls import CONNECTIONS, answered, calling, runtime
from imagelabels.deploy.progress import CallFailed
from imagelabels.providers.aliyun import openapi
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.aliyun.settings import AliyunSettings


class Bindings:
    """The bindings of the buckets in one region."""

    def __init__(self, settings: AliyunSettings, credentials: AliyunCredentials) -> None:
        self._endpoint = settings.endpoint_imm
        self._client: Any
        self._client, self._session = openapi.opened(Client, self._endpoint, credentials, CONNECTIONS, settings.proxies)

    def close(self) -> None:
        self._session.close()

    def project_of(self, bucket: str) -> str | None:
        """Return the project that a bucket is bound to; None if it is bound to none."""
        request = models.GetOSSBucketAttachmentRequest(bucket)
        try:
            with calling("imm:GetOSSBucketAttachment", self._endpoint):
                body = self._client.get_ossbucket_attachment_with_options(request, runtime()).body
        except CallFailed as error:
            if error.code.startswith("ResourceNotFound"):
                return None
            raise
        answered(body, "imm:GetOSSBucketAttachment")
        return str(body.project_name) if body.project_name else None

    def is_bound(self, bucket: str, project: str) -> bool:
        """Tell whether a bucket is bound to this project. CallFailed if it is bound to another one."""
        bound = self.project_of(bucket)
        if bound not in (None, project):
            raise CallFailed(
                "it is bound already",
                f"{bucket} belongs to the IMM project {bound}: `imagelabels attach oss://{bucket} {bound} --detach`"
                " frees it, and takes it away from whatever uses that project",
            )
        return bound == project

    def attach(self, bucket: str, project: str) -> bool:
        """Bind a bucket, and return whether it was not bound before. CallFailed if it is bound to another project."""
        if self.is_bound(bucket, project):
            return False
        request = models.AttachOSSBucketRequest("imagelabels", bucket, project)
        with calling("imm:AttachOSSBucket", self._endpoint):
            self._client.attach_ossbucket_with_options(request, runtime())
        return True

    def detach(self, bucket: str, project: str) -> bool:
        """Free a bucket from this project, and return whether it was bound to it. Another project's stays."""
        if self.project_of(bucket) != project:
            return False
        with calling("imm:DetachOSSBucket", self._endpoint):
            self._client.detach_ossbucket_with_options(models.DetachOSSBucketRequest(bucket), runtime())
        return True
