"""This module sends the plan's calls with the vendor's SDK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagelabels.deploy.progress import LEFT_OUT, CallFailed
from imagelabels.deploy.tencent import api
from imagelabels.deploy.tencent.plan import Call
from imagelabels.domain import calls
from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.tencent.credentials import NO_SUCH_KEY, WRONG_SECRET, TencentCredentials, TencentKeys

TIMEOUT = 120
"""Seconds for a call, since a call may carry an archive."""

KEYS = {
    "AuthFailure.InvalidSecretId": NO_SUCH_KEY,
    "AuthFailure.SecretIdNotFound": NO_SUCH_KEY,
    "AuthFailure.SignatureFailure": WRONG_SECRET,
}
"""These codes are about the keys: https://cloud.tencent.com/document/api/583/17238."""
NO_ANSWER = "ClientNetworkError"
"""The SDK gives this code to a call that got no answer."""


class Sender:
    """This sends calls to a region with the keys in the environment."""

    def __init__(self, region: str, environ: Mapping[str, str], endpoint: str = "") -> None:
        credentials = TencentCredentials(TencentKeys("", ""))
        credentials.refresh_from(environ)
        self._keys, self._region, self._endpoint = credentials.keys, region, endpoint
        self._clients: dict[str, Any] = {}

    @property
    def secrets(self) -> list[str]:
        """Return what must not be shown of the keys. The cloud may repeat the token, since each call carries it."""
        return [secret for secret in (self._keys.secret, self._keys.token) if secret]

    def send(self, call: Call, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer of a call; CallFailed if there is none."""
        from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

        try:
            answer = self._client(call.service).call_json(call.action, dict(parameters))
        except TencentCloudSDKException as error:
            # The SDK would keep the request, with what is secret in it, in the traceback.
            if error.get_code() == NO_ANSWER:
                # The SDK's own words are those of its HTTP library.
                host = self._endpoint or f"{call.service}.tencentcloudapi.com"
                words = f"{host} gave none to {call.service}:{call.action}: check the network and the region"
                raise CallFailed("no answer", words) from None
            about_keys = KEYS.get(error.get_code() or "")
            words = about_keys.advice if about_keys else error.get_message() or ""
            if not calls.may_be_quoted(words):
                words = LEFT_OUT
            raise CallFailed(error.get_code() or "no answer", words) from None
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            # The SDK lets a broken connection through, and what it could not read, which a proxy may have sent.
            answer = None
        response = answer.get("Response") if isinstance(answer, dict) else None
        if not isinstance(response, dict):
            raise CallFailed("no answer", f"what came back to {call} is no answer of this API: is there a proxy?")
        return response

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            from tencentcloud.common import common_client, credential
            from tencentcloud.common.profile.client_profile import ClientProfile
            from tencentcloud.common.profile.http_profile import HttpProfile

            scheme, slashes, host = self._endpoint.rpartition("://")
            if self._endpoint and (not slashes or scheme not in ("http", "https") or not host):
                raise Misconfigured("--endpoint must be an address, such as http://127.0.0.1:9000")
            http = HttpProfile(protocol=scheme or "https", endpoint=host or None, reqTimeout=TIMEOUT)
            self._clients[service] = common_client.CommonClient(
                service,
                api.services()[service]["version"],
                credential.Credential(self._keys.id, self._keys.secret, self._keys.token),
                # CAM has one place for all regions, and refuses none.
                self._region,
                ClientProfile(httpProfile=http),
            )
        return self._clients[service]
