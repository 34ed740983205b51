"""What a route works with: what is asked, and who asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_lambda_powertools.event_handler import Request

from imagelabels.api.problems import Problem
from imagelabels.domain.budget import UNLIMITED, Limits
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.usecases.gallery import EVERYTHING, Gallery
from imagelabels.usecases.scopes import covers

if TYPE_CHECKING:
    from imagelabels.ports import Budget
    from imagelabels.ports.albums import Albums
    from imagelabels.ports.changes import Changes
    from imagelabels.ports.tokens import Tokens
    from imagelabels.ports.webhooks import Webhooks
    from imagelabels.usecases.again import Redriver
    from imagelabels.usecases.correct import Said
    from imagelabels.usecases.why import Reasons


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what they may see and do."""

    id: str
    """The limit on requests is counted for this name."""
    within: tuple[str, ...] = EVERYTHING
    """Prefixes of URIs: nothing else exists for the caller."""
    may_write: bool = False
    feed: str | None = None
    """The id of the album whose feed the caller may read. Such a caller may do nothing else."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes ask and do. What is None is switched off."""

    gallery: Gallery
    albums: Albums
    changes: Changes
    now: Callable[[], int]
    """The time in milliseconds since 1970."""
    webhooks: Webhooks | None = None
    anywhere: bool = False
    """Receivers of webhooks may be in private networks."""
    small: Callable[[ImageRecord, int], str | bytes] | None = None
    """Returns the address of a small copy of a picture, or the copy itself; ValueError says why there is none."""
    correct: Callable[[ObjectRef, Said], ImageRecord] | None = None
    why: Callable[[ObjectRef], Reasons] | None = None
    redriver: Redriver | None = None
    """Lets pictures be tried again that stand still."""
    budget: Budget | None = None
    """Counts the calls of detectors."""
    limits: Limits = UNLIMITED
    """How often the settings of this process let a detector be called."""
    detectors: Collection[str] = ()
    """The names of all detectors that may have been called."""
    call_price: str | None = None
    """What a call costs, such as 0.000142 USD."""
    tokens: Tokens | None = None
    """Secrets of feeds are made and revoked here."""
    site: str = ""
    """Addresses that are sent to others begin so: https://photos.example. Empty: the name that the client asked."""
    has_page: bool = False
    """Whether people can look at pictures and albums in a browser at the same addresses, without /v1."""


@dataclass(frozen=True, slots=True)
class Here:
    """The services, and the caller of one request."""

    services: Services
    caller: Caller

    @property
    def within(self) -> Sequence[str]:
        """The prefixes of URIs that the caller may see."""
        return self.caller.within

    @property
    def sees_all(self) -> bool:
        """Whether the caller may see every picture of the index."""
        return covers(self.caller.within, EVERYTHING)

    def check_may_write(self) -> None:
        """Refuse a caller that may only read."""
        if not self.caller.may_write:
            raise Problem(403, "read_only", "this changes something: ask with a token that has the scope write")


def here(request: Request) -> Here:
    """Return what the route of this request works with."""
    found = request.context["here"]
    assert isinstance(found, Here)
    return found
