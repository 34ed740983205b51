"""Describes how Function Compute runs a function.

The names of its variables are those of its page on environment variables. FC_INSTANCE_ID is any unique text.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from emulator.aliyun.account import ACCOUNT, REGION
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
    # Unproven waits-of-retries: A failed asynchronous invocation is tried again after 1, 2 and 4 seconds.
    # Why: no page has the waits for errors of a function.
    # Ask: invoke a function that always raises asynchronously, and read the times of its invocations in the log.
    retries = (1.0, 2.0, 4.0)
    """Three retries are the vendor's default: https://help.aliyun.com/en/functioncompute/fc/user-guide/error-handling-1-2."""
    reserved: tuple[str, ...] = ()
    services = True
    """FC 2.0 has services, and FC 3.0 has none."""
    trigger_fields: FieldTypes = MappingProxyType({})

    def trigger(self, function: str, fields: Mapping[str, Any]) -> OssTriggerRule:
        return OssTriggerRule.parse(**fields)

    def variables(self, function: Function) -> dict[str, str]:
        return {
            "FC_ACCOUNT_ID": ACCOUNT,
            "FC_FUNCTION_NAME": function.name,
            "FC_FUNCTION_HANDLER": function.handler,
            "FC_FUNCTION_MEMORY_SIZE": str(function.memory),
            "FC_FUNC_CODE_PATH": f"{function.code}/",
            "FC_INSTANCE_ID": str(uuid.uuid4()),
            "FC_QUALIFIER": "LATEST",
            "FC_REGION": REGION,
            "FC_RUNTIME": "python3.10",
            "FC_TIMEOUT": f"{function.timeout:g}",
            "FC_VERSION_ID": "",
        }

    def credentials(self, key: Key) -> dict[str, str]:
        return {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key.id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": key.token or "",
        }

    # Unproven tracing-of-context: What `tracing` of the context holds.
    # Why: the page shows that it is there, and not what it holds.
    # Ask: log vars(context.tracing) in a function without tracing.
    def context(self, function: Function, key: Key, request_id: str) -> dict[str, object]:
        """Return the context of the Python 3.10 runtime.

        https://www.alibabacloud.com/help/en/functioncompute/fc/context-1
        """
        fields = ("access_key_id", "access_key_secret", "security_token")
        camel = ("accessKeyId", "accessKeySecret", "securityToken")
        values = (key.id, key.secret, key.token)
        return {
            "request_id": request_id,
            "credentials": dict(zip(fields + camel, values + values, strict=True)),
            "function": {
                "name": function.name,
                "handler": function.handler,
                "memory": function.memory,
                "timeout": function.timeout,
            },
            "service": {
                "name": function.service,
                "log_project": "",
                "log_store": "",
                "qualifier": "LATEST",
                "version_id": "",
            },
            "region": REGION,
            "account_id": ACCOUNT,
            "tracing": {"span_context": None, "span_baggages": None, "jaeger_endpoint": None},
        }
