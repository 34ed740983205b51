"""Describes and checks what this provider reads of the environment."""

from __future__ import annotations

from pydantic import Field, field_validator

from imagelabels.providers.kit.settings import Address, CloudSettings

SCENES = ("web", "camera", "album", "news")


class TencentSettings(CloudSettings):
    """These are the settings of Tencent Cloud."""

    region: str = Field(
        default="",
        validation_alias="TENCENTCLOUD_REGION",
        pattern="^([a-z]{2,}(-[a-z0-9]+)+)?$",
        title="the id of a region of Tencent Cloud, as ap-guangzhou",
        description="The region of buckets whose events do not name one, as ap-guangzhou. SCF sets it.",
    )
    endpoint_cos: Address = Field(
        default="",
        validation_alias="IMAGELABELS_ENDPOINT_COS",
        description="Where COS answers, as http://127.0.0.1:9000; the Host header still names bucket and region. "
        "Without it https://<bucket>.cos.<region>.myqcloud.com.",
    )
    endpoint_scf: Address = Field(
        default="",
        validation_alias="IMAGELABELS_ENDPOINT_SCF",
        description="Where SCF answers `imagelabels invoke`, as http://127.0.0.1:9000. Without it "
        "https://scf.tencentcloudapi.com.",
    )
    ci_scenes: str = Field(
        default="web",
        validation_alias="IMAGELABELS_CI_SCENES",
        description="Which models of Tencent's `ci` look at a picture: `web`, `camera`, `album`, `news`, or several "
        "with commas between them. Each counts as a call in budgets and costs, since the vendor bills each.",
    )
    ci_thumbnail: bool = Field(
        default=True,
        validation_alias="IMAGELABELS_CI_THUMBNAIL",
        description="Show `ci` a thumbnail (1920 pixels) of a picture above its limit of 3 MB, through a signed URL "
        "that lives a minute. Untried on the live service; `false` leaves such pictures without labels.",
    )

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
