"""Describes and checks what the settings of all clouds have in common."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from imagelabels.providers.kit.proxies import DIRECT, Proxies


class CloudSettings(BaseModel):
    """Validate a mapping of the named variables; others in it are not looked at."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
        # A function of another cloud only asks which variables there are.
        defer_build=True,
    )

    proxies: Proxies = Field(
        default=DIRECT, validation_alias="proxies", description="The proxies that the environment names."
    )

    @model_validator(mode="before")
    @classmethod
    def _find_proxies(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "proxies": Proxies.of_environment(values)}


def _checked(value: str) -> str:
    parts = urlsplit(value)
    plain = parts.hostname and parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
    if value and not (parts.scheme in ("http", "https") and plain):
        raise ValueError("must be http:// or https://, a host and perhaps a port, and nothing else")
    return value.rstrip("/")


Address = Annotated[str, AfterValidator(_checked)]
"""At this address a service answers; an empty text stands for the vendor's own address."""
