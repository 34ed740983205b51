"""The feeds of an album: people make one to share the album, and revoke it."""

from __future__ import annotations

from imagelabels.api.feeds.addresses import base
from imagelabels.api.problems import not_there
from imagelabels.api.routes.feeds import addresses
from imagelabels.page import albums, answers
from imagelabels.page.answers import Answer
from imagelabels.page.visit import Refusal, Visit
from imagelabels.usecases import feeds as use


def back(visit: Visit, album_id: str) -> Answer:
    """Lead a browser that asks for the answer to a form again, as when its language is switched, to the album."""
    return answers.see(f"/albums/{album_id}")


def feeds(visit: Visit, album_id: str) -> Answer:
    """Make a feed or revoke one. The addresses of a new feed are shown in this answer and nowhere else, since only the
    hash of the secret in them is kept; so the browser is not sent on to another address."""
    visit.here.check_may_write()
    services = visit.here.services
    if services.tokens is None:
        raise Refusal(403, "switched_off", visit.text.t("share_off"))
    if services.albums.get(album_id) is None:
        raise not_there("album")
    if visit.form.get("do") == "revoke":
        if not use.revoke(services.tokens, visit.form.get("feed", ""), services.now(), album_id, visit.here.within):
            raise not_there("feed")
        return answers.see(f"/albums/{album_id}")
    beginning = base(services.site, visit.event["headers"])
    name = visit.form.get("name", "")
    _, secret = use.share(services.tokens, album_id, name, visit.here.within, services.now())
    answer = albums.album(visit, album_id, addresses(beginning, album_id, secret))
    return answer | {"headers": answer["headers"] | {"Cache-Control": "no-store"}}
