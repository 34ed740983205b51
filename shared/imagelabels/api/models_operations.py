"""What the API answers about budgets and about pictures that are tried again, as pydantic writes it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class HoldForm(BaseModel):
    """A detector is not called for a bucket until then, because somebody must mend something first."""

    bucket: str
    reason: str
    until: str


class DetectorBudget(BaseModel):
    """The calls of a detector, and how many the settings of this server allow."""

    detector: str
    calls: int = Field(description="The calls in all, since the index was made.")
    calls_limit: int | None = Field(description="null: no limit is set here.")
    calls_today: int = Field(description="The calls of the present day, which began at midnight UTC.")
    calls_today_limit: int | None = Field(description="null: no limit is set here.")
    even_pace: int | None = Field(
        description="So many calls there would have been by now if those of the limit came evenly over the day."
    )
    rate_limit: int | None = Field(description="The calls in a second; null: no limit is set here.")
    holds: list[HoldForm]


class BudgetForm(BaseModel):
    """What was spent on detectors by all functions and commands that share the index."""

    day: str = Field(description="The present day in UTC, as 2026-11-29.")
    call_price: str | None = Field(description="What a call costs by the settings of this server.")
    detectors: list[DetectorBudget] = Field(description="Those that were ever called or are held.")


class RedriveBody(BaseModel):
    """This says which pictures are to be tried again."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["failed", "parked", "waiting"]
    page: str = Field("", max_length=5000, description="`next` of the answer before.")


class RedrivenPicture(BaseModel):
    """A picture that will be tried again."""

    id: str
    uri: str
    by: Literal["function", "timer"] = Field(
        description="Who tries it: the function, which was just given it, or the timer's next run."
    )


class RedrivenPictures(BaseModel):
    """The pictures that will be tried again."""

    pictures: int = Field(description="So many of them were not going to be tried soon without this request.")
    failed: int = Field(description="So many could not be looked at: ask for them again later.")
    next: str | None = Field(description="There are more: the value of `page` that goes on behind these; null: no.")
    by: Literal["function", "timer"] = Field(
        description="Who tries them: `timer` if some of them were not given to a function."
    )
