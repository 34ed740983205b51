"""Describes how Serverless Cloud Function runs a function."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from emulator.core.parts import Key
from emulator.functions.function import Function
from emulator.functions.platform import FieldTypes
from emulator.tencent.account import APPID, REGION, UIN
from emulator.tencent.scf import NAMESPACE, VERSION
from emulator.tencent.scf.triggers import CosTriggerRule


class ServerlessCloudFunction:
    cloud = "tencent"
    name = "Scf"
    handler = "index.main_handler"
    begins = "START RequestId: "
    ends = "END RequestId: "
    plain = True
    retries = (60.0, 60.0)
    """There are two retries, a minute apart: https://cloud.tencent.com/document/product/583/41138."""
    reserved = ("QCLOUD_", "SCF_", "TENCENTCLOUD_")
    """https://cloud.tencent.com/document/product/583/14570."""
    services = False
    trigger_fields: FieldTypes = MappingProxyType({"key_encoding": str})

    def trigger(self, function: str, fields: Mapping[str, Any]) -> CosTriggerRule:
        return CosTriggerRule.parse(function, **fields)

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
