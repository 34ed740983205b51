"""What the API is asked with, as pydantic reads it. docs/api.md explains the fields."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from imagelabels.domain.albums import LONGEST_TITLE
from imagelabels.domain.moments import milliseconds
from imagelabels.domain.query import ANY, LIMIT, ORDERS, STATES, Order
from imagelabels.usecases.gallery import FACETS, Question

Words = Annotated[list[str], Field(max_length=100)]


def _no_truth_value(value: object) -> object:
    """Refuse true and false, which pydantic takes for 1 and 0."""
    if isinstance(value, bool):
        raise ValueError("this is a number, not true or false")
    return value


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
    min_confidence: Annotated[float, BeforeValidator(_no_truth_value)] = Field(
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
    hints: list[str] = Field(
        description="Why a word of the question may be the reason that nothing matches, and what to try instead."
    )


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


class AskedExport(Asked):
    """A question whose pictures are exported."""

    format: Literal["csv", "jsonl"] = Field("jsonl", description="csv, or a line of JSON for each picture.")
    page: str = Field("", description="Where an export that was cut goes on: it stands in the header Link.")

    def fields(self) -> dict[str, str]:
        """Return the parameters that were given, as an address has them."""
        given = self.model_dump(by_alias=True, exclude_defaults=True)
        return {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in given.items()}


class PictureWhole(PictureForm):
    """Everything about a picture. The tags and the reasons come from the store and may be null."""

    history: list[dict[str, object]]
    corrections: dict[str, list[str]]
    tags_written: dict[str, str]
    tags_ours: dict[str, str] | None
    tags_yours: dict[str, str] | None
    explained: list[dict[str, object]] | None
    why_not: str | None = Field(description="Why tags and reasons are null.")
    waiting_reason: str | None


class CorrectionsBody(BaseModel):
    """What a person says of a picture."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    not_: Words = Field([], alias="not", description="Words that are not so, and nothing below them.")
    add: Words = Field([], description="Words that are so.")
    forget: StrictBool = Field(False, description="Forget first what was said before.")


class CorrectionsForm(BaseModel):
    """The picture as it is now, and what people have said of it."""

    picture: PictureForm
    corrections: dict[str, list[str]]


class ChangeForm(BaseModel):
    """A picture whose row was written or removed."""

    id: str
    uri: str
    kind: Literal["written", "removed"]
    at: int = Field(description="Milliseconds since 1970. The order of changes is not by it.")


class ChangesForm(BaseModel):
    """Changes in their order."""

    changes: list[ChangeForm]
    next: str = Field(description="The value of `since` that brings what comes next.")


class AlbumBody(BaseModel):
    """An album as it is written."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    question: Asked = Field(default_factory=lambda: Asked.model_validate({}))
    language: Literal["en", "zh-Hans"] = "en"
    order: Order = "newest"
    cover: str | None = Field(None, max_length=2000, description="The URI of a picture.")


class AlbumForm(BaseModel):
    """An album as it is read."""

    id: str
    title: str
    question: Asked
    language: str
    order: str
    cover: str | None
    made_at: str
    changed_at: str
    version: int


class AlbumsPage(BaseModel):
    """A page of albums."""

    albums: list[AlbumForm]
    next: str | None


class PreviewForm(BaseModel):
    """What an album would hold."""

    total: int
    pictures: list[PictureForm]
    hints: list[str]


class PinBody(BaseModel):
    """Whether a picture is in the album or not."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["in", "out"]
