"""What this provider reads of the settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from imagelabels.providers.kit.proxies import DIRECT, Proxies

SCENES = ("web", "camera", "album", "news")


class TencentSettings(BaseModel):
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
        default="",
        validation_alias="TENCENTCLOUD_REGION",
        pattern="^([a-z]{2,}(-[a-z0-9]+)+)?$",
        title="the id of a region of Tencent Cloud, as ap-guangzhou",
        description="The region of buckets whose events do not name one, as ap-guangzhou. SCF sets it.",
    )
    endpoint_cos: str = Field(
        default="",
        validation_alias="IMAGELABELS_ENDPOINT_COS",
        description="Where COS answers, as http://127.0.0.1:9000; the Host header still names bucket and region. "
        "Without it https://<bucket>.cos.<region>.myqcloud.com.",
    )
    ci_scenes: str = Field(
        default="web",
        validation_alias="IMAGELABELS_CI_SCENES",
        description="Which models of Tencent's `ci` look at a picture: `web`, `camera`, `album`, `news`, or several "
        "with commas between them; expect each to be billed.",
    )
    ci_thumbnail: bool = Field(
        default=True,
        validation_alias="IMAGELABELS_CI_THUMBNAIL",
        description="Show `ci` a thumbnail (1920 pixels) of a picture above its limit of 3 MB, through a signed URL "
        "that lives a minute. Untried on the live service; `false` leaves such pictures without labels.",
    )

    proxies: Proxies = Field(
        default=DIRECT, validation_alias="proxies", description="The proxies that the environment names."
    )

    @model_validator(mode="before")
    @classmethod
    def _find_proxies(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "proxies": Proxies.of_environment(values)}

    @field_validator("endpoint_cos")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        given = urlsplit(value)
        if value and (given.scheme not in ("http", "https") or not given.hostname or value.count("/") > 2):
            raise ValueError("must be http:// or https://, a host and perhaps a port, and nothing else")
        return value

    @field_validator("ci_scenes")
    @classmethod
    def _are_scenes(cls, value: str) -> str:
        named = [name.strip() for name in value.split(",")]
        if not set(named) <= set(SCENES) or len(set(named)) < len(named):
            raise ValueError(f"must be one or several of {', '.join(SCENES)}, each once, with commas between them")
        return ",".join(scene for scene in SCENES if scene in named)

    @property
    def scenes(self) -> tuple[str, ...]:
        return tuple(self.ci_scenes.split(","))
