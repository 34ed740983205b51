"""What this provider reads of the settings."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class AliyunSettings(BaseModel):
    """Validate a mapping of the named variables; others in it are not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    region: str = Field(
        validation_alias="FC_REGION",
        pattern="^[a-z]{2}(-[a-z0-9]+)+$",
        description="The region's id, as cn-hangzhou. Function Compute sets it; requests are signed for it.",
    )
    endpoint_oss: str = Field(
        default="",
        validation_alias="IMAGELABELS_ENDPOINT_OSS",
        description="Where OSS answers, as http://127.0.0.1:9000. "
        "Without it the region's internal endpoint, https://oss-<region>-internal.aliyuncs.com, which only reaches "
        "buckets of the function's own region.",
    )

    @field_validator("endpoint_oss")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        plain = parts.hostname and parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
        if value and not (parts.scheme in ("http", "https") and plain):
            raise ValueError("must be http:// or https://, a host and perhaps a port, and nothing else")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _derive_endpoint(self) -> AliyunSettings:
        if not self.endpoint_oss:
            object.__setattr__(self, "endpoint_oss", f"https://oss-{self.region}-internal.aliyuncs.com")
        return self
