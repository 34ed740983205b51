"""Describes how Function Compute runs a function.

The names of its variables are those of its page on environment variables. FC_INSTANCE_ID is any unique text.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from emulator.aliyun.account import ACCOUNT, REGION
from emulator.aliyun.fc import contexts
from emulator.aliyun.fc.custom_runtime import CustomRuntime
from emulator.aliyun.fc.http_trigger import HttpTrigger
from emulator.aliyun.fc.triggers import OssTriggerRule
from emulator.core.parts import Key
from emulator.functions.function import Function
from emulator.functions.platform import FieldTypes


class FunctionCompute:
    cloud = "aliyun"
    name = "Fc"
    handler = "index.handler"
    begins = "FC Invoke Start RequestId: "
    ends = "FC Invoke End RequestId: "
    plain = False
    retries = (1.0, 2.0, 4.0)
    """Three retries are the vendor's default: https://help.aliyun.com/en/functioncompute/fc/user-guide/error-handling-1-2.
    The waits are invented, since no page has those for errors of a function."""
    reserved: tuple[str, ...] = ()
    services = True
    """FC 2.0 has services, and FC 3.0 has none."""
    trigger_fields: FieldTypes = MappingProxyType({})
    runtimes = (contexts.PYTHON_310, contexts.PYTHON_312)
    custom = CustomRuntime()

    def trigger(self, function: str, fields: Mapping[str, Any]) -> OssTriggerRule:
        return OssTriggerRule.parse(**fields)

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
