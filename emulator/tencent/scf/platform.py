"""How Serverless Cloud Function runs a function."""

from __future__ import annotations

from emulator.core.parts import Key
from emulator.functions.function import Function
from emulator.tencent.cos import APPID, REGION
from emulator.tencent.cos.owner import UIN
from emulator.tencent.scf import NAMESPACE, VERSION


class ServerlessCloudFunction:
    name = "Scf"
    begins = "START RequestId: "
    ends = "END RequestId: "
    plain = True
    retries = (60.0, 60.0)
    """Two, a minute apart: https://cloud.tencent.com/document/product/583/41138."""

    def variables(self, function: Function) -> dict[str, str]:
        """https://cloud.tencent.com/document/product/583/14570; some of the SCF_ names stand on no page."""
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
        """https://cloud.tencent.com/document/product/583/9210. Credentials are in the environment, not here."""
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
