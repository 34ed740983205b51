"""Webhooks: receivers that are told when a picture enters or leaves an album, what they are told, and when again."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from dataclasses import dataclass, replace
from secrets import token_bytes
from typing import Literal
from urllib.parse import urlsplit

from imagelabels.domain.addresses import is_allowed, numeric
from imagelabels.domain.moments import iso

MOST_HOOKS = 10
"""An album has at most so many webhooks."""

MOST_WAITING = 1000
"""While so many deliveries of a webhook wait, no further changes are read for it. The changes themselves are kept for
30 days, so nothing is lost before that."""

MOST_FAILED = 1000
"""A webhook with so many failed deliveries is switched off: its receiver is gone, or refuses everything."""

DAY = 86_400_000
"""A delivery is tried again for so many milliseconds from its first attempt on. Then it has failed."""

FIRST_PAUSE, LONGEST_PAUSE = 60_000, 7_200_000
"""Milliseconds of the pause after the first attempt, which doubles with each further one, and of the longest pause.
Chance shortens each by up to a half, so that deliveries part that failed together."""

OLD_SECRET = DAY
"""For so many milliseconds after a new secret was made, messages are signed with the former one too."""

LONGEST_URL = 2000
"""An address has at most so many characters."""

LONGEST_HOST = 254
"""A name of a host has at most so many characters, with the dot that may end it
(https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4)."""

_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?")
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?")

LONGEST_ANSWER = 200
"""What a receiver answered is kept in so many characters."""

Stage = Literal["matches", "pins", "members", "following"]


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook of an album, and how far the work for it has come.

    At first, and after the album's question has changed, the album is compared as a whole with what the receiver knows:
    what the question finds ("matches"), what people put in by hand ("pins"), and what the receiver believes to be in
    ("members"). Then the hook follows the changes of the index.
    """

    id: str
    album: str
    url: str
    secrets: tuple[str, ...]
    """The present secret, and the former one if there was one. They must be stored as they are, to sign with them."""
    prefixes: tuple[str, ...] = ("",)
    """The receiver is told only of pictures whose URIs begin so: those that the maker of the webhook may see."""
    made_at: int = 0
    """Milliseconds since 1970, as all times here."""
    rotated_at: int = 0
    state: Literal["on", "off", "deleted"] = "on"
    why: str = ""
    """Why the webhook is off, or why it stands still."""
    worked_at: int = 0
    cursor: str = ""
    """Changes up to here have been read."""
    asked: str = ""
    """A digest of what the album's question meant when the album was last compared; empty before the first time."""
    stage: Stage = "matches"
    place: str = ""
    """How far the stage has come."""
    silent: bool = True
    """The first comparison is under way: it tells the receiver nothing about pictures that were in the album before."""
    lease: str = ""
    """The worker with this token works for the hook until `lease_until`, and no other one does."""
    lease_until: int = 0
    version: int = 1
    """It grows by one with each write. Whoever writes names the version that they read."""

    def signing(self, now: int) -> tuple[str, ...]:
        """Return the secrets that a message is signed with at this time."""
        return self.secrets if now < self.rotated_at + OLD_SECRET else self.secrets[:1]

    def rotated(self, secret: str, now: int) -> Hook:
        """Return the hook with a new secret beside the present one."""
        return replace(self, secrets=(secret, self.secrets[0]), rotated_at=now)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that waits for its receiver, or that could not be delivered."""

    hook: str
    picture: str
    """The picture's id."""
    number: int
    """Entering and leaving the album are counted for each picture: odd numbers say that it entered, even ones that it
    left. So hook, picture and number name the message, and whoever makes it twice makes the same one."""
    uri: str
    made_at: int
    due_at: int = 0
    """It is sent at this time or later."""
    tries: int = 0
    first_at: int | None = None
    """The time of the first attempt."""
    failed_at: int | None = None
    """It is sent no more from this time on, unless somebody asks for it."""
    answer: str = ""
    """What came of the last attempt."""
    again: bool = False
    """Somebody asked for it to be sent again after it had failed."""

    @property
    def key(self) -> tuple[str, int]:
        """What tells the deliveries of a webhook apart, and their order."""
        return self.picture, self.number

    @property
    def kind(self) -> Literal["entered", "left"]:
        return "entered" if self.number % 2 else "left"

    @property
    def message_id(self) -> str:
        """The header webhook-id: the same for each attempt, and for no other message."""
        name = f"{self.hook}.{self.picture}.{self.number}"
        return f"msg_{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"

    def body(self, album: str) -> str:
        """The message. It is the same at each attempt."""
        data = {"album": album, "picture": self.picture, "uri": self.uri, "change": self.number}
        message = {"type": f"album.picture.{self.kind}", "timestamp": iso(self.made_at), "data": data}
        return json.dumps(message, separators=(",", ":"))

    def after_failure(self, answer: str, now: int, chance: float) -> Delivery:
        """Return the delivery after an attempt that failed: it waits for the next one, or it has failed for good.

        `chance` is 0 to 1. The last attempt is a day after the first one, however long the pauses are.
        """
        first = now if self.first_at is None else min(self.first_at, now)
        tried = replace(self, tries=self.tries + 1, first_at=first, answer=answer[:LONGEST_ANSWER])
        if now >= first + DAY:
            return replace(tried, failed_at=now, again=False)
        return replace(tried, due_at=min(now + pause(tried.tries, chance), first + DAY))

    def once_more(self, now: int) -> Delivery:
        """Return the failed delivery as one that is sent again, with a day of attempts before it."""
        return replace(self, tries=0, first_at=None, failed_at=None, due_at=now, again=True)


