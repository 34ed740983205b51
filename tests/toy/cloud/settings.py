"""What the toy cloud reads of the environment."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ToySettings(BaseModel):
    """Validate a mapping of the named variables; others in it are not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    room: str = Field(
        validation_alias="IMAGELABELS_TOY_ROOM",
        pattern="^[a-z]+$",
        description="The room that the toy cloud stands in; `toy` needs it.",
    )
