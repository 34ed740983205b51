"""Pages of other sites may ask the API only if their sites are named."""

from __future__ import annotations

import pytest

from imagelabels.api.app import Answer, Api
from imagelabels.api.cors import Cors
from imagelabels.api.limits import RateLimit
from imagelabels.domain.errors import Misconfigured
from imagelabels.page.site import Page
from imagelabels.settings import load
from tests.api import world
from tests.api.world import Site, event, seen

ALBUM = "https://album.example"
ASKS = {"origin": ALBUM, "access-control-request-method": "PUT", "access-control-request-headers": "authorization"}


def asked(origins: tuple[str, ...], method: str, headers: dict[str, str], address: str = "/v1/pictures") -> Answer:
    site = Site()
    site.has("a.jpg", seen("dog"))
    limit = RateLimit(99, lambda: 0.0)
    api = Api(site.services, lambda _: site.caller, limit, Page(world.WORDS.taxonomy), cors=Cors(origins))
    return api.answer(event(method, address, headers))


def allowed(answer: Answer) -> list[str]:
    return sorted(name for name in answer["headers"] if name.startswith("Access-Control-"))


def test_no_site_may_ask_unless_one_is_named() -> None:
    assert asked((), "OPTIONS", ASKS)["statusCode"] == 405
    answer = asked((), "GET", {"origin": ALBUM})
    assert (answer["statusCode"], allowed(answer), "Origin" in answer["headers"]["Vary"]) == (200, [], False)


def test_a_page_of_a_named_site_may_ask_and_read_the_answer() -> None:
    preflight = asked((ALBUM,), "OPTIONS", ASKS)
    assert (preflight["statusCode"], preflight["body"]) == (204, "")
    assert preflight["headers"]["Access-Control-Allow-Origin"] == ALBUM
    assert "PUT" in preflight["headers"]["Access-Control-Allow-Methods"]
    assert "Authorization" in preflight["headers"]["Access-Control-Allow-Headers"]
    answer = asked((ALBUM,), "GET", {"origin": ALBUM})
    assert answer["headers"]["Access-Control-Allow-Origin"] == ALBUM
    assert "ETag" in answer["headers"]["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://album.example", f"{ALBUM}.evil.example", "null", ""]
)
def test_a_page_of_another_site_may_read_nothing(origin: str) -> None:
    for answer in (asked((ALBUM,), "OPTIONS", {**ASKS, "origin": origin}), asked((ALBUM,), "GET", {"origin": origin})):
        assert allowed(answer) == []
        assert "Origin" in answer["headers"]["Vary"], "a cache would give one site's answer to another"


def test_an_error_can_be_read_too() -> None:
    answer = asked((ALBUM,), "GET", {"origin": ALBUM}, "/v1/pictures?labels=dog")
    assert (answer["statusCode"], answer["headers"]["Access-Control-Allow-Origin"]) == (400, ALBUM)


def test_every_site_may_ask_only_if_that_is_chosen_and_no_cookie_is_sent_along() -> None:
    answer = asked(("*",), "GET", {"origin": "https://any.example"})
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    for origins in ((ALBUM,), ("*",)):
        for method in ("OPTIONS", "GET"):
            assert "Access-Control-Allow-Credentials" not in asked(origins, method, ASKS)["headers"]


def test_no_other_site_reads_the_page() -> None:
    assert allowed(asked((ALBUM,), "GET", {"origin": ALBUM}, "/")) == []


def test_the_setting_names_origins_with_commas_between_them() -> None:
    environ = {"IMAGELABELS_CORS_ORIGINS": f"{ALBUM}, http://localhost:3000,http://[::1]:8080"}
    assert load(environ).origins() == (ALBUM, "http://localhost:3000", "http://[::1]:8080")
    assert load({}).origins() == ()
    assert load({"IMAGELABELS_CORS_ORIGINS": "*"}).origins() == ("*",)


@pytest.mark.parametrize("wrong", ["album.example", f"{ALBUM}/", "https://*.example", "HTTPS://A", f"{ALBUM} {ALBUM}"])
def test_what_is_no_origin_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(Misconfigured, match=r"IMAGELABELS_CORS_ORIGINS.*is no origin"):
        load({"IMAGELABELS_CORS_ORIGINS": wrong})
