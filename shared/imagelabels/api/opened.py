"""Opens what the API works with, by the settings in the environment."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from imagelabels import clouds, opening
from imagelabels import settings as all_settings
from imagelabels.api.app import Answer, Api, Event, Site, faulty
from imagelabels.api.auth import Bearers
from imagelabels.api.copies import Copies
from imagelabels.api.correcting import Correcting
from imagelabels.api.cors import Cors
from imagelabels.api.guesses import Guesses
from imagelabels.api.here import Services
from imagelabels.api.limits import RateLimit
from imagelabels.domain import taxonomy
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.moments import now
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.ports.tokens import Tokens
from imagelabels.usecases.gallery import Gallery

if TYPE_CHECKING:
    from imagelabels.usecases.again import Giver
    from imagelabels.usecases.tools import Tools

PER_MINUTE = 600
"""Each caller may ask so often, unless another limit is set."""

WRONG_PER_MINUTE = 30
"""So many wrong tokens and secrets of feeds are looked up for each address."""


def served(
    url: str | None = None,
    public: bool = False,
    site: Callable[[Taxonomy], Site] | None = None,
    address: str = "",
    giver: Giver | None = None,
) -> Api:
    """Open the API for this machine, which also asks the stores with the keys in the environment. `site` makes the
    page beside it. `address` is what the addresses in feeds begin with; empty: the name that each client asked. `giver`
    hands pictures that are to be tried again to functions; without it they wait for the timer."""
    from imagelabels.api.stores import Stores, session  # A function has no use for what these two load.

    opened, tokens = services(url)
    at = Stores(url)
    in_clouds = [store.scheme for store in clouds.stores() if store.buckets]
    opened = _redriving(opened, in_clouds, at.tools, giver)
    asking = replace(opened, small=Copies(session).small, correct=at.correct, why=at.why)
    asking = replace(asking, tokens=tokens, site=address, has_page=site is not None)
    page = site(opened.gallery.words.taxonomy) if site is not None else None
    return _api(asking, Bearers(tokens, now, public), page)


def services(url: str | None = None, session: clouds.Session | None = None) -> tuple[Services, Tokens]:
    """Open the index behind a URL, or behind IMAGELABELS_INDEX. A function's `session` brings the keys."""
    settings = all_settings.load(os.environ)
    index = opening.index(url or settings.index, os.environ, session)
    label_index = index.label_index()  # Unlike a ledger, it makes no new file.
    ledger = index.ledger()
    gallery = Gallery(label_index, ledger, opening.words(settings))
    webhooks, anywhere = index.webhooks(), settings.webhook_receivers == "any"
    built = Services(gallery, index.albums(), index.changes(), now, webhooks, anywhere)
    limits, price = settings.limits(), settings.call_price
    built = replace(built, budget=ledger, limits=limits, detectors=tuple(clouds.detectors()), call_price=price)
    return built, index.tokens()


def answer(scheme: str, site: Callable[[Taxonomy], Site], event: Event, brought: Any = None) -> Answer:
    """Answer a request to a deployed function, which opens the API once for each instance. `site` makes the page beside
    it, and `brought` is what the event brought for the cloud of that store.

    If a setting is wrong, or if the index cannot be opened, only the log tells it: the platform would show the error
    and its traceback to whoever asked.
    """
    try:
        opened, session = _built(scheme, site)
        session.refresh(brought, os.environ)
    except Exception:  # Whatever a wrong setting raises, the platform would show it; faulty() logs it.
        return faulty(_page(site), event)
    return opened.whole(event)


def _page(site: Callable[[Taxonomy], Site]) -> Site | None:
    """Return the page, which tells people of a fault; None if it cannot be made either."""
    with suppress(Exception):
        return site(taxonomy.load(clouds.vocabularies()))
    return None


@cache
def _built(scheme: str, site: Callable[[Taxonomy], Site]) -> tuple[Api, clouds.Session]:
    provider = clouds.provider_of(scheme)
    if provider.connect is None:
        raise Misconfigured(f"no function reads {scheme}://")
    session = provider.connect(all_settings.of(provider, os.environ))
    opened, tokens = services(session=session)
    asking = replace(opened, small=Copies({scheme: session}.__getitem__).small, has_page=True)
    if all_settings.load(os.environ).corrections == "on":
        by = Correcting(scheme, session)
        asking = replace(asking, correct=by.correct, why=by.why)
        asking = _redriving(asking, [scheme], by.tools)
    page = site(opened.gallery.words.taxonomy)
    return _api(asking, Bearers(tokens, now), page), session


def _redriving(
    services: Services, stores: Collection[str], tools: Callable[[str], Tools], giver: Giver | None = None
) -> Services:
    """Let pictures of these stores be tried again."""
    from imagelabels.usecases.again import Redriver  # A function that only reads has no use for it.

    assert services.budget is not None
    at = services.gallery, services.budget, time
    return replace(services, redriver=Redriver(*at, stores, services.detectors, tools, giver))


def _api(services: Services, bearers: Bearers, page: Site | None) -> Api:
    cors = Cors(all_settings.load(os.environ).origins())
    guesses = Guesses(WRONG_PER_MINUTE, time.monotonic)
    return Api(services, bearers, RateLimit(PER_MINUTE, time.monotonic), page, guesses, cors)
