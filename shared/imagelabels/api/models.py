"""What the API is asked with, as pydantic reads it. docs/api.md explains the fields."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from imagelabels.domain.moments import milliseconds
from imagelabels.domain.query import ANY, LIMIT, ORDERS, STATES
from imagelabels.usecases.gallery import FACETS, Question

Words = Annotated[list[str], Field(max_length=100)]


class Asked(BaseModel):
    """A question: what pictures must be like."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    label: Words = Field(
        [],
        description="The picture must show all of these. Several words are separated by commas. A word may say how "
        "sure its label must be, as dog:0.8; =dog means the label with the id dog and no other.",
    )
    any_of: Words = Field([], description="The picture must show at least one of these.")
    none_of: Words = Field([], alias="not", description="The picture must show none of these.")
    min_confidence: float = Field(
        0.0, ge=0, le=1, description="Count only labels at least this sure, for words that say nothing of their own."
    )
    prefix: str = Field("", description="The picture's URI begins so, as oss://photos/2026/.")
    start: str = Field("", alias="from", description="The object was uploaded at this time or later.")
    until: str = Field("", alias="to", description="The object was uploaded before this time.")
    since: str = Field("", description="The picture was labelled at this time or later.")
    state: str = Field("", description=f"What became of the picture: {', '.join((*STATES, ANY))} (labelled).")
    reason: str = Field("", description="Only pictures with this reason or note, as unsupported_format.")

    def question(self) -> Question:
        """Return the question; ValueError says which time cannot be meant."""
        start, until, since = (milliseconds(text) if text else None for text in (self.start, self.until, self.since))
        groups = tuple(self.label), tuple(self.any_of), tuple(self.none_of)
        times = start, until, since
        return Question(*groups, self.min_confidence, self.prefix, *times, self.state or None, self.reason)


class AskedPictures(Asked):
    """A question, and which page of its answer."""

    order: str = Field("newest", description=f"Which come first: {', '.join(ORDERS)}.")
    limit: int = Field(20, ge=1, le=LIMIT, description="At most so many pictures.")
    page: str = Field("", description="`next` of the page before.")


class AskedCounts(Asked):
    """A question whose pictures are counted."""

    facets: int = Field(FACETS, ge=0, le=200, description="Count at most so many labels and so many categories.")


class PictureForm(BaseModel):
    """A picture's row, in the form of `imagelabels search --format json`, with its id."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(description="The picture's id in addresses.")
    uri: str
    labels: list[dict[str, object]]
    state: str


class PicturesPage(BaseModel):
    """A page of pictures."""

    pictures: list[PictureForm]
    next: str | None = Field(description="The value of `page` that brings the next page; null on the last one.")
    hints: list[str] = Field(description="Words that nothing is called by, and what may have been meant.")


class CountsForm(BaseModel):
    """How many pictures match, and how many there would be if a facet were chosen as well."""

    model_config = ConfigDict(extra="allow")

    total: int
    labels: list[Facet]
    categories: list[Facet]
    hints: list[str]


class Facet(BaseModel):
    """A label or a category, with the number of pictures that the question finds together with label==ID."""

    id: str
    name: str
    count: int


class WordForm(BaseModel):
    """A word that completes what was typed."""

    id: str
    name: str
    names: dict[str, str]
    level: int = Field(description="1 is the widest level of labels; 0: a word for several categories.")
    category_id: str | None


class WordsForm(BaseModel):
    """Words that complete what was typed."""

    labels: list[WordForm]
