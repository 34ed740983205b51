"""Describes how Function Compute speaks with the program of a custom runtime.

https://www.alibabacloud.com/help/en/functioncompute/fc/principles-1 and
https://www.alibabacloud.com/help/en/functioncompute/fc-2-0/user-guide/event-handlers-1
"""

from __future__ import annotations

from emulator.functions.web import WebAnswer, WebRequest

CONTROL = "x-fc-control-path"


class CustomRuntime:
    names = ("custom", "custom.debian10", "custom.debian11", "custom.debian12")
    program = "bootstrap"
    port_variables = ("FC_SERVER_PORT", "FC_CUSTOM_LISTEN_PORT")

    def request(self, event: bytes) -> WebRequest:
        headers = (("Content-Type", "application/octet-stream"), (CONTROL, "/invoke"))
        return WebRequest("POST", "/invoke", headers, event)

    def failed(self, answer: WebAnswer) -> bool:
        """Tell whether the program failed. Both the status and x-fc-status have to be 200, if the latter is there."""
        statuses = [value for name, value in answer.headers if name.lower() == "x-fc-status"]
        return answer.status != 200 or any(value.strip() != "200" for value in statuses)
