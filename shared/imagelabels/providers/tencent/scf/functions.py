"""Asks SCF how a function is deployed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.scf.v20180416 import models
from tencentcloud.scf.v20180416.scf_client import ScfClient

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.ports.functions import Address, Deliveries, DeployedFunction, Timer, Trigger
from imagelabels.providers.kit.platform import CONNECT
from imagelabels.providers.kit.proxies import DIRECT, Proxies
from imagelabels.providers.kit.session import NoRedirects
from imagelabels.providers.tencent.credentials import TencentCredentials
from imagelabels.providers.tencent.scf.client import CONNECTIONS, opened
from imagelabels.providers.tencent.scf.failures import calling

READ = 10.0
PAGE = 100
"""A list has at most so many functions or triggers."""


class ScfFunctions:
    """This is a port Functions of one region. `endpoint` is http:// or https://, or empty for the vendor's address."""

    def __init__(self, endpoint: str, region: str, credentials: TencentCredentials, proxies: Proxies = DIRECT) -> None:
        if not region:
            raise Misconfigured("TENCENTCLOUD_REGION is not set: name the function's region, as ap-guangzhou")
        self._endpoint, self._region, self._credentials = endpoint, region, credentials
        self._session = NoRedirects(proxies, CONNECTIONS)

    def close(self) -> None:
        self._session.close()

    def function(self, name: str) -> DeployedFunction | None:
        request = models.GetFunctionRequest()
        request.FunctionName, request.ShowCode = name, "FALSE"
        answer = self._ask("GetFunction", name, lambda client: client.GetFunction(request))
        return None if answer is None else _function(answer)

    def names(self) -> tuple[str, ...]:
        request = models.ListFunctionsRequest()
        request.Limit = PAGE
        page = self._ask("ListFunctions", "functions", lambda client: client.ListFunctions(request))
        return tuple(str(function.FunctionName) for function in getattr(page, "Functions", None) or ())

    def deliveries(self, name: str) -> Deliveries:
        """The queue of failed events is a part of the function itself."""
        request, of_function = models.GetFunctionEventInvokeConfigRequest(), models.GetFunctionRequest()
        request.FunctionName = of_function.FunctionName = name
        of_function.ShowCode = "FALSE"
        operation = "GetFunctionEventInvokeConfig"
        answer = self._ask(operation, name, lambda client: client.GetFunctionEventInvokeConfig(request))
        function = self._ask("GetFunction", name, lambda client: client.GetFunction(of_function))
        config = getattr(answer, "AsyncTriggerConfig", None)
        if config is None or function is None:
            raise Unavailable("store_error", f"{operation} {name}: the platform names no configuration")
        retries = max((entry.RetryNum or 0 for entry in config.RetryConfig or ()), default=0)
        dead = function.DeadLetterConfig
        return Deliveries(retries, config.MsgTTL or 0, str(getattr(dead, "Name", None) or ""))

    def triggers(self, name: str) -> tuple[Trigger, ...]:
        return tuple(_trigger(trigger) for trigger in self._all_triggers(name) if trigger.Type == "cos")

    def timers(self, name: str) -> tuple[Timer, ...]:
        return tuple(_timer(trigger) for trigger in self._all_triggers(name) if trigger.Type == "timer")

    def addresses(self, name: str) -> tuple[Address, ...]:
        return tuple(_address(trigger) for trigger in self._all_triggers(name) if trigger.Type == "http")

    def _all_triggers(self, name: str) -> Sequence[Any]:
        request = models.ListTriggersRequest()
        request.FunctionName, request.Limit = name, PAGE
        page = self._ask("ListTriggers", name, lambda client: client.ListTriggers(request))
        return getattr(page, "Triggers", None) or ()

    def _ask(self, operation: str, name: str, send: Callable[[ScfClient], Any]) -> Any:
        """Return an answer; None if there is no such thing."""
        keys = self._credentials.keys
        with calling(Call(operation, f"scf:{operation}", name), keys.token is not None):
            try:
                return send(opened(self._endpoint, self._region, keys, (CONNECT, READ), self._session))
            except TencentCloudSDKException as error:
                if error.__context__ is not None or not str(error.get_code()).startswith("ResourceNotFound"):
                    raise
                return None


def _function(answer: Any) -> DeployedFunction:
    variables = getattr(answer.Environment, "Variables", None) or ()
    ready = answer.Status in (None, "Active")
    return DeployedFunction(
        str(answer.Runtime or "").lower(),
        answer.Timeout or 3,
        answer.MemorySize or 0,
        len(answer.Layers or ()),
        {str(variable.Key): str(variable.Value) for variable in variables},
        "" if ready else f"its state is {answer.Status}: {answer.StatusDesc or 'the platform names no reason'}",
        role=str(answer.Role or ""),
    )


def _timer(answer: Any) -> Timer:
    """Read a timer. Its description is the schedule, by itself or in JSON."""
    schedule = str(answer.TriggerDesc or "")
    with suppress(ValueError, RecursionError):
        described = json.loads(schedule)
        schedule = str(described.get("cron") or "") if isinstance(described, dict) else schedule
    return Timer(str(answer.TriggerName), schedule, answer.Enable != 0)


# Unproven scf-url-description: CreateTrigger takes, and ListTriggers shows, a function URL as Type http, whose
#   TriggerDesc is JSON with AuthType NONE or CAM, and NetConfig with EnableIntranet and EnableExtranet.
# Why: the page of CreateTrigger shows TriggerDesc for other types only, and that of function URLs shows the console.
# Ask: create a function URL in the console without authentication and with public access, call ListTriggers, delete the
#   URL, and create it anew by CreateTrigger with the TriggerDesc that was shown: both answers.
def _address(answer: Any) -> Address:
    """Read a function URL. Its description is JSON."""
    described: Any = {}
    with suppress(ValueError, RecursionError):
        described = json.loads(answer.TriggerDesc or "{}")
    described = described if isinstance(described, dict) else {}
    net = described.get("NetConfig")
    is_outside = not isinstance(net, dict) or net.get("EnableExtranet") is not False
    return Address(answer.Enable != 0 and is_outside, described.get("AuthType") == "NONE")


def _trigger(answer: Any) -> Trigger:
    """Read a trigger. Its name is the bucket's host, and it has one event: a function has one trigger for each."""
    bucket = str(answer.TriggerName).partition(".cos.")[0]
    try:
        described = json.loads(answer.TriggerDesc or "{}")
        event, key = str(described.get("event") or ""), described.get("filter") or {}
        prefix, suffix = (str(key.get(name) or "") for name in ("Prefix", "Suffix"))
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise Unavailable("store_error", f"ListTriggers: the description of {bucket} is {error}") from error
    return Trigger(f"{bucket} {event}", bucket, (event,), prefix, suffix, answer.Enable != 0)
