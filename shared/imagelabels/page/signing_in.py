"""Lets people sign in and out: a browser gives its token once, and sends it in a cookie from then on."""

from __future__ import annotations

from imagelabels.api.problems import Problem
from imagelabels.domain.tokens import is_secret
from imagelabels.page import answers, visitors
from imagelabels.page.answers import Answer, own
from imagelabels.page.visit import Visit


def login(visit: Visit) -> Answer:
    """Take a token, and give it to the browser in a cookie that no script can read and no other site can send. On this
    machine the address may bring the token, as the one does that the demo prints. A function takes it from the form
    only: addresses stand in logs and histories, and another site could sign somebody in with a token of its own."""
    given = visit.form or ({} if visit.is_https else visit.query)
    secret, to = given.get("token", "").strip(), own(given.get("to", "/"))
    if not secret:
        return ask_token(visit, to)
    try:
        if not is_secret(secret):
            raise Problem(401, "no_token", "")
        visit.enter(visitors.with_token({**visit.event, "headers": {}}, secret))
    except Problem as problem:
        if problem.status != 401:
            raise
        return ask_token(visit, to, wrong=True)
    return answers.see(to, {"Set-Cookie": visitors.set_cookie(visit.event, secret)})


def logout(visit: Visit) -> Answer:
    """Make the browser forget its token."""
    return answers.see("/", {"Set-Cookie": visitors.set_cookie(visit.event, "")})


def ask_token(visit: Visit, to: str, wrong: bool = False) -> Answer:
    """Ask for a token; `to` is where the browser goes then."""
    return visit.show("login.html", status=401, view="", to=to, wrong=wrong)
