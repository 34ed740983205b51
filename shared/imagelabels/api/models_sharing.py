"""Feeds and webhooks of albums, as the API takes and shows them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from imagelabels.domain.webhooks import LONGEST_URL


class FeedBody(BaseModel):
    """A feed as it is shared."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("feed", max_length=200, description="Who will read it, so that you know which one to revoke.")


class FeedForm(BaseModel):
    """A feed of an album, without its secret."""

    id: str
    name: str
    prefixes: list[str] = Field(description="The feed shows only pictures whose URIs begin with one of these.")
    made_at: str
    revoked_at: str | None


class FeedAddresses(BaseModel):
    """The addresses of a feed by its formats. Everybody who has one can read the feed."""

    rss: str
    atom: str
    json_: str = Field(alias="json")


class FeedMade(FeedForm):
    """A new feed."""

    addresses: FeedAddresses


class FeedsForm(BaseModel):
    """The feeds of an album."""

    feeds: list[FeedForm]


class WebhookBody(BaseModel):
    """A webhook as it is made."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=LONGEST_URL, description="The receiver's address, which begins with https://.")


class WebhookForm(BaseModel):
    """A webhook."""

    id: str
    album: str
    url: str
    prefixes: list[str] = Field(description="The receiver is told only of pictures whose URIs begin so.")
    state: Literal["on", "off"]
    why: str = Field(description="Why the webhook is off, or why it stands still.")
    made_at: str
    worked_at: str | None = Field(description="When a run last worked for it.")


class WebhookMade(WebhookForm):
    """A webhook that was just made."""

    secret: str = Field(description="What messages are signed with. It is shown this once only.")


class WebhooksForm(BaseModel):
    """The webhooks of an album."""

    webhooks: list[WebhookForm]


class DeliveryForm(BaseModel):
    """A message that waits for its receiver, or that could not be delivered."""

    id: str = Field(description="The header webhook-id.")
    type: Literal["album.picture.entered", "album.picture.left"]
    picture: str
    uri: str
    change: int = Field(description="Entering and leaving the album, counted for each picture.")
    state: Literal["waiting", "failed"]
    made_at: str
    tries: int
    next_at: str | None
    failed_at: str | None
    answer: str = Field(description="What came of the last attempt.")


class WebhookWhole(WebhookForm):
    """A webhook with its deliveries."""

    deliveries: list[DeliveryForm]


class WebhookRetried(BaseModel):
    """What is sent again."""

    sent_again: int


class SecretForm(BaseModel):
    """A new secret, which is shown this once only."""

    secret: str
