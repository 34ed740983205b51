"""The API of FC 3.0, whose functions belong to no service."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from emulator.aliyun import acs
from emulator.aliyun.fc.versions import check_qualifier, named, not_supported, only_parameters
from emulator.core.http_request import HttpRequest
from emulator.core.keyring import Keyring
from emulator.core.refusal import Refusal
from emulator.functions.running import RunningFunction

INVOCATIONS = re.compile(r"/2023-03-30/functions/([^/]+)/invocations")


class Version3:
    """Its requests have signatures of the form ACS3-HMAC-SHA256."""

    prefix = "/2023-03-30/"

    def __init__(self, keyring: Keyring, clock: Callable[[], float]) -> None:
        self._gate = acs.AcsGate(keyring, clock)

    def signed(self, authorization: str, headers: Sequence[str]) -> bool:
        return authorization.startswith("ACS3-") or "x-acs-action" in headers

    def check_head(self, received: HttpRequest, path: str) -> None:
        self._gate.check(received, received.request.raw_path.partition("?")[0])

    def check_body(self, received: HttpRequest, body: bytes) -> None:
        acs.check_body(received, body)

    def function(self, functions: Sequence[RunningFunction], received: HttpRequest, path: str) -> RunningFunction:
        address = INVOCATIONS.fullmatch(path)
        if address is None or received.method != "POST":
            raise not_supported(received, path)
        only_parameters(received, "qualifier")
        name = address[1]
        function = named(functions, name)
        if function is None:
            raise Refusal("FunctionNotFound", f"function '{name[:100]}' does not exist")
        check_qualifier(received.query.get("qualifier", ""), f"function '{name}'")
        return function

    def document(self, code: str, message: str, request_id: str) -> dict[str, str]:
        """Return the fields that the vendor's client reads."""
        return {"Code": code, "Message": message, "RequestId": request_id}
