"""Describes how Serverless Cloud Function runs a function."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from emulator.core.parts import Key
from emulator.functions.function import Ending, Function
from emulator.functions.platform import FieldTypes
from emulator.functions.queue import Ended
from emulator.functions.settings import Settings
from emulator.tencent.account import APPID, REGION, UIN
from emulator.tencent.scf import NAMESPACE, VERSION, asynchronous, results
from emulator.tencent.scf.function_url import FunctionUrl
from emulator.tencent.scf.triggers import CosTriggerRule

# Unproven longest-start: A function may take 300 seconds until it is loaded, and InitTimeout is 1 at least.
# Why: no page of the vendor was found that has the limits.
# Ask: UpdateFunctionConfiguration with InitTimeout 0, 1, 2, 300 and 301: which are refused.
LONGEST_START = 300


class ServerlessCloudFunction:
    cloud = "tencent"
    name = "Scf"
    handler = "index.main_handler"
    begins = "START RequestId: "
    ends = "END RequestId: "
    plain = True
    retries = asynchronous.waits(asynchronous.RETRIES)
    """There are two retries, a minute apart: https://cloud.tencent.com/document/product/583/41138."""
    tasks = True
    """GetRequestStatus has every invocation: https://cloud.tencent.com/document/product/583/65348."""
    reserved = ("QCLOUD_", "SCF_", "TENCENTCLOUD_")
    """https://cloud.tencent.com/document/product/583/14570."""
    services = False
    runtimes = ("Python3.10",)
    """The service has older ones too (https://cloud.tencent.com/document/product/583/18586), which the emulator cannot
    run. They differ in nothing that a function is told."""
    custom = None
    trigger_fields: FieldTypes = MappingProxyType({"key_encoding": str, "event_name": str})
    function_fields: FieldTypes = MappingProxyType(
        {"AsyncRunEnable": str, "AsyncTriggerConfig": dict, "DeadLetterConfig": dict, "InitTimeout": int}
    )

    def trigger(self, function: str, fields: Mapping[str, Any]) -> CosTriggerRule:
        return CosTriggerRule.parse(function, **fields)

    def url(self, function: Function, fields: Mapping[str, Any]) -> FunctionUrl:
        return FunctionUrl.parse(function, fields)

    def settings(self, fields: Mapping[str, Any], custom: bool = False) -> Settings:
        timeout = fields.get("InitTimeout")
        if timeout is not None and not 1 <= timeout <= LONGEST_START:
            raise ValueError(f"InitTimeout is 1 to {LONGEST_START} seconds, not {timeout}")
        config, queue = fields.get("AsyncTriggerConfig", {}), fields.get("DeadLetterConfig", {})
        policy = asynchronous.parse(config, queue) if config or queue else None
        if (runs := fields.get("AsyncRunEnable", "FALSE")) not in ("TRUE", "FALSE"):
            raise ValueError(f"AsyncRunEnable is TRUE or FALSE, not {runs[:100]!r}")
        return Settings(policy, load_timeout=timeout, never_waits=runs == "TRUE")

    def broken(self, function: Function, ending: Ending, message: str, kind: str) -> tuple[str, str]:
        number, text = results.broken(ending, function)
        return text, str(number)

    def message(self, function: Function, event: Ended) -> bytes:
        return asynchronous.message(function, event)

    # Unproven variables-of-scf: The environment has SCF_FUNCTIONNAME, SCF_FUNCTIONVERSION and SCF_NAMESPACE.
    # Why: the page does not have all of these names.
    # Ask: log the names of os.environ in a function.
    def variables(self, function: Function) -> dict[str, str]:
        """Return the variables of https://cloud.tencent.com/document/product/583/14570."""
        return {
            "SCF_FUNCTIONNAME": function.name,
            "SCF_FUNCTIONVERSION": VERSION,
            "SCF_NAMESPACE": NAMESPACE,
            "TENCENTCLOUD_APPID": APPID,
            "TENCENTCLOUD_REGION": REGION,
            "TENCENTCLOUD_RUNENV": "SCF",
            "TENCENTCLOUD_UIN": UIN,
            "USER_CODE_ROOT": f"{function.code}/",
        }

    def credentials(self, key: Key) -> dict[str, str]:
        return {
            "TENCENTCLOUD_SECRETID": key.id,
            "TENCENTCLOUD_SECRETKEY": key.secret,
            "TENCENTCLOUD_SESSIONTOKEN": key.token or "",
        }

    def context(self, function: Function, key: Key, request_id: str) -> dict[str, object]:
        """Return the context, without credentials: https://cloud.tencent.com/document/product/583/9210."""
        own = {**function.environment, **self.variables(function)}
        return {
            "environ": ";".join(f"{name}={value}" for name, value in own.items()),
            "function_name": function.name,
            "function_version": VERSION,
            "memory_limit_in_mb": function.memory,
            "namespace": NAMESPACE,
            "request_id": request_id,
            "tencentcloud_appid": APPID,
            "tencentcloud_region": REGION,
            "tencentcloud_uin": UIN,
            "time_limit_in_ms": round(function.timeout * 1000),
        }
