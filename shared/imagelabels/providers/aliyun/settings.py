"""What this provider reads of the settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, Json, field_validator, model_validator

from imagelabels.providers.aliyun import endpoints
from imagelabels.providers.kit.proxies import DIRECT, Proxies


class AliyunSettings(BaseModel):
    """Validate a mapping of the named variables; others in it are not looked at."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
        # A function of another cloud only asks which variables there are.
        defer_build=True,
    )

    region: str = Field(
        validation_alias="FC_REGION",
        pattern="^[a-z]{2}(-[a-z0-9]+)+$",
        title="the id of a region of Alibaba Cloud, as cn-hangzhou",
        description="The region's id, as cn-hangzhou. Function Compute sets it; requests are signed for it.",
    )
    endpoint_oss: str = Field(
        default="",
        validation_alias="IMAGELABELS_ENDPOINT_OSS",
        description="Where OSS answers, as http://127.0.0.1:9000. "
        "Without it the region's internal endpoint, https://oss-<region>-internal.aliyuncs.com, which only reaches "
        "buckets of the function's own region.",
    )
    imm_project: str = Field(
        default="",
        validation_alias="IMAGELABELS_IMM_PROJECT",
        pattern="^[A-Za-z0-9_-]{0,64}$",
        title="the name of an IMM project: at most 64 of A-Z, a-z, 0-9, _ and -",
        description="The IMM project that `imm` asks, in the buckets' region; `imm` needs it.",
    )
    imm_credential_config: Json[dict[str, Any]] | None = Field(
        default=None,
        validation_alias="IMAGELABELS_IMM_CREDENTIAL_CONFIG",
        title='an object in JSON, as {"Chain": [...]}',
        description="How `imm` comes to read buckets of another account: the vendor's CredentialConfig as JSON, "
        'as {"Chain": [{"Role": "reader", "RoleType": "user", "AssumeRoleFor": "1234567890123456"}]}. '
        "Without it the project's own role reads.",
    )
    imm_rate: float = Field(
        default=100,
        gt=0,
        validation_alias="IMAGELABELS_IMM_RATE",
        description="Calls per second to `imm` that one instance makes at most. A project takes 100 unless the vendor "
        "was asked for more, of all instances together.",
    )
    endpoint_imm: str = Field(
        default="",
        validation_alias="IMAGELABELS_ENDPOINT_IMM",
        description="Where IMM answers, as http://127.0.0.1:9000. Without it https://imm.<region>.aliyuncs.com.",
    )

    endpoint_tablestore: str = Field(
        default="",
        validation_alias="IMAGELABELS_ENDPOINT_TABLESTORE",
        description="Where Tablestore answers, as https://photos.cn-hangzhou.ots.aliyuncs.com. Without it the "
        "instance's address inside the region's VPC, https://<instance>.<region>.vpc.tablestore.aliyuncs.com.",
    )

    proxies: Proxies = Field(
        default=DIRECT, validation_alias="proxies", description="The proxies that the environment names."
    )

    @model_validator(mode="before")
    @classmethod
    def _find_proxies(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "proxies": Proxies.of_environment(values)}

    @field_validator("imm_credential_config")
    @classmethod
    def _is_known(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if unknown := set(value or ()) - {"Chain", "Policy", "ServiceRole"}:
            raise ValueError(f"has Chain, Policy and ServiceRole, not {', '.join(sorted(unknown))}")
        return value

    @field_validator("endpoint_oss", "endpoint_imm", "endpoint_tablestore")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        plain = parts.hostname and parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
        if value and not (parts.scheme in ("http", "https") and plain):
            raise ValueError("must be http:// or https://, a host and perhaps a port, and nothing else")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _derive_endpoints(self) -> AliyunSettings:
        if not self.endpoint_oss:
            object.__setattr__(self, "endpoint_oss", endpoints.OSS.format(region=self.region))
        if not self.endpoint_imm:
            object.__setattr__(self, "endpoint_imm", endpoints.IMM.format(region=self.region))
        return self