def pause(tries: int, chance: float) -> int:
    """Return the milliseconds between an attempt, which was the `tries`th, and the next one."""
    longest = min(FIRST_PAUSE << min(tries - 1, 16), LONGEST_PAUSE)
    return round(longest * (1 - chance / 2))


def due(waiting: list[Delivery], now: int) -> list[Delivery]:
    """Return what may be sent now, the longest due first: of each picture only the first message that waits, because
    the next one must not overtake it.

    What is due later than any pause lasts was written by a worker whose clock was wrong, and is due now.
    """
    first: dict[str, Delivery] = {}
    for delivery in waiting:
        if delivery.failed_at is None:
            earlier = first.get(delivery.picture)
            if earlier is None or delivery.number < earlier.number:
                first[delivery.picture] = delivery
    return sorted(
        (one for one in first.values() if not now < one.due_at <= now + LONGEST_PAUSE),
        key=lambda one: (one.due_at, one.key),
    )


def new_secret() -> str:
    """Return a secret in the form of the Standard Webhooks specification, with 32 random bytes."""
    return f"whsec_{b64encode(token_bytes(32)).decode()}"


def checked_url(url: str, anywhere: bool) -> str:
    """Return the address if it may be one of a receiver; ValueError says why not and what to do.

    An address that is numeric must be one of the public internet. Where a name leads is looked at whenever the receiver
    is called. `anywhere` allows http and private networks too.
    """
    if len(url) > LONGEST_URL or not all("!" <= letter <= "~" for letter in url):
        raise ValueError(f"the address has at most {LONGEST_URL:,} characters, all of them printable ASCII")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"this is no address: {error}") from None
    if parts.scheme == "http" and not anywhere:
        raise ValueError(
            "the address must begin with https:// (on your own machine, IMAGELABELS_WEBHOOK_RECEIVERS=any allows http://)"
        )
    if parts.scheme not in ("https", *(("http",) if anywhere else ())) or not parts.hostname or port == 0:
        raise ValueError("the address must begin with https:// and name a host, as https://example.com/hook")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the address must not hold a user or a password: put a secret into its path instead")
    _check_host(f"[{parts.hostname}]" if "[" in parts.netloc else parts.hostname, anywhere)
    return url.partition("#")[0]


def _check_host(host: str, anywhere: bool) -> None:
    """Raise ValueError for what is no name of a host, and for a numeric address that no webhook would ever be sent to.
    A name whose last part is a number is none: it was meant as an address."""
    address = numeric(host.strip("[]"))
    if address is None and (len(host) > LONGEST_HOST or not _NAME.fullmatch(host) or _NUMBER.fullmatch(host)):
        raise ValueError(f"{host[:100]} is no name of a host: write the address as https://example.com/hook")
    if address is None or is_allowed(address, anywhere):
        return
    cure = (
        " (on your own machine, IMAGELABELS_WEBHOOK_RECEIVERS=any allows private networks)"
        if is_allowed(address, anywhere=True)
        else ""
    )
    raise ValueError(
        f"{host} is not an address of the public internet, and no webhook is sent to others: name a receiver that "
        f"everybody can reach{cure}"
    )


def host_of(url: str) -> str:
    """Return what may be logged of an address: the rest may be a secret."""
    return urlsplit(url).hostname or ""
