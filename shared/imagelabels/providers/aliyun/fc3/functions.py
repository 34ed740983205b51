"""Asks Function Compute 3.0 how a function is deployed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.runtime import RuntimeOptions

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Unavailable
from imagelabels.ports.functions import Address, Deliveries, DeployedFunction, Timer, Trigger
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.aliyun.fc3.failures import calling
from imagelabels.providers.aliyun.openapi import opened
from imagelabels.providers.kit.platform import CONNECT
from imagelabels.providers.kit.proxies import DIRECT, Proxies

CONNECTIONS = 4
READ = 10.0
PAGE, PAGES = 100, 3
"""Functions and triggers come in pages of this size. So many pages of a function's triggers are read; a bucket has at
most ten triggers."""
SECONDS = 3
"""A function whose time-out was not set has this one."""
RETRIES, LONGEST = 3, 86400
"""A function without a configuration of its own has these: the vendor's model of AsyncConfig."""


class Fc3Functions:
    """This is a port Functions at an endpoint, http:// or https://. Time-outs are in seconds."""

    def __init__(self, endpoint: str, credentials: AliyunCredentials, proxies: Proxies = DIRECT) -> None:
        self._credentials = credentials
        self._client, self._session = opened(Client, endpoint, credentials, CONNECTIONS, proxies)
        self._runtime = RuntimeOptions(connect_timeout=round(CONNECT * 1000), read_timeout=round(READ * 1000))

    def close(self) -> None:
        self._session.close()

    def function(self, name: str) -> DeployedFunction | None:
        request = models.GetFunctionRequest()
        send = partial(self._client.get_function_with_options, name, request, {}, self._runtime)
        body = self._ask("GetFunction", name, send)
        return None if body is None else _function(body)

    def names(self) -> tuple[str, ...]:
        request = models.ListFunctionsRequest(limit=PAGE)
        send = partial(self._client.list_functions_with_options, request, {}, self._runtime)
        page = self._ask("ListFunctions", "functions", send)
        return tuple(str(function.function_name) for function in getattr(page, "functions", None) or ())

    def deliveries(self, name: str) -> Deliveries:
        request = models.GetAsyncInvokeConfigRequest()
        ask_config = partial(self._client.get_async_invoke_config_with_options, name, request, {}, self._runtime)
        config = self._ask("GetAsyncInvokeConfig", name, ask_config)
        ask_limit = partial(self._client.get_concurrency_config_with_options, name, {}, self._runtime)
        limit = self._ask("GetConcurrencyConfig", name, ask_limit)
        instances = None if limit is None else limit.reserved_concurrency
        if config is None:
            return Deliveries(RETRIES, LONGEST, "", instances, instances is None)
        retries, longest = config.max_async_retry_attempts, config.max_async_event_age_in_seconds
        failed = getattr(config.destination_config, "on_failure", None)
        return Deliveries(
            RETRIES if retries is None else retries,
            LONGEST if longest is None else longest,
            str(getattr(failed, "destination", None) or ""),
            instances,
            instances is None,
        )

    def triggers(self, name: str) -> tuple[Trigger, ...]:
        return tuple(_trigger(trigger) for trigger in self._all_triggers(name) if trigger.trigger_type == "oss")

    def timers(self, name: str) -> tuple[Timer, ...]:
        return tuple(_timer(trigger) for trigger in self._all_triggers(name) if trigger.trigger_type == "timer")

    def addresses(self, name: str) -> tuple[Address, ...]:
        return tuple(_address(trigger) for trigger in self._all_triggers(name) if trigger.trigger_type == "http")

    def _all_triggers(self, name: str) -> Iterator[Any]:
        token = None
        for _ in range(PAGES):
            request = models.ListTriggersRequest(limit=PAGE, next_token=token)
            send = partial(self._client.list_triggers_with_options, name, request, {}, self._runtime)
            page = self._ask("ListTriggers", name, send)
            if page is None:
                return
            yield from page.triggers or ()
            token = page.next_token
            if not token:
                return

    def _ask(self, operation: str, name: str, send: Callable[[], Any]) -> Any:
        """Return the body of an answer; None if there is no such thing."""
        with calling(Call(operation, f"fc:{operation}", name), self._credentials.get_credentials().temporary):
            try:
                return send().body
            except AlibabaCloudException as error:
                if error.status_code != 404:
                    raise
                return None


def _function(body: Any) -> DeployedFunction:
    return DeployedFunction(
        str(body.runtime or "").lower(),
        body.timeout or SECONDS,
        body.memory_size or 0,
        len(body.layers or ()),
        dict(body.environment_variables or {}),
        _problem(body),
        body.instance_concurrency or 1,
        str(body.role or ""),
    )


def _problem(body: Any) -> str:
    """Say why the function cannot run. One that is Inactive has not run for long, and its next event wakes it:
    https://www.alibabacloud.com/help/en/functioncompute/user-guide/states-of-custom-container-functions"""
    if body.last_update_status == "Failed":
        return str(body.last_update_status_reason or "its last update failed, and the platform names no reason")
    if body.state in ("Failed", "Pending"):
        return f"its state is {body.state}: {body.state_reason or 'the platform names no reason'}"
    return ""


def _timer(body: Any) -> Timer:
    """Read a timer. Its configuration is JSON in a text."""
    with _configured(body):
        config = json.loads(body.trigger_config or "{}")
        return Timer(str(body.trigger_name), str(config.get("cronExpression") or ""), config.get("enable") is True)


def _address(body: Any) -> Address:
    """Read an HTTP trigger. Its configuration is JSON in a text:
    https://www.alibabacloud.com/help/en/functioncompute/fc-3-0/user-guide/configure-an-http-trigger-that-invokes-a-function-with-http-requests"""
    with _configured(body):
        config = json.loads(body.trigger_config or "{}")
        return Address(config.get("disableURLInternet") is not True, config.get("authType") == "anonymous")


def _trigger(body: Any) -> Trigger:
    """Read a trigger. Its configuration is JSON in a text."""
    with _configured(body):
        config = json.loads(body.trigger_config or "{}")
        key = (config.get("filter") or {}).get("key") or {}
        events = tuple(map(str, config.get("events") or ()))
        prefix, suffix = (str(key.get(name) or "") for name in ("prefix", "suffix"))
    return Trigger(str(body.trigger_name), str(body.source_arn or "").rpartition(":")[2], events, prefix, suffix)


@contextmanager
def _configured(body: Any) -> Iterator[None]:
    """Raise Unavailable if the configuration of a trigger cannot be read."""
    try:
        yield
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise Unavailable(
            "store_error", f"ListTriggers: the configuration of {body.trigger_name} is {error}"
        ) from error
