"""Describes how Function Compute runs a function.

The names of its variables are those of its page on environment variables. FC_INSTANCE_ID is any unique text.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from emulator.aliyun.account import ACCOUNT, REGION
from emulator.aliyun.fc import asynchronous, contexts, eventbridge, lifecycle
from emulator.aliyun.fc.custom_runtime import CustomRuntime
from emulator.aliyun.fc.http_trigger import HttpTrigger
from emulator.aliyun.fc.triggers import OssTriggerRule
from emulator.core.parts import Key
from emulator.functions.function import Ending, Function
from emulator.functions.platform import FieldTypes
from emulator.functions.queue import Ended
from emulator.functions.settings import Settings


class FunctionCompute:
    cloud = "aliyun"
    name = "Fc"
    handler = "index.handler"
    begins = "FC Invoke Start RequestId: "
    ends = "FC Invoke End RequestId: "
    plain = False
    retries = asynchronous.waits(asynchronous.RETRIES)
    """Three retries are the vendor's default: https://help.aliyun.com/en/functioncompute/fc/user-guide/error-handling-1-2."""
    tasks = False
    reserved: tuple[str, ...] = ()
    services = True
    """FC 2.0 has services, and FC 3.0 has none."""
    trigger_fields: FieldTypes = MappingProxyType({"eventSchema": str, "batchWindow": dict})
    function_fields: FieldTypes = MappingProxyType(
        {"asyncInvokeConfig": dict, "instanceLifecycleConfig": dict, "instanceConcurrency": int}
    )
    runtimes = (contexts.PYTHON_310, contexts.PYTHON_312)
    custom = CustomRuntime()

    def trigger(self, function: str, fields: Mapping[str, Any]) -> OssTriggerRule | eventbridge.EventBridgeRule:
        native = OssTriggerRule.parse(**{name: fields[name] for name in fields.keys() - self.trigger_fields.keys()})
        return eventbridge.rule(native, fields.get("eventSchema"), fields.get("batchWindow"))

    def settings(self, fields: Mapping[str, Any], custom: bool = False) -> Settings:
        if fields.get("instanceConcurrency", 1) != 1:
            raise ValueError(
                "instanceConcurrency: an instance of the emulator takes one request at a time, as those of the vendor's"
                " Python runtimes do: leave it out, and set instances to run more at once"
            )
        hooks = lifecycle.parse(fields.get("instanceLifecycleConfig", {}), custom)
        config = fields.get("asyncInvokeConfig")
        return Settings(
            None if config is None else asynchronous.parse(config), hooks.get("initializer"), hooks.get("preStop")
        )

    def broken(self, function: Function, ending: Ending, message: str, kind: str) -> tuple[str, str]:
        return message, kind

    def message(self, function: Function, event: Ended) -> bytes:
        return asynchronous.message(function, event)

    def url(self, function: Function, fields: Mapping[str, Any]) -> HttpTrigger:
        return HttpTrigger.parse(function, fields)

    def variables(self, function: Function) -> dict[str, str]:
        return {
            "FC_ACCOUNT_ID": ACCOUNT,
            "FC_FUNCTION_NAME": function.name,
            "FC_FUNCTION_HANDLER": function.handler,
            "FC_FUNCTION_MEMORY_SIZE": str(function.memory),
            "FC_FUNC_CODE_PATH": f"{function.code}/",
            "FC_INSTANCE_ID": str(uuid.uuid4()),
            "FC_QUALIFIER": contexts.LATEST,
            "FC_REGION": REGION,
            "FC_RUNTIME": function.runtime or contexts.PYTHON_310,
            "FC_TIMEOUT": f"{function.timeout:g}",
            "FC_VERSION_ID": "",
        }

    def credentials(self, key: Key) -> dict[str, str]:
        return {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key.id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": key.token or "",
        }

    def context(self, function: Function, key: Key, request_id: str) -> dict[str, object]:
        if function.custom:
            return contexts.custom(function, key, request_id)
        newest = function.runtime == contexts.PYTHON_312
        return (contexts.python_312 if newest else contexts.python_310)(function, key, request_id)
