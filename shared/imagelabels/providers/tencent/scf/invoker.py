"""Invokes functions of SCF: the operation Invoke of the API of 2018-04-16."""

from __future__ import annotations

from tencentcloud.scf.v20180416.models import InvokeRequest, Result

from imagelabels.domain import calls
from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.invocations import Reply
from imagelabels.providers.kit.platform import ACCEPT, ANSWER, CONNECT, checked
from imagelabels.providers.kit.proxies import DIRECT, Proxies
from imagelabels.providers.kit.session import NoRedirects
from imagelabels.providers.tencent.credentials import TencentCredentials
from imagelabels.providers.tencent.scf.client import CONNECTIONS, opened
from imagelabels.providers.tencent.scf.failures import calling
from imagelabels.providers.tencent.scf.results import reply

READ = 310.0
"""An answer is waited for so many seconds. The operation itself ends after 300:
https://cloud.tencent.com/document/api/583/17243"""

_NAME = "[A-Za-z](?:[A-Za-z0-9_-]{0,58}[A-Za-z0-9])?"
"""A function is called so: https://cloud.tencent.com/document/api/583/18586"""


class ScfInvoker:
    """This is an Invoker of one region. `endpoint` is http:// or https://, or empty for the vendor's own address.

    Time-outs are in seconds. The SDK sends a request once.
    """

    def __init__(
        self,
        endpoint: str,
        region: str,
        credentials: TencentCredentials,
        connect: float = CONNECT,
        read: float = READ,
        proxies: Proxies = DIRECT,
    ) -> None:
        if not region:
            raise Misconfigured("TENCENTCLOUD_REGION is not set: name the function's region, as ap-guangzhou")
        self._endpoint, self._region, self._credentials = endpoint, region, credentials
        self._connect, self._read = connect, read
        self._session = NoRedirects(proxies, CONNECTIONS)

    def close(self) -> None:
        self._session.close()

    def invoke(self, function: str, event: bytes) -> Reply:
        return reply(self._send(function, event, "RequestResponse", self._read), _call(function))

    def enqueue(self, function: str, event: bytes) -> str:
        return str(self._send(function, event, "Event", min(self._read, ACCEPT)).FunctionRequestId or "")

    def _send(self, function: str, event: bytes, kind: str, read: float) -> Result:
        name = checked(function, _NAME, "NAME, as imagelabels-label")
        request, keys = InvokeRequest(), self._credentials.keys
        request.FunctionName, request.InvocationType, request.ClientContext = name, kind, event.decode()
        with calling(_call(name), keys.token is not None):
            client = opened(self._endpoint, self._region, keys, (self._connect, read), self._session)
            result = client.Invoke(request).Result
        if result is None:
            raise calls.raised(ANSWER, _call(name), ["no Result"], "")
        return result


def _call(function: str) -> Call:
    return Call("Invoke", "scf:Invoke", function)
